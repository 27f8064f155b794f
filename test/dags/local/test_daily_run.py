"""The DAG run by real Airflow, with real Spark and PostgreSQL, on lakes written here; figures worked out by hand."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from log_metrics import found
from sandbox import HEADER, JOB_PYTHON, ROOT, FirstDay, Sandbox

from rehearsal.report_page import document

COST_METRICS = ("sales_bytes_billed", "sales_slot_seconds", "sales_worker_seconds", "sales_cost_usd")


@pytest.fixture(scope="module")
def sandbox(first_day: FirstDay, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A warehouse with one day in it; every test leaves its tables as they are."""
    return first_day.sandbox.copy(tmp_path_factory.mktemp("dag"))


def test_a_day(sandbox: Sandbox, first_day: FirstDay) -> None:
    summary = first_day.run.summary
    assert summary["status"] == "done"
    assert {name: summary[name] for name in summary if name.startswith(("rows_", "unmatched_"))} == {
        "rows_read": 45,
        "rows_loaded": 43,
        "rows_duplicate": 1,
        "rows_quarantined": 1,
        "unmatched_products": 0,
        "unmatched_stores": 0,
    }
    assert (summary["revenue_added"], summary["gross_profit_added"]) == (53, -33.4)
    tables = sandbox.tables()
    none = ("0E-9", "0E-9")  # returned
    # Day: 6 + 5 + 40 = 51; profit 3 x 0.90 + 3.00 + 40 x (1.00 - 2.00) = -34.30. Late day: 2.00, 0.90.
    assert tables["daily_sales_summary"] == [
        ["2026-03-02", "S1", "Main Street", "Austin, TX", "2.000000000", "1.000000000", 1, 0, "0.900000000", *none],
        [
            "2026-03-03",
            "S1",
            "Main Street",
            "Austin, TX",
            "51.000000000",
            "44.000000000",
            41,
            1,
            "-34.300000000",
            *none,
        ],
    ]
    assert [row[:5] for row in tables["product_performance"]] == [
        ["P1", "Soap", "Home", "8.000000000", "4.000000000"],
        ["P2", "Green tea", "Food", "45.000000000", "41.000000000"],
    ]


def test_what_comes_after_the_tables(sandbox: Sandbox) -> None:
    source = sandbox.lake / "sales_data/dt=2026-03-03/day.csv"
    copy = sandbox.warehouse / "archives/monthly/2026-03/dt=2026-03-03/day.csv"
    assert copy.read_bytes() == source.read_bytes()
    # Two days are too few for a forecast.
    query = "SELECT store_id, reason FROM forecast_accuracy ORDER BY store_id"
    program = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchall())"
    command = [JOB_PYTHON, "-c", program, str(sandbox.warehouse / "warehouse.duckdb"), query]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == "[('*', 'no store has a forecast'), ('S1', '2 days of history, 56 are needed')]\n"
    # Revenue by day: 2.00 of the late line, 51.00 of the day, without the decimals that neither has.
    figures = document(
        (sandbox.warehouse / "report.html").read_text(), (ROOT / "dist/report_template.html").read_text()
    )
    assert figures["sales"]["days"] == ["2026-03-02", "2026-03-03"]
    assert figures["sales"]["store_days"]["revenue"] == {"decimals": 0, "limbs": [[2, 51]]}
    sent = sandbox.notifications()[0]
    # The sandbox is a copy of the one of the run.
    assert sent["report"].endswith("/warehouse/report.html")
    assert (sent["status"], sent["days"], sent["rows_loaded"]) == ("done", "2026-03-03", 43)


