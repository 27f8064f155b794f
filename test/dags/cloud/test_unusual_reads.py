"""Accounts that read far more than they used to: the rule, the query on entries of an audit log, and the DAG."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google_server import Google

from sales_platform.audit.unusual_reads import GIB, Read, Unusual, query, unusual

ROOT = Path(__file__).resolve().parents[3]
DAY = dt.date(2026, 3, 29)
FLOOR = 2 * GIB


def reads(account: str, *gib: float) -> list[Read]:
    """Reads of the days that end with the judged one."""
    first = DAY - dt.timedelta(len(gib) - 1)
    return [Read(account, first + dt.timedelta(number), int(size * GIB)) for number, size in enumerate(gib)]


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        # The median of 1, 2 and 3 is 2: more than 20 is unusual.
        ((1, 3, 2, 20), []),
        ((1, 3, 2, 20.5), [Unusual("a", 20.5, 2.0)]),
        # Days without a read do not count, or every account that reads weekly would be unusual.
        ((2, 0, 0, 0, 20), []),
        # Nobody is unusual below the floor.
        ((0.01, 2), []),
        ((0.01, 2.5), [Unusual("a", 2.5, 0.01)]),
        # An account that never read before.
        ((2,), []),
        ((2.5,), [Unusual("a", 2.5, 0.0)]),
        # One that reads no more.
        ((50, 50, 0), []),
    ],
)
def test_far_more_is_ten_times_the_median_and_more_than_the_floor(
    sizes: tuple[float, ...], found: list[Unusual]
) -> None:
    assert unusual(reads("a", *sizes), DAY, FLOOR) == found


def test_the_most_comes_first() -> None:
    found = unusual([*reads("a", 3), *reads("b", 1, 2), *reads("c", 9)], DAY, FLOOR)
    assert [one.account for one in found] == ["c", "a"]


IN_DUCKDB = """
import sys, json, duckdb, sqlglot
entries, sql = json.load(sys.stdin)
log = duckdb.connect()
log.execute("SET TimeZone = 'UTC'")
log.execute("CREATE TABLE entries (timestamp TIMESTAMPTZ, protopayload_auditlog STRUCT(authenticationInfo "
            "STRUCT(principalEmail VARCHAR), metadataJson VARCHAR))")
for at, account, metadata in entries:
    value = {"authenticationInfo": {"principalEmail": account}, "metadataJson": json.dumps(metadata)}
    log.execute("INSERT INTO entries VALUES (?, ?)", [at, value])
# sqlglot takes the quotes off by an operator that binds less than the comparison beside it.
translated = sqlglot.transpile(sql, read="bigquery", write="duckdb")[0]
translated = translated.replace("JSON_VALUE(", "json_extract_string(").replace(" ->> '$'", "")
rows = log.execute(translated).fetchall()
print(json.dumps([[account, str(day), int(size)] for account, day, size in sorted(rows)]))
"""


def test_the_query_adds_up_what_ended_queries_processed() -> None:
    def job(size: str | None, after: str = "DONE") -> dict[str, Any]:
        stats = {} if size is None else {"queryStats": {"totalProcessedBytes": size}}
        return {"jobChange": {"after": after, "job": {"jobStats": stats}}}

    entries = [
        ("2026-03-29 10:00:00+00", "a", job("1000")),
        ("2026-03-29 23:59:59+00", "a", job("24")),
        # The start of the same job, and a load, which processes no bytes of a query.
        ("2026-03-29 09:59:00+00", "a", job(None, "RUNNING")),
        ("2026-03-29 11:00:00+00", "a", job(None)),
        ("2026-03-01 00:00:00+00", "b", job("7")),
        # Before the 28 days, and after the day.
        ("2026-02-28 23:59:59+00", "b", job("100")),
        ("2026-03-30 00:00:00+00", "b", job("100")),
        # A read of another kind.
        ("2026-03-29 12:00:00+00", "c", {"tableDataRead": {"reason": "TABLEDATA_LIST_REQUEST"}}),
    ]
    sql = query("p.d", DAY).replace("`p.d.cloudaudit_googleapis_com_data_access`", "entries")
    done = subprocess.run(
        [ROOT / ".venv/job/bin/python", "-c", IN_DUCKDB],
        input=json.dumps([entries, sql]),
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["a", "2026-03-29", 1024], ["b", "2026-03-01", 7]]


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What the DAG has said of unusual reads."""
    lines = [record.getMessage() for record in caplog.records]
    said = [json.loads(line) for line in lines if line.startswith('{"event":')]
    return [event for event in said if event["event"] == "unusual_reads"]


@pytest.fixture
def begun(google: Google, monkeypatch: pytest.MonkeyPatch) -> Google:
    """The schedule's first day is past."""
    monkeypatch.setenv("FIRST_DAY", "2026-01-01")
    return google


def test_the_dag_names_each_account(
    begun: Google, run_dag: Callable[..., Any], caplog: pytest.LogCaptureFixture, cloud_settings: Any
) -> None:
    floor = cloud_settings.maximum_bytes_billed
    today = dt.datetime.now(dt.UTC).date()
    # Yesterday is judged, or the day before it where the hour of the run is still to come: both read the same.
    late = [1, 2]
    sizes = {"quiet": dict.fromkeys([*late, 8, 9, 10], floor), "curious": dict.fromkeys(late, floor + GIB)}
    sizes["curious"] |= dict.fromkeys([8, 9, 10], GIB)
    begun.query_types = {"account": "STRING", "day": "DATE", "bytes": "INTEGER"}
    begun.query_rows = [
        {"account": f"{name}@example.com", "day": str(today - dt.timedelta(back)), "bytes": str(size)}
        for name, days in sizes.items()
        for back, size in days.items()
    ]
    caplog.set_level(logging.INFO)
    states, results = run_dag("watch_reads")
    assert (states, results) == ({"watch": "success"}, {"watch": ["curious@example.com"]})
    (asked,) = [job["configuration"]["query"] for job in begun.queries.values()]
    assert "`sales-analytics-dev.sales_audit_dev.cloudaudit_googleapis_com_data_access`" in asked["query"]
    assert asked["maximumBytesBilled"] == str(floor)
    (event,) = events(caplog)
    shown = {name: event[name] for name in ("status", "account", "gib", "usual_gib")}
    assert shown == {
        "status": "unusual",
        "account": "curious@example.com",
        "gib": floor / GIB + 1,
        "usual_gib": 1.0,
    }


def test_a_log_without_an_entry_yet_has_nothing_unusual(
    begun: Google, run_dag: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    begun.query_error = {"reason": "notFound", "message": "Not found: Table cloudaudit_googleapis_com_data_access"}
    caplog.set_level(logging.INFO)
    states, _ = run_dag("watch_reads")
    assert (states, events(caplog)) == ({"watch": "success"}, [])
