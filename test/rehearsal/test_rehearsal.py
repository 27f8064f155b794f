"""`npm run rehearse`, and the tables, archive, requests and logs of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "out/rehearsal/run"
sys.path[:0] = [str(Path(__file__).parent), str(ROOT), str(ROOT / "test/data"), str(ROOT / "pyspark-jobs")]

from oracle import CUSTOMER_KEY, Result, compute  # noqa: E402
from plain_python import COMPARED, both, both_of_view  # noqa: E402
from views_oracle import VIEWS  # noqa: E402

from rehearsal.report_page import document  # noqa: E402
from sales_job.tables import catalog  # noqa: E402

TIMEOUT_SECONDS = 900

PAGE = ((RUN, "report.html"), (ROOT / "dist", "report_template.html"))

OTHER_VIEWS = set(VIEWS) - {"daily_revenue", "kpis_daily", "weekly_sales", "monthly_sales"}
"""Views whose rows are compared below, and not counted here."""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The lines that the command printed."""
    done = subprocess.run(
        ["node", str(ROOT / "scripts/rehearse.mjs")], capture_output=True, text=True, timeout=TIMEOUT_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def expected(lines: list[str]) -> Result:
    """The tables of the rehearsed lake, by plain Python."""
    return compute(RUN / "lake")


@pytest.fixture(scope="module")
def tables(lines: list[str]) -> dict[str, list[dict[str, str | None]]]:
    """The rows of the rehearsed dataset, as text."""
    loaded: dict[str, list[dict[str, str | None]]] = json.loads((RUN / "tables.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def loads(lines: list[str]) -> list[dict[str, Any]]:
    """The load jobs that clients requested of BigQuery."""
    log = (RUN / "bigquery.log").read_text().splitlines()
    return [json.loads(line)["load"] for line in log if line.startswith('{"load"')]


def test_it_ends_with_equal_tables_and_their_rows(lines: list[str], expected: Result) -> None:
    """Two runs, each of which keeps the results of the job's checks."""
    summary = json.loads(lines[-1])
    checks = summary["rows"].pop("quality_checks")
    days = {row[:2] for row in expected.daily}
    assert summary["status"] == "equal"
    rows = {name: count for name, count in summary["rows"].items() if name not in OTHER_VIEWS}
    assert rows == {
        "daily_sales_summary": 29,
        "product_performance": 56,
        "store_performance": 9,
        # 183 and 124 lines, and the reference files without their headers.
        "sales_lines": 307,
        "daily_product_sales": len(expected.product_days),
        "daily_profile": len({day for day, _ in days}),
        "products": 60,
        "stores": 8,
        "quarantined_sales": 3,
        "etl_runs": 2,
        "arrivals": 2,
        # No messages: the rows of the days.
        "sales_today": 29,
        "daily_revenue": len({day for day, _ in days}),
        "kpis_daily": len(days),
        "weekly_sales": len({(day.isocalendar()[:2], store) for day, store in days}),
        "monthly_sales": len({(day.year, day.month, store) for day, store in days}),
    }
    assert checks >= 40
    assert checks % 2 == 0


def test_every_line_of_both_days_is_accounted_for(lines: list[str]) -> None:
    """wc -l: 184 lines on the sample's 14 March (two files), 130 on the 15th, without headers."""
    runs = [json.loads(line) for line in lines if line.startswith('{"status": "done"')]
    counts = [(r["rows_read"], r["rows_loaded"], r["rows_duplicate"], r["rows_quarantined"]) for r in runs]
    assert counts == [(184, 183, 0, 1), (130, 124, 4, 2)]


def test_each_run_says_what_its_job_cost(lines: list[str]) -> None:
    """By dev's three e2-standard-2, two of them workers: 0.261018 an hour. The emulator bills no bytes."""
    runs = [json.loads(line) for line in lines if line.startswith('{"status": "done"')]
    assert len(runs) == 2
    for run in runs:
        seconds = run["worker_seconds"] / 2
        assert 0 < seconds <= run["seconds"]
        assert (run["bytes_billed"], run["slot_seconds"]) == (0, 0)
        assert run["cost_usd"] == pytest.approx(0.261018 * seconds / 3600, abs=0.0001)
        assert run["cost_usd"] > 0
        assert [warning for warning in run["warnings"] if "cost" in warning] == []


def test_the_days_run_every_task_of_the_dag(lines: list[str]) -> None:
    tasks = {line.strip() for line in lines if line.startswith("  ")}
    wanted = {"wait_for_arrival", "check_reference_data", "run_sales_job", "refresh_dependents", "archive_arrival"}
    wanted |= {"find_late_files", "start_services", "stop_services", "views_agree", "update_forecast", "write_report"}
    assert tasks >= wanted | {
        "quality_gate.lines_are_accounted_for",
        "quality_gate.totals_agree",
        "notify",
    }


@pytest.mark.parametrize(("table", "attribute"), COMPARED)
def test_the_tables_are_those_of_plain_python(
    tables: dict[str, list[dict[str, str | None]]], expected: Result, table: str, attribute: str
) -> None:
    got, want = both(tables, expected, table, attribute)
    assert got == want


@pytest.mark.parametrize("view", VIEWS)
def test_the_views_are_those_of_plain_python(tables: dict[str, list[dict[str, str | None]]], view: str) -> None:
    got, want = both_of_view(tables, view)
    assert got
    assert got == want


def test_bad_lines_are_kept_as_they_came(tables: dict[str, list[dict[str, str | None]]], expected: Result) -> None:
    got = sorted((row["transaction_id"] or "", row["source_file"]) for row in tables["quarantined_sales"])
    assert got == sorted((row[0], row[8]) for row in expected.quarantined)


def test_the_store_with_eight_weeks_has_a_forecast_and_the_others_a_reason(lines: list[str], expected: Result) -> None:
    """A late line of 11 January gives S06 64 days; a function that repeats the week stands for the model."""
    page, template = ((path / name).read_text("utf-8") for path, name in PAGE)
    sales = document(page, template)["sales"]
    rows = expected.daily
    last = max(day for day, *_ in rows)
    days = {store: (last - min(day for day, at, *_ in rows if at == store)).days + 1 for _, store, *_ in rows}
    assert days["S06"] == 64
    short = {store: f"{count} days of history, 56 are needed" for store, count in days.items() if count < 56}
    assert len(short) == 8
    of_all, *of_stores = sales["forecast"]["accuracy"]
    assert of_all["reason"] is None
    names = sales["stores"]["store_id"]
    assert {names[row["store_id"]]: row["reason"] for row in of_stores} == {**short, "S06": None}
    assert {row["model"] for row in (of_all, *of_stores)} == {"TimesFM 2.5"}
    # 28 days of one store, from the day after the last one.
    assert sales["forecast"]["day"] == list(range(1, 29))
    assert {names[store] for store in sales["forecast"]["store_id"]} == {"S06"}


def test_the_connector_loads_parquet_into_the_very_columns_of_the_staging_tables(loads: list[dict[str, Any]]) -> None:
    """A decimal that is wider than NUMERIC would come as BIGNUMERIC, which no INSERT into NUMERIC takes."""
    loaded = {load["destinationTable"]["tableId"]: load for load in loads if load["sourceFormat"] == "PARQUET"}
    # The name ends with the version of the run: its second, and eight digits.
    version = re.compile(r"_(\d{8}T\d{6}Z_[0-9a-f]{8})$")
    assert len({version.findall(name)[0] for name in loaded}) == 2
    written = {version.sub("", name): load for name, load in loaded.items()}
    # The rest is what the driver knows itself, or what the warehouse adds up.
    assert set(written) == {"staged_quarantined_sales", "staged_sales_lines"}
    for name, load in written.items():
        fields = [f"{field['name']} {field['type']}" for field in load["schema"]["fields"]]
        staged = catalog.table("staged", name.removeprefix("staged_"))
        assert fields == [f"{column.name} {column.type}" for column in staged.columns]
        assert load["writeDisposition"] == "WRITE_TRUNCATE"


def test_the_lineage_of_both_runs_is_sent(lines: list[str]) -> None:
    events = [json.loads(line) for line in (RUN / "lineage.jsonl").read_text().splitlines()]
    ended = [event for event in events if event["eventType"] == "COMPLETE"]
    assert len(events) == 2 * len(ended)
    assert sum(event["job"]["name"] == "sales_analytics" for event in ended) == 2
    made = {output["name"].rpartition(".")[2] for event in ended for output in event["outputs"]}
    assert made >= {"sales_lines", "daily_sales_summary", "kpis_daily"}


def test_the_archive_holds_the_bytes_that_arrived(lines: list[str]) -> None:
    arrived = {path.name: path.read_bytes() for path in (RUN / "lake/sales_data").glob("*/*")}
    archive = next((RUN / "buckets").glob("*-archive")) / "archives/monthly"
    kept = {path.name: path.read_bytes() for path in archive.glob("*/dt=*/*")}
    assert kept == arrived
    assert len(kept) == 3


def test_no_secret_and_no_customer_is_in_a_table_a_log_or_the_page(
    lines: list[str], tables: dict[str, list[dict[str, str | None]]]
) -> None:
    """The driver's output and Spark's event log are kept in the staging bucket; Airflow's logs, which have the
    notifications, beside. Lines in quarantine are as they came.
    """
    logs = [
        *(RUN / "buckets").glob("*-staging/**/*"),
        *RUN.glob("*.log"),
        *(ROOT / "out/rehearsal").glob("airflow/logs/*"),
    ]
    texts = [path.read_bytes() for path in logs if path.is_file()]
    own = json.loads((RUN / "own_tables.json").read_text())
    assert {table.name for table in catalog.state()} <= set(own)
    assert own["customer_stores"]
    page, template = ((path / name).read_text("utf-8") for path, name in PAGE)
    shown = [own, document(page, template), {**tables, "quarantined_sales": []}]
    # The notification of a run that is done.
    assert any(b"pipeline_run" in text and b"quarantined_percent" in text for text in texts)
    texts += [json.dumps(one, ensure_ascii=False, default=str).encode() for one in shown]
    secret = (RUN / "password").read_bytes()
    assert len(texts) > 5
    assert len(secret) > 20
    key = CUSTOMER_KEY
    # HMAC's two blocks are as good as the key.
    secrets = [secret, *[bytes(one ^ byte for one in key).hex().encode() for byte in (0, 0x36, 0x5C)]]
    customers = {line.customer_id.encode() for line in compute(RUN / "lake").lines} - {b""}
    assert len(customers) > 50
    words = set().union(*[re.findall(rb"[\w-]+", text) for text in texts])
    assert not words & customers
    assert not [secret for secret in secrets for text in texts if secret in text.lower() or secret in text]
