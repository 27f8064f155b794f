"""The sensor in the cloud's profile: when it waits, when it skips, and what it lets fail."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import AirflowSkipException, TaskDeferralError, TaskDeferred

from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.settings import CloudSettings, parse_settings

NO_TRACEBACK = {"error": "Trigger/execution timeout"}
WAIT = dt.timedelta(hours=12)
"""The dev environment's."""

Files = dict[str, list[str]]
"""Names by the prefix that they are listed by."""


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What is in the lake."""
    found: Files = {}
    # The one call that leaves this machine.
    monkeypatch.setattr(
        "airflow.providers.google.cloud.sensors.gcs.GCSHook",
        lambda **_: SimpleNamespace(list=lambda bucket, prefix: found.get(f"gs://{bucket}/{prefix}", [])),
    )
    return found


@pytest.fixture
def sensor(cloud_settings: CloudSettings, files: Files) -> Any:
    """The dev environment's sensor."""
    assert dt.timedelta(hours=cloud_settings.arrival_wait_hours) == WAIT
    return CloudBackend(cloud_settings, parse_settings()).arrival_sensor("wait_for_arrival")


def context(ended: dt.timedelta, first: str | None = None, end: str | None = None) -> dict[str, Any]:
    """The context of a run whose day ended so long ago."""
    until = dt.datetime.now(dt.UTC) - ended
    run = SimpleNamespace(data_interval_start=until - dt.timedelta(days=1), data_interval_end=until)
    return {"dag_run": run, "params": {"first_day": first, "end_day": end}}


def folder(settings: CloudSettings, context: dict[str, Any]) -> str:
    """The folder of the run's day."""
    return f"{settings.sales_data_path}/dt={context['dag_run'].data_interval_start.date()}/"


def test_a_day_that_is_there_is_taken_at_once(sensor: Any, files: Files, cloud_settings: CloudSettings) -> None:
    run = context(dt.timedelta(minutes=1))
    files[folder(cloud_settings, run)] = ["a.csv"]
    assert sensor.execute(run) == ["a.csv"]


def test_a_fresh_day_is_waited_for_until_its_deadline(sensor: Any) -> None:
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context(dt.timedelta(hours=5)))
    left = WAIT - dt.timedelta(hours=5)
    assert deferred.value.timeout is not None
    assert dt.timedelta(0) <= left - deferred.value.timeout < dt.timedelta(seconds=10)


def test_a_day_of_the_past_is_looked_at_once(sensor: Any) -> None:
    with pytest.raises(AirflowSkipException, match="nothing arrived: gs://sales-analytics-dev-data/production_data"):
        sensor.execute(context(WAIT))


def test_a_range_takes_every_day_that_has_files(sensor: Any, files: Files, cloud_settings: CloudSettings) -> None:
    sales = cloud_settings.sales_data_path
    files |= {f"{sales}/dt=2026-01-02/": ["b.csv"], f"{sales}/dt=2026-01-04/": ["never"]}
    run = context(dt.timedelta(minutes=1), "2026-01-01", "2026-01-04")
    assert sensor.execute(run) == ["b.csv"]


def test_when_the_time_is_up_it_looks_a_last_time(sensor: Any, files: Files, cloud_settings: CloudSettings) -> None:
    run = context(WAIT)
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("__fail__", NO_TRACEBACK, run)
    files[folder(cloud_settings, run)] = ["late.csv"]
    assert sensor.resume_execution("__fail__", NO_TRACEBACK, run) == ["late.csv"]


def test_a_trigger_that_failed_is_a_failure_and_no_day_without_sales(sensor: Any) -> None:
    failure = {"error": "Trigger failure", "traceback": ["403"]}
    with pytest.raises(TaskDeferralError):
        sensor.resume_execution("__fail__", failure, context(WAIT))
