"""The job's own classes on the emulators: BigQuery's checks before publishing, tables that grow, and the object of the
lock in Cloud Storage.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sysconfig
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def on_the_emulator(program: str, folder: Path, given: object = None) -> Any:
    """Runs a program beside this file in the emulators' environment; returns what it prints.

    Args:
        given: what it reads on standard input, as JSON.
    """
    subprocess.run(["node", str(ROOT / "scripts/setup.mjs"), "emulators"], check=True, capture_output=True)
    # PySpark's packages come after the emulators' own, which win.
    path = f"import sys; sys.path.append({sysconfig.get_path('purelib')!r}); sys.argv[:] = sys.argv[1:]; "
    run = "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
    python, file = str(ROOT / ".venv/emulators/bin/python"), str(Path(__file__).with_name(program))
    done = subprocess.run(
        [python, "-c", path + run, file, str(folder)],
        input=json.dumps(given), capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def plain(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows whose texts of decimals have no zeros behind the number."""
    number = re.compile(r"-?\d+(\.\d+|E-\d+)")
    return [[f"{Decimal(one).normalize():f}" if number.fullmatch(str(one)) else one for one in row] for row in rows]


def test_a_check_that_fails_is_rolled_back_and_its_results_are_kept(tmp_path: Path) -> None:
    found = on_the_emulator("bigquery_publications.py", tmp_path)
    thursday, spoiled, friday, killed = found["outcome"]
    assert (thursday, friday) == ("done", "done")
    # A later run took the id of its publication.
    assert killed == "BigQuery local-project.sales: nothing is published: a later run gave this one up"
    assert found["left"] == []
    assert spoiled.startswith("nothing is published, these checks do not hold: ")
    wrong = "revenue_of_days (the revenue of the touched days is that of their lines: 12.01 = 12 is not so)"
    assert wrong in spoiled
    assert found["between"] == [["2026-01-01", "10.500000000"]]
    figures = {
        "daily_figures": [
            # T1 and T2, then T3 and T4: publications.py adds them up.
            ["2026-01-01", "S1", "10.5", "3", 2, "4", "0", "0", 2, 0, 0],
            ["2026-01-02", "S1", "3", "1", 1, "1", "0", "0", 1, 0, 0],
            ["2026-01-02", "S2", "9", "2", 1, "2", "0", "0", 1, 0, 0],
        ],
        # Thursday is published already.
        "store_products": [
            ["S1", "P1", 1, "1", "3", "1", "3", 1, "0", "0"],
            ["S2", "P2", 1, "2", "9", "2", "4.5", 1, "0", "0"],
        ],
    }
    assert [{name: plain(rows) for name, rows in one.items()} for one in found["computed"]] == [figures, figures]
    assert found["runs"] == [["friday"], ["thursday"]]
    assert found["kept"] == [["friday", 46, 46], ["spoiled", 46, 42], ["thursday", 46, 46]]
    failed = {name: (Decimal(value), Decimal(limit)) for name, value, limit in found["failed"]}
    assert failed == {
        "revenue_of_days": (Decimal("12.01"), Decimal("12")),
        "revenue_of_product_days": (Decimal("12"), Decimal("12.01")),
        "revenue_of_products": (Decimal("22.5"), Decimal("22.51")),
        "revenue_of_stores": (Decimal("22.5"), Decimal("22.51")),
    }


def test_a_dataset_of_an_earlier_version_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    found = on_the_emulator("bigquery_growth.py", tmp_path)
    assert found["without tables"].endswith("sales.daily_product_sales does not exist: deploy the stack")
    assert found["grown"] == "done"
    assert found["columns"][-1] == ["store_location", "STRING", "NULLABLE"]
    assert len(found["columns"]) == 11
    # Nothing came back before returns were known.
    ((store, *numbers),) = found["rows"]
    assert (store, [Decimal(number) for number in numbers]) == ("S1", [1, 0, 0])
    assert found["state"]["line_versions"] == [
        ["transaction_date", "DATE", "REQUIRED"],
        ["version", "STRING", "REQUIRED"],
        ["customer_key_id", "STRING", "NULLABLE"],
    ]
    assert found["state"].keys() == {"arrival_dates", "customer_stores", "line_versions", "store_products"}
    assert found["again"] == []
    assert found["removed"].startswith("line_versions.note exists, but is not declared any more")


def test_the_object_of_the_lock_is_written_by_who_has_seen_it_last(tmp_path: Path) -> None:
    found = on_the_emulator("lock_object.py", tmp_path)
    assert found["first"] == [None, True]
    assert found["read"] == ["one", True]
    assert found["a second that saw nothing"] is None
    assert found["a second that saw it"] is True
    assert found["read again"] == ["two", True]
    assert found["removed"] is None


def test_views_over_random_rows_are_those_of_plain_python(tmp_path: Path) -> None:
    """The same rows are in test/job/test_customer_and_product_views.py, in DuckDB."""
    result = on_the_emulator("bigquery_views.py", tmp_path)
    for view, expected in result["expected"].items():
        assert len(expected) > 3, view
        assert result["found"][view] == expected, view
