"""What the last task of the daily DAG says about a run."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import AirflowFailException
from airflow.models.dagrun import DagRun
from airflow.utils import timezone

from sales_platform.daily_sales.local import LocalBackend
from sales_platform.settings import LOCAL_SCHEDULE

SUMMARY = {
    "status": "done",
    "run_id": "r",
    "rows_read": 10,
    "rows_loaded": 9,
    "rows_duplicate": 0,
    "rows_quarantined": 1,
    "dates": ["2026-03-03"],
    "warnings": ["stores: S9 sold nothing"],
    "seconds": 41.25,
}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """Runs the task with the results of the tasks before it; returns the message."""
    for name, value in {
        "ENVIRONMENT": "local",
        "LOCAL_PROJECT": "/",
        "LOCAL_WAREHOUSE": "/none",
        "LOCAL_NODE": "n",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOCAL_LAKE", "/none")
    dag = import_module("sales_etl_dag")
    monkeypatch.setattr("sales_platform.notify.notification.is_local", lambda: False)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("sales_platform.notify.channels.send", sent.append)
    caplog.set_level(logging.INFO)

    def run(**results: Any) -> dict[str, Any]:
        ti = SimpleNamespace(xcom_pull=lambda task_ids: results.get(task_ids), log_url="http://airflow/log")
        day = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
        dag_run = SimpleNamespace(
            dag_id="sales_analytics_etl",
            run_id="r",
            data_interval_start=day,
            data_interval_end=day + dt.timedelta(days=1),
        )
        dag.notify_result(ti=ti, task_instance=ti, dag_run=dag_run, params={})
        (message,) = sent
        # The log has the same, for metrics and alerts.
        assert json.loads(caplog.records[-1].getMessage()) == message
        return message

    return run


def test_the_warnings_of_the_job_and_the_address_of_the_report(said: Any) -> None:
    message = said(
        run_sales_job=SUMMARY,
        find_late_files={"late": []},
        write_report="https://storage.cloud.google.com/b/report.html",
    )
    assert message["status"] == "done"
    assert message["warnings"] == ["stores: S9 sold nothing"]
    assert message["report"] == "https://storage.cloud.google.com/b/report.html"
    assert "dates" not in message


def test_what_the_job_cost_where_it_is_known(said: Any) -> None:
    cost = {"bytes_billed": 10_485_760, "slot_seconds": 1.5, "worker_seconds": 4200.0}
    message = said(run_sales_job={**SUMMARY, **cost, "cost_usd": 0.4123}, find_late_files={"late": []})
    assert {name: message[name] for name in (*cost, "cost_usd")} == {**cost, "cost_usd": 0.4123}


def test_a_cost_without_prices_is_left_out(said: Any) -> None:
    message = said(run_sales_job={**SUMMARY, "bytes_billed": 0, "cost_usd": None}, find_late_files={"late": []})
    assert message["bytes_billed"] == 0
    assert "cost_usd" not in message


def test_what_the_run_mended_by_itself(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = import_module("sales_etl_dag").backend
    monkeypatch.setattr(backend, "remedies", lambda run_id: [f"recreate_cluster: lost in {run_id}"])
    message = said(run_sales_job=SUMMARY, find_late_files={"late": []})
    assert message["remedies"] == ["recreate_cluster: lost in r"]


@pytest.mark.parametrize(
    ("faults", "said_of_scans"),
    [
        (["q-stores: keys-are-unique"], {"scans": "failed", "failed_rules": ["q-stores: keys-are-unique"]}),
        ([], {"scans": "passed"}),
        (None, {"scans": "unknown"}),
    ],
)
def test_the_rules_that_do_not_hold_in_the_tables(
    said: Any, monkeypatch: pytest.MonkeyPatch, faults: list[str] | None, said_of_scans: dict[str, Any]
) -> None:
    dag = import_module("sales_etl_dag")
    results = {"run_sales_job": SUMMARY, "find_late_files": {"late": []}, "read_scans": faults}
    monkeypatch.setattr(dag, "settings", replace(dag.settings, data_scans=("q-stores",)))
    message = said(**results)
    assert {name: message[name] for name in ("scans", "failed_rules") if name in message} == said_of_scans
    # The tables are up to date all the same.
    assert message["status"] == "done"


def test_a_run_without_scans_says_nothing_of_them(said: Any) -> None:
    assert "scans" not in said(run_sales_job=SUMMARY, find_late_files={"late": []})


def test_a_run_without_warnings_has_no_empty_list(said: Any) -> None:
    message = said(run_sales_job={**SUMMARY, "warnings": []}, find_late_files={"late": []}, write_report="r.html")
    assert "warnings" not in message


def test_a_run_whose_report_failed_is_done_without_an_address(said: Any) -> None:
    message = said(run_sales_job=SUMMARY, find_late_files={"late": []})
    assert message["status"] == "done"
    assert "report" not in message


def test_a_day_without_files_has_neither(said: Any) -> None:
    message = said()
    assert message["status"] == "no_arrival"
    assert {"warnings", "report"}.isdisjoint(message)


@pytest.mark.parametrize(
    ("fails", "state", "scans"),
    [
        ("write_report", "success", {"scans": "failed", "failed_rules": ["q-stores: keys-are-unique"]}),
        ("views_agree", "upstream_failed", {}),
        ("start_scans", "success", {"scans": "unknown"}),
        ("copy_figures", "success", {"scans": "failed", "failed_rules": ["q-stores: keys-are-unique"]}),
    ],
)
def test_the_run_is_done_without_a_report_or_a_scan_but_not_without_a_check(
    run_dag: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
    state: str,
    scans: dict[str, Any],
) -> None:
    """By Airflow's own rules, with tasks that do nothing."""
    monkeypatch.setattr(
        "sales_platform.settings.LOCAL_SCHEDULE",
        replace(LOCAL_SCHEDULE, data_scans=("q-stores",), recovery_dataset="copy"),
    )
    monkeypatch.setattr(LocalBackend, "scan_faults", lambda _, jobs: [f"{jobs[0]}: keys-are-unique"])
    variables = {"ENVIRONMENT": "local", "LOCAL_PROJECT": "/", "LOCAL_WAREHOUSE": str(tmp_path), "LOCAL_NODE": "n"}
    for name, value in {**variables, "LOCAL_LAKE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    results = {"run_sales_job": SUMMARY, "find_late_files": {"late": []}, "start_scans": ["q-stores"]}

    def nothing(dag: Any) -> None:
        for task in dag.tasks:
            task.retries = 0
            if task.task_id not in ("notify", "after_report", "read_scans", "after_scans", "after_copy"):
                task.execute = lambda context, name=task.task_id: act(name)

    def act(name: str) -> Any:
        if name == fails:
            raise AirflowFailException("no")
        return results.get(name)

    began = timezone.utcnow()
    states, _ = run_dag("sales_analytics_etl", change=nothing)
    assert (states[fails], states["notify"]) == ("failed", state)
    # The next run looks for late files of days whose runs ended well.
    (ended,) = DagRun.find(dag_id="sales_analytics_etl", execution_start_date=began)
    assert ended.state == ("success" if state == "success" else "failed")
    said = [json.loads(line) for line in (tmp_path / "notifications.jsonl").read_text().splitlines()]
    # The failed task notifies by itself.
    expected = [("failed", fails), ("done", None)] if state == "success" else [("failed", fails)]
    assert [(one["status"], one.get("task")) for one in said] == expected
    done = said[-1] if state == "success" else {}
    assert {name: done[name] for name in ("scans", "failed_rules") if name in done} == scans