def test_the_metrics_of_the_stack_take_the_line_that_the_run_wrote(
    sandbox: Sandbox, first_day: FirstDay, dev_stack: dict[str, Any]
) -> None:
    # Named after the logical date, the day after the one that is taken.
    log = (sandbox.warehouse / "airflow/logs/2026-03-04.log").read_text()
    (line,) = [line for line in log.splitlines() if '"event":' in line]
    assert found(dev_stack, "textPayload", line) == {
        "sales_pipeline_runs": ({"status": "done"}, None),
        "sales_rows_read": ({}, "45"),
        "sales_rows_loaded": ({}, "43"),
        "sales_rows_duplicate": ({}, "1"),
        "sales_rows_quarantined": ({}, "1"),
        # 1 of 45.
        "sales_quarantined_percent": ({}, "2.22"),
        "sales_revenue_added": ({}, "53.0"),
        "sales_gross_profit_added": ({}, "-33.4"),
        "sales_run_seconds": ({}, str(first_day.run.summary["seconds"])),
        # Nobody bills a run here; a line without the number adds no point.
        **dict.fromkeys(COST_METRICS, ({}, None)),
    }


def test_the_same_day_again_changes_nothing(sandbox: Sandbox) -> None:
    before = sandbox.tables()
    assert sandbox.daily("2026-03-03").code == 0
    assert sandbox.tables() == before
    assert len(list((sandbox.warehouse / "archives").rglob("*.csv"))) == 1


def test_a_day_without_arrival_is_skipped_with_a_notification(sandbox: Sandbox) -> None:
    before = sandbox.tables()
    done = sandbox.daily("2026-03-05")
    assert (done.code, done.summary["status"], done.summary["rows_read"]) == (0, "no_arrival", 0)
    assert "  run_sales_job" not in done.lines
    assert sandbox.notifications()[-1]["status"] == "no_arrival"
    assert sandbox.tables() == before


def test_refused_input_fails_at_once_with_the_jobs_line(sandbox: Sandbox) -> None:
    before = sandbox.tables()
    sandbox.write("sales_data/dt=2026-03-06/cut.csv", HEADER.replace(",quantity", "") + "\n")
    done = sandbox.daily("2026-03-06")
    assert done.code == 3
    line = "sales_data/dt=2026-03-06/cut.csv: the header lacks quantity"
    assert done.lines[-2].startswith(f"error: run_sales_job: {line}")
    assert done.summary["status"] == "refused"
    assert sandbox.notifications()[-1]["reason"].startswith(line)
    assert sandbox.tables() == before


def test_bad_lines_are_loaded_by_a_run_that_accepts_more_of_them(sandbox: Sandbox) -> None:
    lines = ["T9,P1,S1,1,2.00,2026-03-07,C1", "T9,P1,S1,none,2.00,2026-03-07,C1"]
    sandbox.write("sales_data/dt=2026-03-07/half.csv", "\n".join([HEADER, *lines]) + "\n")
    done = sandbox.daily("2026-03-07", "--max-bad-ratio", "0.5")
    assert (done.code, done.summary["status"]) == (0, "done")
    assert (done.summary["rows_loaded"], done.summary["rows_quarantined"]) == (1, 1)


def test_a_missing_reference_file_is_refused_before_spark_starts(sandbox: Sandbox) -> None:
    path = sandbox.lake / "reference_data/stores.csv"
    path.rename(path.with_suffix(".away"))
    try:
        done = sandbox.daily("2026-03-03")
    finally:
        path.with_suffix(".away").rename(path)
    assert done.code == 3
    assert done.lines[-2].startswith("error: check_reference_data: reference_data/stores.csv is missing")
    assert "  run_sales_job" not in done.lines


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--lake", "L", "--warehouse", "W"], "error: --date is missing"),
        (["--lake", "L", "--warehouse", "W", "--date", "2026-02-30"], "error: --date '2026-02-30' is not a day"),
        (["--lake", "L", "--warehouse", "W", "--date", "2026-02-03"], "error: --lake L: there is no such folder"),
        (["--day", "2026-02-03"], "error: Unknown option '--day'"),
        (
            ["--lake", "L", "--warehouse", "W", "--date", "2026-02-03", "--max-bad-ratio", "half"],
            "error: --max-bad-ratio 'half' is not a share between 0 and 1",
        ),
        (
            ["--dag", "restore_drill", "--warehouse", "W", "--max-bad-ratio", "0.5"],
            "error: --max-bad-ratio: restore_drill takes no such option",
        ),
    ],
)
def test_wrong_arguments(tmp_path: Path, options: list[str], line: str) -> None:
    done = subprocess.run(
        ["node", str(ROOT / "scripts/dag.mjs"), *options], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
