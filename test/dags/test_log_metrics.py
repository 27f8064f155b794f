"""The stack's log-based metrics, compared with lines that the DAG and the job really write."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from log_metrics import found

from sales_platform.notify import notification
from sales_platform.notify.notification import failure_notifier, notify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("ENVIRONMENT", "local")
    monkeypatch.setenv("LOCAL_LAKE", str(tmp_path))
    monkeypatch.setenv("LOCAL_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("LOCAL_PROJECT", str(ROOT))
    monkeypatch.setenv("LOCAL_NODE", "node")
    monkeypatch.setattr(notification, "job_run_id", lambda _run: "run-1")
    task = SimpleNamespace(task_id="run_sales_job", log_url="http://airflow/log")
    return {"dag_run": SimpleNamespace(dag_id="sales_analytics_etl"), "task_instance": task}


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """The last line of the log."""
    return caplog.records[-1].getMessage()


def test_a_run_that_is_done(
    dev_stack: dict[str, Any], context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    counts = {"rows_read": 120, "rows_loaded": 110, "rows_duplicate": 7, "rows_quarantined": 3}
    money = {"revenue_added": 1250.5, "gross_profit_added": -33.4}
    share = {"quarantined_percent": 2.5, "quarantine": "within_limit"}
    cost = {"bytes_billed": 10485760, "slot_seconds": 1.5, "worker_seconds": 4200.25, "cost_usd": 0.0001}
    notify(context, "pipeline_run", "done", days="2026-03-03", **counts, **money, seconds=41.25, **share, **cost)
    assert found(dev_stack, "textPayload", logged(caplog)) == {
        "sales_pipeline_runs": ({"status": "done"}, None),
        "sales_rows_read": ({}, "120"),
        "sales_rows_loaded": ({}, "110"),
        "sales_rows_duplicate": ({}, "7"),
        "sales_rows_quarantined": ({}, "3"),
        "sales_quarantined_percent": ({}, "2.5"),
        "sales_revenue_added": ({}, "1250.5"),
        "sales_gross_profit_added": ({}, "-33.4"),
        "sales_run_seconds": ({}, "41.25"),
        "sales_bytes_billed": ({}, "10485760"),
        "sales_slot_seconds": ({}, "1.5"),
        "sales_worker_seconds": ({}, "4200.25"),
        "sales_cost_usd": ({}, "0.0001"),
    }


@pytest.mark.parametrize(
    ("bad", "read", "percent", "limit"),
    [
        # The dev environment's limit is 4 %.
        (5, 100, 5.0, "above_limit"),
        (401, 10_000, 4.01, "above_limit"),
        (4, 100, 4.0, "within_limit"),
        (0, 0, 0, "within_limit"),
    ],
)
def test_the_share_of_bad_lines(
    dev_stack: dict[str, Any],
    dev_settings: dict[str, str],
    context: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    bad: int,
    read: int,
    percent: float,
    limit: str,
) -> None:
    from importlib import import_module

    from sales_platform.settings import ParseSettings

    dag = import_module("sales_etl_dag")
    for name, value in dev_settings.items():
        if name != "ENVIRONMENT":
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(dag, "settings", ParseSettings.read())
    caplog.set_level(logging.INFO)
    figures = dag.quarantine(bad, read)
    assert figures == {"quarantined_percent": percent, "quarantine": limit}
    notify(context, "pipeline_run", "done", **figures)
    exceeded = found(dev_stack, "textPayload", logged(caplog)).get("sales_quarantine_exceeded")
    assert exceeded == (({}, None) if limit == "above_limit" else None)


@pytest.mark.parametrize(
    ("event", "status", "metric"),
    [
        ("pipeline_run", "no_arrival", "sales_pipeline_runs"),
        ("password_rotation", "done", "sales_password_rotations"),
        ("restore_drill", "failed", "sales_restore_drills"),
        ("recovery_copy", "failed", "sales_recovery_copies"),
    ],
)
def test_other_events_count_by_status_alone(
    dev_stack: dict[str, Any],
    context: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    event: str,
    status: str,
    metric: str,
) -> None:
    caplog.set_level(logging.INFO)
    notify(context, event, status)
    assert found(dev_stack, "textPayload", logged(caplog)) == {metric: ({"status": status}, None)}


def test_a_missed_deadline(
    dev_stack: dict[str, Any], context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    notify(context, "deadline_missed", "late", days="2026-03-03", hours=12)
    assert found(dev_stack, "textPayload", logged(caplog)) == {"sales_deadlines_missed": ({}, None)}


def test_a_cluster_that_was_left_running(
    dev_stack: dict[str, Any], context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    failure_notifier("services_left_running")({**context, "exception": RuntimeError("timed out")})
    assert found(dev_stack, "textPayload", logged(caplog)) == {"sales_services_left_running": ({}, None)}


def test_a_task_that_failed_for_good(
    dev_stack: dict[str, Any], context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    # What fails may say anything, even what another metric looks for.
    failure_notifier("pipeline_run")({**context, "exception": RuntimeError('bad "rows_read":5 here')})
    assert json.loads(logged(caplog))["reason"] == 'bad "rows_read":5 here'
    assert found(dev_stack, "textPayload", logged(caplog)) == {"sales_pipeline_runs": ({"status": "failed"}, None)}


def test_the_jobs_last_line(dev_stack: dict[str, Any]) -> None:
    done = subprocess.run(
        [ROOT / ".venv/job/bin/python", "pyspark-jobs/sales_analytics_direct.py", "--no-such-argument"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    )
    assert done.returncode == 2
    assert found(dev_stack, "jsonPayload.message", done.stdout.splitlines()[-1]) == {
        "sales_job_summaries": ({"status": "misconfigured"}, None)
    }
