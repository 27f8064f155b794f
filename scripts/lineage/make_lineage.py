"""Writes ``sales_job/lineage/columns.json``: part of `npm run docs`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "pyspark-jobs"))

import job_lineage  # noqa: E402
from sql_lineage import Dependencies  # noqa: E402

FILE = ROOT / "pyspark-jobs/sales_job/lineage/columns.json"


def content() -> str:
    """The file as it should be."""

    def listed(depends: Dependencies) -> dict[str, list[str]]:
        return {place: sorted(ways) for place, ways in depends.items()}

    found = {
        name: {
            "columns": {column: listed(one.depends) for column, one in relation.columns.items()},
            "rows": listed(relation.rows),
        }
        for name, relation in job_lineage.steps().items()
    }
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(content())
    print(FILE.relative_to(ROOT))
