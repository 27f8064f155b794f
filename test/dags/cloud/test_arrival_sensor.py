"""The sensor in the cloud's profile: what it takes for an arrival, when it waits, when it skips, what it lets fail."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import AirflowSkipException, TaskDeferralError, TaskDeferred
from airflow.providers.google.cloud.triggers.gcs import GCSPrefixBlobTrigger
from airflow.triggers.temporal import TimeDeltaTrigger
from google_server import Google

from sales_platform.arrivals.late_files import find_late_files
from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.daily_sales.job_outcome import JobRefused
from sales_platform.settings import CloudSettings, parse_settings

NO_TRACEBACK = {"error": "Trigger/execution timeout"}
WAIT = dt.timedelta(hours=12)
"""The dev environment's."""
NO_ARRIVAL = [
    "sales.csv.filepart",
    "._sales.csv",
    "_SUCCESS",
    # A folder, as the console makes one.
    "",
    "hour=13/sales.csv",
    "README.md",
]
"""Names in a day's folder that are no sales files."""


@pytest.fixture
def sensor(google: Google) -> Any:
    """The dev environment's sensor."""
    settings = CloudSettings.read()
    assert dt.timedelta(hours=settings.arrival_wait_hours) == WAIT
    return CloudBackend(settings, parse_settings()).arrival_sensor("wait_for_arrival")


def context(ended: dt.timedelta, first: str | None = None, end: str | None = None) -> dict[str, Any]:
    """The context of a run whose day ended so long ago."""
    until = dt.datetime.now(dt.UTC) - ended
    run = SimpleNamespace(dag_id="d", data_interval_start=until - dt.timedelta(days=1), data_interval_end=until)
    return {"dag_run": run, "params": {"first_day": first, "end_day": end}}


def folder(run: dict[str, Any]) -> str:
    """The folder of the run's day."""
    return f"{CloudSettings.read().sales_data_path}/dt={run['dag_run'].data_interval_start.date()}"


def name(uri: str) -> str:
    """The object's name."""
    return uri.removeprefix("gs://").partition("/")[2]


def deferred_by(sensor: Any, run: dict[str, Any]) -> TaskDeferred:
    """How the sensor waits."""
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(run)
    return deferred.value


def test_a_day_that_is_there_is_taken_at_once(sensor: Any, google: Google) -> None:
    run = context(dt.timedelta(minutes=1))
    google.put(f"{folder(run)}/A.CSV")
    assert sensor.execute(run) == [name(f"{folder(run)}/A.CSV")]


def test_a_fresh_day_is_waited_for_until_its_deadline(sensor: Any) -> None:
    deferred = deferred_by(sensor, context(dt.timedelta(hours=5)))
    left = WAIT - dt.timedelta(hours=5)
    assert deferred.timeout is not None
    assert dt.timedelta(0) <= left - deferred.timeout < dt.timedelta(seconds=10)
    assert isinstance(deferred.trigger, GCSPrefixBlobTrigger)


@pytest.mark.parametrize("other", NO_ARRIVAL)
def test_what_is_no_sales_file_does_not_end_the_wait(sensor: Any, google: Google, other: str) -> None:
    run = context(dt.timedelta(minutes=1))
    google.put(f"{folder(run)}/{other}")
    deferred = deferred_by(sensor, run)
    # A trigger that looks for any object would fire at once, again and again.
    assert isinstance(deferred.trigger, TimeDeltaTrigger)
    google.put(f"{folder(run)}/sales.csv")
    assert getattr(sensor, deferred.method_name)(run, event=None) == [name(f"{folder(run)}/sales.csv")]


@pytest.mark.parametrize("other", NO_ARRIVAL)
def test_what_is_no_sales_file_is_no_arrival_of_the_past(sensor: Any, google: Google, other: str) -> None:
    run = context(WAIT)
    google.put(f"{folder(run)}/{other}")
    with pytest.raises(AirflowSkipException):
        sensor.execute(run)


def test_a_file_that_cloud_storage_would_unpack_is_refused(sensor: Any, google: Google) -> None:
    run = context(dt.timedelta(minutes=1))
    google.put(f"{folder(run)}/a.csv.gz", contentEncoding="gzip")
    with pytest.raises(
        JobRefused, match=r"/a\.csv\.gz: has Content-Encoding gzip: .*--clear-content-encoding"
    ) as error:
        sensor.execute(run)
    assert error.value.exit_code == 3


def test_a_day_of_the_past_is_looked_at_once(sensor: Any) -> None:
    with pytest.raises(AirflowSkipException, match="nothing arrived: gs://sales-analytics-dev-data/production_data"):
        sensor.execute(context(WAIT))


def test_a_range_takes_every_day_that_has_files(sensor: Any, google: Google) -> None:
    sales = CloudSettings.read().sales_data_path
    for uri in (f"{sales}/dt=2026-01-02/b.csv", f"{sales}/dt=2026-01-04/never.csv"):
        google.put(uri)
    run = context(dt.timedelta(minutes=1), "2026-01-01", "2026-01-04")
    assert sensor.execute(run) == [name(f"{sales}/dt=2026-01-02/b.csv")]


def test_when_the_time_is_up_it_looks_a_last_time(sensor: Any, google: Google) -> None:
    run = context(WAIT)
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("__fail__", NO_TRACEBACK, run)
    google.put(f"{folder(run)}/late.csv")
    assert sensor.resume_execution("__fail__", NO_TRACEBACK, run) == [name(f"{folder(run)}/late.csv")]


def test_a_trigger_that_failed_is_a_failure_and_no_day_without_sales(sensor: Any) -> None:
    failure = {"error": "Trigger failure", "traceback": ["403"]}
    with pytest.raises(TaskDeferralError):
        sensor.resume_execution("__fail__", failure, context(WAIT))


def archive(backend: CloudBackend, run: dict[str, Any]) -> None:
    """Lists the day's files, and copies them."""
    found = find_late_files(backend, run)
    backend.archive_arrival(**run, ti=SimpleNamespace(xcom_pull=lambda task_ids: found))


def test_only_sales_files_are_archived(sensor: Any, google: Google, airflow_db: None) -> None:
    run = context(WAIT)
    day = run["dag_run"].data_interval_start.date()
    backend = CloudBackend(CloudSettings.read(), parse_settings())
    for other in (*NO_ARRIVAL, "sales.csv"):
        google.put(f"{folder(run)}/{other}", b"x")
    archive(backend, run)
    archived = [at for at in google.objects if "-archive/" in at]
    assert archived == [f"sales-analytics-dev-archive/archives/monthly/{day:%Y-%m}/dt={day}/sales.csv"]
    # Another content of the same name keeps both; the same content is not copied again.
    google.put(f"{folder(run)}/sales.csv", b"y")
    for _ in range(2):
        archive(backend, run)
    assert len([at for at in google.objects if "-archive/" in at]) == 2
