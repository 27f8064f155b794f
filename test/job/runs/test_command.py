"""The job as a command: arguments, exit codes, the summary, the streams."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from first_days import expect, first_days
from harness import Sandbox, job, know_key

from database_utils import Database
from sales_job.base.arguments import CLOUD_OPTIONS, parse
from sales_job.base.errors import ConfigurationError
from sales_job.pipeline.run_history import code_version
from sales_job.targets import local_postgres

pytestmark = pytest.mark.processes

CLOUD = [part for option in CLOUD_OPTIONS for part in (option, "x")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--warehouse is missing"),
        (["--warehouse", "w"], "--lake is missing"),
        (["--lake", "l", "--warehouse", "w", "--start", "2026-01-01"], "--start needs --end"),
        (["--lake", "l", "--warehouse", "w", "--end", "2026-01-01"], "--end needs --start"),
        (
            ["--lake", "l", "--warehouse", "w", "--start", "2026-02-30", "--end", "2026-03-01"],
            "'2026-02-30' is not a day",
        ),
        (["--lake", "l", "--warehouse", "w", "--start", "1.2.2026", "--end", "2026-03-01"], "'1.2.2026' is not a date"),
        (["--lake", "l", "--warehouse", "w", "--start", "2026-01-02", "--end", "2026-01-02"], "is not after --start"),
        (["--lake", "l", "--warehouse", "w", "--start", "2026-01-02", "--end", "2026-01-01"], "is not after --start"),
        (["--lake", "l", "--warehouse", "w", "--max-bad-ratio", "5"], "'5' is not a share"),
        (["--lake", "l", "--warehouse", "w", "--run-id", "a/b"], "'a/b' may hold letters"),
        (["--lake", "l", "--warehouse", "w", "--colour"], "unrecognized arguments: --colour"),
        (["--lake", "l", "--warehouse", "w", "--region", "x"], "--region belongs to a run in the cloud"),
        (["--lake", "gs://b/lake", "--warehouse", "w"], "a run on this machine reads a directory"),
        (["--lake", "l", "--warehouse", "l"], "--warehouse l: lies in the lake l"),
        (["--lake", "l", "--warehouse", "l/out"], "--warehouse l/out: lies in the lake l"),
        (["--lake", "l", "--warehouse", "what?"], "does not open paths with '?'"),
        (["--project-id", "x"], "--region, --data-bucket"),
        (
            ["--lake", "l", "--warehouse", "w", "--rebuild", "--start", "2026-01-01", "--end", "2026-01-02"],
            "--rebuild computes every table again",
        ),
    ],
)
def test_wrong_arguments_are_named(options: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse(options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_arguments_of_the_cloud() -> None:
    arguments = parse([*CLOUD, "--data-bucket", "b", "--start-date", "2026-01-01", "--end-date", "2026-01-02"])
    assert arguments.lake == "gs://b/production_data"
    assert arguments.cloud is not None
    assert arguments.cloud.staging_bucket == "b"
    assert arguments.interval is not None
    assert str(arguments.interval.end) == "2026-01-02"


def test_wrong_arguments_end_with_2_and_one_line(tmp_path: Path) -> None:
    done = job("--lake", str(tmp_path), "--warehouse", str(tmp_path / "w"), "--start", "x", "--end", "2026-01-02")
    assert done.code == 2
    assert done.stderr == "error: argument --start/--start-date: 'x' is not a date written yyyy-MM-dd: see --help\n"
    assert done.summary["status"] == "misconfigured"
    assert not (tmp_path / "w").exists()


def test_a_warehouse_that_cannot_be_made_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = job("--lake", str(tmp_path), "--warehouse", str(tmp_path / "file/w"))
    assert (done.code, len(done.stderr.splitlines())) == (2, 1)


def lineage(warehouse: Path, run_id: str) -> list[dict[str, Any]]:
    """The events that a run has left."""
    return [json.loads(line) for line in (warehouse / f"lineage/{run_id}.jsonl").read_text().splitlines()]


def test_done_ends_with_0_and_a_summary(sandbox: Sandbox, tmp_path: Path) -> None:
    first_days(sandbox)
    know_key(tmp_path / "command")
    done = job("--lake", str(sandbox.lake), "--warehouse", str(tmp_path / "command"), "--run-id", "nightly-1")
    assert done.code == 0, done.stderr
    expect(sandbox, "command")
    summary = done.summary
    assert summary.pop("seconds") > 0
    assert summary == {
        "status": "done",
        "run_id": "nightly-1",
        "rows_read": 8,
        "rows_loaded": 6,
        "rows_duplicate": 2,
        "rows_quarantined": 0,
        "files_passed_over": 0,
        "unmatched_products": 1,
        "unmatched_stores": 1,
        "dates": ["2026-01-01", "2026-01-02", "2026-01-03"],
        "revenue_added": 34.1667,
        "gross_profit_added": 11.5667,
        "warnings": [
            # 1 of 6 lines.
            f"published all the same: unmatched_{name} (few loaded lines are without a row in {name}.csv; they count: "
            "0.166666666 <= 0.05 is not so)"
            for name in ("products", "stores")
        ],
    }
    logged = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert summary["warnings"] == [entry["message"] for entry in logged if entry["severity"] == "WARNING"]
    # Logs are JSON, a line each, and no log line strays to standard output.
    assert len(done.stdout.splitlines()) == 1
    steps = [json.loads(line).get("step") for line in done.stderr.splitlines() if line.startswith("{")]
    assert "publish" in steps
    assert [line for line in done.stderr.splitlines() if not line.startswith("{")] == [
        "read: 8 lines: 6 count, 2 are duplicates, 0 are bad; 0 files passed over",
        "adds: 34.1667 revenue, 11.5667 gross profit, on 3 days from 2026-01-01 to 2026-01-03",
        f"look: npm run report -- --warehouse {tmp_path / 'command'} --out report.html",
    ]
    # All files of the run are under the warehouse.
    names = {path.name for path in (tmp_path / "command").iterdir()}
    assert names == {".lock", "warehouse.duckdb", "processed", "postgres", "tmp", "customer_key", "lineage"}
    events = lineage(tmp_path / "command", done.summary["run_id"])
    assert (events[0]["eventType"], events[-1]["eventType"]) == ("START", "COMPLETE")
    (store,) = [event for event in events if event["job"]["name"] == "sales_analytics.lines" and event["inputs"]]
    read = store["inputs"][0]["inputFacets"]
    assert read["subset"]["inputCondition"]["locations"] == [
        f"{sandbox.lake}/sales_data/dt={day}" for day in ("2026-01-02", "2026-01-03")
    ]
    assert (read["inputStatistics"]["fileCount"], read["inputStatistics"]["rowCount"]) == (2, 8)


def test_a_day_of_bad_lines_alone_ends_with_3_and_is_recorded(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.sales("dt=2026-01-04/bad.csv", [f"T{n},P1,S1,none,1,2026-01-04,C1" for n in range(3)])
    warehouse = tmp_path / "refused"
    day = ("--start", "2026-01-04", "--end", "2026-01-05")
    done = job("--lake", str(sandbox.lake), "--warehouse", str(warehouse), "--run-id", "r1", *day)
    assert done.code == 3
    events = lineage(warehouse, "r1")
    assert [event["eventType"] for event in events] == ["START", "FAIL"]
    assert events[1]["run"]["facets"]["errorMessage"]["message"].startswith("3 of 3 lines are bad")
    kept = warehouse / "refused/r1"
    message = (
        "3 of 3 lines are bad (100.0%, at most 5.0% is loaded): "
        "quantity is not a plain decimal other than 0 (15 digits and 3 decimals at most) in 3 of them, "
        "such as T0,P1,S1,none,1,2026-01-04; "
        f"they are kept in {kept}; correct the source, or allow more with --max-bad-ratio"
    )
    assert done.last_error == f"error: {message}"
    assert [line for line in done.stderr.splitlines() if not line.startswith("{")] == [done.last_error]
    assert (done.summary["status"], done.summary["rows_quarantined"]) == ("refused", 3)
    (lines,) = kept.glob("*.csv")
    assert lines.read_text().count("T1,P1,S1,none,1,2026-01-04,C1,quantity is not a plain decimal") == 1
    assert sandbox.query("SELECT run_id, status, rows_read FROM etl_runs", "refused") == [("r1", "refused", 3)]
    assert sandbox.query("SELECT COUNT(*) FROM daily_sales_summary", "refused") == [(0,)]
    assert sandbox.query("SELECT COUNT(*) FROM quarantined_sales", "refused") == [(0,)]
    checks = sandbox.query("SELECT run_id, check_name, passed, value, expected FROM quality_checks", "refused")
    assert checks == [("r1", "bad_lines", False, 1, Decimal("0.05"))]
    with local_postgres.running(warehouse / "postgres") as address, Database(address) as database:
        query = sa.text(
            "SELECT run_id, status, start_date::TEXT, end_date::TEXT, rows_read, rows_loaded, rows_quarantined, "
            "finished_at > started_at, code_version, error FROM run_history"
        )
        history = database.transaction(lambda connection: [tuple(row) for row in connection.execute(query)])
    assert history == [("r1", "refused", "2026-01-04", "2026-01-05", 3, 0, 3, True, code_version(), message)]
