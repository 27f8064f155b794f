"""A run after which the cluster cannot be stopped, by real Airflow: a success, and a failure of another name."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from airflow.utils import timezone
from google_server import Google


def test_a_run_whose_cluster_cannot_be_stopped_is_a_success(
    google: Google,
    airflow_db: None,
    parse_dags: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # No file came, and none is waited for.
    monkeypatch.setenv("ARRIVAL_WAIT_HOURS", "0")
    monkeypatch.setenv("FIRST_DAY", "2026-01-01")
    monkeypatch.delenv("OFFICE_HOURS")
    google.cluster = {"status": {"state": "RUNNING"}, "config": {"secondaryWorkerConfig": {"numInstances": 2}}}
    dag = parse_dags().dags["sales_analytics_etl"]
    stop = dag.get_task("stop_services")
    # Two hours, a look a minute and three retries would take too long here.
    stop.mode, stop.timeout, stop.poke_interval, stop.retries = "poke", 0.2, 0.1, 0
    caplog.set_level(logging.INFO)
    run = dag.test(execution_date=timezone.utcnow() - dt.timedelta(hours=1))
    states = {task.task_id: task.state for task in run.get_task_instances()}
    assert (states["wait_for_arrival"], states["run_sales_job"]) == ("skipped", "skipped")
    assert (states["notify"], states["stop_services"]) == ("success", "failed")
    assert run.state == "success"
    assert google.changes == []
    lines = [record.getMessage() for record in caplog.records]
    events = [json.loads(line) for line in lines if line.startswith('{"event":')]
    told = [(event["event"], event["status"]) for event in events if event["event"] != "notification_failed"]
    assert sorted(told) == [("pipeline_run", "no_arrival"), ("services_left_running", "failed")]
