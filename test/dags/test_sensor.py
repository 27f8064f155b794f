"""The sensor in the cloud's profile: when it waits, when it skips, what it lets fail."""

import datetime as dt
from types import SimpleNamespace

import pytest
from airflow.exceptions import AirflowSkipException, TaskDeferralError, TaskDeferred

from sales_platform.daily_sales.cloud import WAIT_AFTER_DAY, wait_for_arrival

NO_TRACEBACK = {"error": "Trigger/execution timeout"}


@pytest.fixture
def sensor(dev_settings, monkeypatch):
    for name, value in dev_settings.items():
        monkeypatch.setenv(name, value)
    made = wait_for_arrival()
    made.files = {}
    # The one call that leaves this machine.
    monkeypatch.setattr(
        "airflow.providers.google.cloud.sensors.gcs.GCSHook",
        lambda **_: SimpleNamespace(list=lambda bucket, prefix: made.files.get(f"gs://{bucket}/{prefix}", [])),
    )
    return made


def context(ended: dt.timedelta, first=None, end=None):
    """Of a run whose day ended so long ago."""
    until = dt.datetime.now(dt.UTC) - ended
    run = SimpleNamespace(data_interval_start=until - dt.timedelta(days=1), data_interval_end=until)
    return {"dag_run": run, "params": {"first_day": first, "end_day": end}}


def folder(dev_settings, context) -> str:
    return f"{dev_settings['SALES_DATA_PATH']}/dt={context['dag_run'].data_interval_start.date()}/"


def test_a_day_that_is_there_is_taken_at_once(sensor, dev_settings):
    run = context(dt.timedelta(minutes=1))
    sensor.files[folder(dev_settings, run)] = ["a.csv"]
    assert sensor.execute(run) == ["a.csv"]


def test_a_fresh_day_is_waited_for_until_its_deadline(sensor):
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context(dt.timedelta(hours=5)))
    left = WAIT_AFTER_DAY - dt.timedelta(hours=5)
    assert dt.timedelta(0) <= left - deferred.value.timeout < dt.timedelta(seconds=10)


def test_a_day_of_the_past_is_looked_at_once(sensor):
    with pytest.raises(AirflowSkipException, match="nothing arrived: gs://sales-analytics-dev-data/production_data"):
        sensor.execute(context(WAIT_AFTER_DAY))


def test_a_range_takes_every_day_that_has_files(sensor, dev_settings):
    sales = dev_settings["SALES_DATA_PATH"]
    sensor.files = {f"{sales}/dt=2026-01-02/": ["b.csv"], f"{sales}/dt=2026-01-04/": ["never"]}
    run = context(dt.timedelta(minutes=1), "2026-01-01", "2026-01-04")
    assert sensor.execute(run) == ["b.csv"]


def test_when_the_time_is_up_it_looks_a_last_time(sensor, dev_settings):
    run = context(WAIT_AFTER_DAY)
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("__fail__", NO_TRACEBACK, run)
    sensor.files[folder(dev_settings, run)] = ["late.csv"]
    assert sensor.resume_execution("__fail__", NO_TRACEBACK, run) == ["late.csv"]


def test_a_trigger_that_failed_is_a_failure_and_no_day_without_sales(sensor):
    with pytest.raises(TaskDeferralError):
        sensor.resume_execution("__fail__", {"error": "Trigger failure", "traceback": ["403"]}, context(WAIT_AFTER_DAY))
