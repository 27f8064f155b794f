"""The sensor in the cloud's profile: what it takes for an arrival, when it waits, when it skips, what it lets fail."""

from __future__ import annotations

import datetime as dt
import json
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


# A lake whose descriptor takes the day from the names of files.

LAKE = "gs://sales-analytics-dev-data/production_data"
EXPORTS = {"name": "sales", "path": "exports/**/*.csv", "arrival": "sales_{yyyy}{MM}{dd}*.csv"}


def describe(google: Google, *resources: dict[str, Any]) -> None:
    """Puts a descriptor into the lake."""
    google.put(f"{LAKE}/datapackage.json", json.dumps({"resources": resources}).encode())


def export(run: dict[str, Any], days_before: int = 0) -> str:
    """A file of the run's day, or of one before."""
    day = run["dag_run"].data_interval_start.date() - dt.timedelta(days=days_before)
    return f"exports/north/sales_{day:%Y%m%d}_1.csv"


def test_a_day_in_a_file_s_name_is_waited_for(sensor: Any, google: Google) -> None:
    describe(google, EXPORTS)
    run = context(dt.timedelta(minutes=1))
    # Of the day before; still being written; of no day; and a day's folder that the descriptor does not describe.
    others = [export(run, 1), export(run).replace("sales_", ".sales_"), "exports/notes.csv"]
    for uri in [*(f"{LAKE}/{other}" for other in others), f"{folder(run)}/a.csv"]:
        google.put(uri)
    deferred = deferred_by(sensor, run)
    assert isinstance(deferred.trigger, TimeDeltaTrigger)
    google.put(f"{LAKE}/{export(run)}")
    assert getattr(sensor, deferred.method_name)(run, event=None) == [name(f"{LAKE}/{export(run)}")]


def test_an_empty_folder_that_a_descriptor_names_is_watched(sensor: Any, google: Google) -> None:
    describe(google, EXPORTS)
    trigger = deferred_by(sensor, context(dt.timedelta(minutes=1))).trigger
    assert isinstance(trigger, GCSPrefixBlobTrigger)
    assert trigger.prefix == "production_data/exports/"


def test_late_files_and_archive_follow_the_names(sensor: Any, google: Google, airflow_db: None) -> None:
    describe(google, EXPORTS)
    run = context(WAIT)
    day = run["dag_run"].data_interval_start.date()
    backend = CloudBackend(CloudSettings.read(), parse_settings())
    for other in (export(run), export(run, 1), "exports/notes.csv"):
        google.put(f"{LAKE}/{other}", b"x")
    assert find_late_files(backend, run)["seen"] == {export(run): "2"}
    archive(backend, run)
    archived = [at for at in google.objects if "-archive/" in at]
    assert archived == [f"sales-analytics-dev-archive/archives/monthly/{day:%Y-%m}/dt={day}/{export(run)}"]
    assert [file.path for file in backend.files(day - dt.timedelta(days=1))] == [export(run, 1)]


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({**EXPORTS, "compression": "zip"}, "datapackage.json: resource sales: property 'compression'"),
        ({"name": "sales", "path": "exports/*.csv"}, "datapackage.json: resource sales has no arrival, so no day has"),
    ],
)
def test_a_descriptor_by_which_no_day_has_files_is_refused(
    sensor: Any, google: Google, resource: dict[str, Any], message: str
) -> None:
    describe(google, resource)
    with pytest.raises(JobRefused, match=message) as error:
        sensor.execute(context(dt.timedelta(minutes=1)))
    assert error.value.exit_code == 2


def test_reference_files_are_where_the_descriptor_says(google: Google) -> None:
    backend = CloudBackend(CloudSettings.read(), parse_settings())
    with pytest.raises(
        JobRefused, match=r"^reference_data/products\.csv is missing from gs://sales-analytics-dev-data/"
    ):
        backend.check_reference_data()
    describe(google, EXPORTS)
    # It describes none: there are no names and no profit.
    backend.check_reference_data()
    describe(google, EXPORTS, {"name": "stores", "path": "master/branches*.csv"})
    with pytest.raises(JobRefused, match=r"^master/branches\*\.csv is missing"):
        backend.check_reference_data()
    google.put(f"{LAKE}/master/branches-2026.csv")
    backend.check_reference_data()


def test_a_file_that_is_replaced_before_its_copy_is_left_for_the_next_run(
    sensor: Any, google: Google, airflow_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its copy would hide that the run has read other content."""
    run = context(WAIT)
    backend = CloudBackend(CloudSettings.read(), parse_settings())
    google.put(f"{folder(run)}/sales.csv", b"x")
    looked = backend.archived

    def replaced(day: dt.date) -> Any:
        google.put(f"{folder(run)}/sales.csv", b"y", generation="77")
        return looked(day)

    found = find_late_files(backend, run)
    monkeypatch.setattr(backend, "archived", replaced)
    backend.archive_arrival(**run, ti=SimpleNamespace(xcom_pull=lambda task_ids: found))
    assert [at for at in google.objects if "-archive/" in at] == []
