"""The stack's log-based metrics, held against lines that the DAG and the job really write."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRING = r'"((?:[^"\\]|\\.)*)"'


def unquoted(text: str) -> str:
    """A string of Cloud Logging's query language."""
    return re.sub(r"\\(.)", r"\1", text)


def metrics_of(stack: dict) -> dict[str, dict]:
    return {metric["name"]: metric for metric in stack["resource"]["google_logging_metric"].values()}


def takes(metric: dict, field: str, line: str) -> bool:
    """Whether a metric's filter takes a line; ``:`` means that the text is in it, whatever the case."""
    terms = re.findall(r"([\w.]+):" + STRING, metric["filter"])
    assert terms, metric["filter"]
    return all(name == field and unquoted(text).lower() in line.lower() for name, text in terms)


def extracted(extractor: str, line: str) -> str | None:
    """What ``REGEXP_EXTRACT(field, "pattern")`` finds."""
    (pattern,) = re.findall(r"^REGEXP_EXTRACT\([\w.]+, " + STRING + r"\)$", extractor)
    found = re.search(unquoted(pattern), line)
    return found.group(1) if found else None


def found(stack: dict, field: str, line: str) -> dict[str, tuple[dict[str, str | None], str | None]]:
    """By metric that takes the line, its labels and its value."""
    return {
        name: (
            {label: extracted(text, line) for label, text in metric.get("label_extractors", {}).items()},
            extracted(metric["value_extractor"], line) if "value_extractor" in metric else None,
        )
        for name, metric in metrics_of(stack).items()
        if takes(metric, field, line)
    }


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setenv("ENVIRONMENT", "local")
    monkeypatch.setenv("LOCAL_LAKE", str(tmp_path))
    monkeypatch.setenv("LOCAL_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("LOCAL_PROJECT", str(ROOT))
    monkeypatch.setenv("LOCAL_NODE", "node")
    from sales_platform.notify import notification

    monkeypatch.setattr(notification, "job_run_id", lambda _run: "run-1")
    task = SimpleNamespace(task_id="run_sales_job", log_url="http://airflow/log")
    return {"dag_run": SimpleNamespace(dag_id="sales_analytics_etl"), "task_instance": task}


def said(caplog: pytest.LogCaptureFixture) -> str:
    return caplog.records[-1].getMessage()


def test_a_run_that_is_done(dev_stack, context, caplog):
    from sales_platform.notify.notification import tell

    caplog.set_level(logging.INFO)
    counts = {"rows_read": 120, "rows_loaded": 110, "rows_duplicate": 7, "rows_quarantined": 3}
    money = {"revenue_added": 1250.5, "gross_profit_added": -33.4}
    tell(context, "pipeline_run", "done", days="2026-03-03", **counts, **money, seconds=41.25)
    assert found(dev_stack, "textPayload", said(caplog)) == {
        "sales_pipeline_runs": ({"status": "done"}, None),
        "sales_rows_read": ({}, "120"),
        "sales_rows_loaded": ({}, "110"),
        "sales_rows_duplicate": ({}, "7"),
        "sales_rows_quarantined": ({}, "3"),
        "sales_revenue_added": ({}, "1250.5"),
        "sales_gross_profit_added": ({}, "-33.4"),
        "sales_run_seconds": ({}, "41.25"),
    }


@pytest.mark.parametrize(
    ("event", "status", "metric"),
    [
        ("pipeline_run", "no_arrival", "sales_pipeline_runs"),
        ("password_rotation", "done", "sales_password_rotations"),
        ("restore_drill", "failed", "sales_restore_drills"),
    ],
)
def test_other_events_count_by_status_alone(dev_stack, context, caplog, event, status, metric):
    from sales_platform.notify.notification import tell

    caplog.set_level(logging.INFO)
    tell(context, event, status)
    assert found(dev_stack, "textPayload", said(caplog)) == {metric: ({"status": status}, None)}


def test_a_missed_deadline(dev_stack, context, caplog):
    from sales_platform.notify.notification import tell

    caplog.set_level(logging.INFO)
    tell(context, "deadline_missed", "late", days="2026-03-03", hours=12)
    assert found(dev_stack, "textPayload", said(caplog)) == {"sales_deadlines_missed": ({}, None)}


def test_a_task_that_failed_for_good(dev_stack, context, caplog):
    from sales_platform.notify.notification import failure_teller

    caplog.set_level(logging.INFO)
    # What fails may say anything, even what another metric looks for.
    failure_teller("pipeline_run")({**context, "exception": RuntimeError('bad "rows_read":5 here')})
    assert json.loads(said(caplog))["reason"] == 'bad "rows_read":5 here'
    assert found(dev_stack, "textPayload", said(caplog)) == {"sales_pipeline_runs": ({"status": "failed"}, None)}


def test_the_jobs_last_line(dev_stack):
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
