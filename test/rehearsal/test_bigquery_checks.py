"""The job's own classes on the emulators: BigQuery's checks before publishing, tables that grow, and the object of the
lock in Cloud Storage.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import sysconfig
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts/local"), str(ROOT / "pyspark-jobs"), str(ROOT / "test/job/support")]

from odd_lines import messages  # noqa: E402
from sales_rows import inserts, random_lines, tables  # noqa: E402
from write_report import local_document  # noqa: E402

from sales_job.base.sales_columns import READ_COLUMNS  # noqa: E402
from sales_job.warehouse.duckdb import DuckDbWarehouse  # noqa: E402


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
    cost = ["10485760", "1.5", "4200.25", "0.412"]
    runs = [[str(one) for one in row] for row in plain(found["runs"])]
    assert runs == [["friday", *cost], ["thursday", *["None"] * 4]]
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
    assert found["without tables"].endswith("sales.arrivals does not exist: deploy the stack")
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


OPERATIONS = (
    # A closed day: messages came for the same weekday one, two and three weeks later.
    "INSERT INTO arrivals (arrival) VALUES ('2026-03-06')",
    "INSERT INTO etl_runs (run_id, status, started_at, finished_at, rows_read, rows_loaded, rows_duplicate, "
    "rows_quarantined, unmatched_products, unmatched_stores, seconds) VALUES ('a', 'done', "
    "TIMESTAMP '2026-04-03 01:00:00', TIMESTAMP '2026-04-03 02:00:00', 5, 4, 0, 1, 0, 0, 2.5)",
    # The second is too old for the page.
    "INSERT INTO quarantined_sales (transaction_id, reason, source_file, run_id, quarantined_at, arrival) VALUES "
    "('T1', 'no store_id', 'f', 'a', TIMESTAMP '2026-04-03 01:30:00', '2026-04-02'), "
    "('T0', 'no product_id', 'f', 'a', TIMESTAMP '2026-03-06 23:59:59', '2026-01-02')",
    # Four Mondays of 1000 lines, and one of 100.
    "INSERT INTO daily_profile (transaction_date, line_count, revenue, guest_lines, late_lines, "
    "transactions_by_store, lines_by_category) VALUES "
    + ", ".join(
        f"(DATE '2026-03-{day:02}', {lines}, 500, 0, 0, '{{\"S1\": 30}}', '{{\"Home\": 9}}')"
        for day, lines in ((2, 1000), (9, 1000), (16, 1000), (23, 1000), (30, 100))
    ),
)


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Rows of the views and documents of the report, made on the emulator."""
    made: dict[str, Any] = on_the_emulator("bigquery_views.py", tmp_path_factory.mktemp("views"), OPERATIONS)
    return made


def test_views_over_random_rows_are_those_of_plain_python(views: dict[str, Any]) -> None:
    """The same rows are in test/job/serving/test_customer_and_product_views.py, in DuckDB."""
    for view, expected in views["expected"].items():
        assert len(expected) > 3, view
        assert views["found"][view] == expected, view


def test_the_report_has_one_document_in_both_warehouses(views: dict[str, Any], tmp_path: Path) -> None:
    """Of the same random rows; also where a limit of bytes leaves out what reads sales lines."""
    made = DuckDbWarehouse(tmp_path)
    made.prepare(made.changes())
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for statement in (*inserts(tables(random_lines(7, 500))), *OPERATIONS):
            connection.execute(statement)
        insert_messages(connection)
    for most, document in zip((None, 0), views["documents"], strict=True):
        assert document == json.loads(json.dumps(local_document(tmp_path / "warehouse.duckdb", most)))
    everything, limited = views["documents"]
    assert everything["quality"]["reasons"] == [{"reason": "no store_id", "lines": 1}]
    assert everything["quality"]["unusual"]["days"] == [
        {"day": "2026-03-30", "found": "100 lines", "usual": "1,000 lines"}
    ]
    assert everything["sales"]["left_out"]["parts"] == []
    assert limited["sales"]["left_out"]["parts"] == ["categories", "customers", "today", "segments", "cohorts"]
    today = everything["sales"]["today"]
    assert len(today["day"]) == len(today["store_id"]) > 3
    assert any(today["last_message"])
    assert any(today["compared"])


def test_views_over_messages_have_the_rows_that_they_have_here(views: dict[str, Any], tmp_path: Path) -> None:
    """What the tests in test/job/streaming hold to plain Python and to the job, in DuckDB."""
    for view, rows in streamed_views(tmp_path / "duckdb").items():
        assert len(rows) > 30, view
        assert views["found"][view] == rows, view


def insert_messages(connection: duckdb.DuckDBPyConnection) -> None:
    """As bigquery_views.py does: one a second."""
    names = ", ".join(("publish_time", "message_id", *READ_COLUMNS))
    connection.executemany(
        f"INSERT INTO streamed_sales ({names}) "
        "VALUES (TIMESTAMP '2026-04-03 04:00:00' + to_seconds(?), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, str(number), *texts) for number, texts in enumerate(messages())],
    )


def streamed_views(folder: Path) -> dict[str, list[list[str | None]]]:
    """The rows of the views over messages in the local warehouse, as bigquery_views.py prints them."""

    def plain(value: Any) -> str | None:
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        if isinstance(value, dt.datetime):
            return f"{value:%Y-%m-%d %H:%M:%S}"
        return None if value is None else str(value)

    warehouse = DuckDbWarehouse(folder)
    folder.mkdir()
    warehouse.prepare(warehouse.changes())
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for statement in inserts(tables(random_lines(7, 500))):
            connection.execute(statement)
        insert_messages(connection)
        return {
            view: sorted([list(map(plain, row)) for row in connection.execute(f"FROM {view}").fetchall()], key=str)
            for view in ("sales_today", "streamed_quarantine")
        }
