"""`npm run advise`: the runs of a local warehouse as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb


def main(warehouse: str) -> int:
    """Writes the runs to standard output."""
    file = Path(warehouse, "warehouse.duckdb")
    if not file.is_file():
        print(
            f"error: --warehouse {warehouse}: there is no warehouse.duckdb in it: fill it with `npm run etl` first",
            file=sys.stderr,
        )
        return 2
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute("SELECT status, started_at, finished_at FROM etl_runs ORDER BY started_at").fetchall()
    runs = [{"status": status, "started_at": str(start), "finished_at": str(end)} for status, start, end in rows]
    print(json.dumps({"runs": runs}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
