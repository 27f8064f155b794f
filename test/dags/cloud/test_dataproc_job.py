"""Submitting the job: one job at a time works on the warehouse, whatever Airflow has lost."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import AirflowException, TaskDeferred
from google_server import Google

from sales_platform.daily_sales import dataproc_operator
from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.daily_sales.job_outcome import JobRefused
from sales_platform.settings import CloudSettings, parse_settings

OUTPUT = "gs://sales-analytics-dev-staging/jobs/{}/driveroutput"
DAY = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
RUN = "scheduled__2026-03-03T06-00-00-00-00"
FIRST, SECOND = f"sales-{RUN}-1", f"sales-{RUN}-2"


class Task:
    """Airflow's task instance."""

    def __init__(self, try_number: int) -> None:
        self.try_number = try_number

    @staticmethod
    def xcom_pull(task_ids: str) -> dict[str, str]:
        """What find_late_files found."""
        assert task_ids == "find_late_files"
        return {"first_day": "2026-03-03"}

    def xcom_push(self, **_: Any) -> None:
        """The link to the job's page."""


def context(try_number: int = 1) -> dict[str, Any]:
    """The context of an attempt of the run."""
    run = SimpleNamespace(
        run_id="scheduled__2026-03-03T06:00:00+00:00",
        data_interval_start=DAY,
        data_interval_end=DAY + dt.timedelta(days=1),
    )
    task = Task(try_number)
    return {"dag_run": run, "params": {}, "ti": task, "task_instance": task, "task": None}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late summary is waited for for a second here."""
    monkeypatch.setattr(dataproc_operator, "LATE_SECONDS", 1)


def operator() -> Any:
    """The task of the dev environment."""
    return CloudBackend(CloudSettings.read(), parse_settings()).job_operator("run_sales_job")


def deferred(task: Any, try_number: int = 1) -> TaskDeferred:
    """How the attempt waits."""
    with pytest.raises(TaskDeferred) as waits:
        task.execute(context(try_number))
    return waits.value


def end(google: Google, name: str, status: str | None = "done", state: str = "DONE", error: str = "") -> None:
    """Ends a job with the summary of a status, or with none."""
    google.jobs[name] |= {"status": {"state": state}, "driverOutputResourceUri": OUTPUT.format(name)}
    summary = json.dumps({"status": status, "rows_read": 7}) if status else ""
    google.put(f"{OUTPUT.format(name)}.000000000", f"{error}\n{summary}\n".encode())


def running(google: Google, name: str, run_id: str, **more: Any) -> None:
    """A job that runs on the cluster."""
    google.jobs[name] = {
        "reference": {"jobId": name},
        "placement": {"clusterName": "sales-dev-spark"},
        "labels": {"application": "sales-analytics"},
        "pysparkJob": {"mainPythonFileUri": "gs://x/y.py", "args": ["--environment", "dev", "--run-id", run_id]},
        "status": {"state": "RUNNING"},
        "driverOutputResourceUri": OUTPUT.format(name),
    } | more


def test_an_attempt_submits_its_job_and_takes_its_summary(google: Google) -> None:
    task = operator()
    waits = deferred(task)
    assert list(google.jobs) == [FIRST]
    assert waits.trigger.job_id == FIRST
    end(google, FIRST)
    assert task.execute_complete(context(), event={"job_id": FIRST})["rows_read"] == 7


def test_a_retry_takes_the_outcome_of_the_job_that_still_runs(google: Google) -> None:
    running(google, FIRST, RUN)
    task = operator()
    waits = deferred(task, 2)
    assert (waits.method_name, waits.kwargs) == ("after_another", {"own": True})
    assert (waits.trigger.job_id, waits.trigger.cancel_on_kill) == (FIRST, True)
    end(google, FIRST)
    assert task.after_another(context(2), own=True, event={"job_id": FIRST})["rows_read"] == 7
    assert list(google.jobs) == [FIRST]


def test_a_refusal_of_the_job_that_still_ran_is_the_runs(google: Google) -> None:
    running(google, FIRST, RUN)
    end(google, FIRST, "refused", "ERROR", "error: a.csv: lacks quantity")
    with pytest.raises(JobRefused, match=r"^a\.csv: lacks quantity$"):
        operator().after_another(context(2), own=True, event={"job_id": FIRST})


@pytest.mark.parametrize(("status", "state"), [("failed", "ERROR"), (None, "CANCELLED"), (None, "ERROR")])
def test_after_a_job_that_failed_the_attempt_submits_its_own(google: Google, status: str | None, state: str) -> None:
    running(google, FIRST, RUN)
    task = operator()
    assert deferred(task, 2).method_name == "after_another"
    end(google, FIRST, status, state)
    with pytest.raises(TaskDeferred) as waits:
        task.after_another(context(2), own=True, event={"job_id": FIRST})
    assert waits.value.method_name == "execute_complete"
    assert list(google.jobs) == [FIRST, SECOND]


BY_HAND = {
    "labels": {},
    "pysparkJob": {
        "mainPythonFileUri": "gs://sales-analytics-dev-data/pyspark-jobs/sales_analytics_direct.py",
        "args": ["--rebuild", "--run-id", "rebuild-1"],
    },
}
"""Submitted without the label."""


@pytest.mark.parametrize("more", [{}, BY_HAND, {"status": {"state": "CANCEL_PENDING"}}])
def test_a_job_of_another_run_ends_first(google: Google, more: dict[str, Any]) -> None:
    running(google, "rebuild", "rebuild-1", **more)
    task = operator()
    waits = deferred(task)
    assert (waits.method_name, waits.kwargs) == ("after_another", {"own": False})
    # It is not this task's to cancel.
    assert (waits.trigger.job_id, waits.trigger.cancel_on_kill) == ("rebuild", False)
    end(google, "rebuild")
    with pytest.raises(TaskDeferred) as own:
        task.after_another(context(), own=False, event={"job_id": "rebuild"})
    assert own.value.method_name == "execute_complete"
    assert list(google.jobs) == ["rebuild", FIRST]


def test_a_job_that_does_not_touch_the_warehouse_is_not_waited_for(google: Google) -> None:
    running(google, "analysis", "x", labels={"team": "analysts"})
    assert deferred(operator()).method_name == "execute_complete"


def test_an_id_that_dataproc_has_seen_is_not_used_again(google: Google) -> None:
    # A new Composer counts attempts from 1.
    running(google, FIRST, RUN)
    end(google, FIRST)
    assert deferred(operator()).trigger.job_id == SECOND


def test_a_summary_that_comes_late_is_waited_for(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataproc_operator, "LATE_SECONDS", 60)
    running(google, FIRST, RUN, status={"state": "DONE"})
    part = f"{OUTPUT.format(FIRST)}.00000000"
    google.put(f"{part}0", b'{"severity": "INFO"}\n')
    looks = 0
    listed = google._list_objects

    def late(bucket: str, query: Any, body: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 3:
            google.put(f"{part}1", b'{"status": "done", "rows_read": 7}\n')
        return listed(bucket, query, body)

    google.routes.insert(0, (r"GET /storage/v1/b/([\w-]+)/o", late))
    assert operator().execute_complete(context(), event={"job_id": FIRST})["rows_read"] == 7
    assert looks == 3


def test_a_job_without_a_summary_has_failed(google: Google) -> None:
    running(google, FIRST, RUN)
    end(google, FIRST, None, "ERROR")
    with pytest.raises(AirflowException, match="ended without a summary"):
        operator().execute_complete(context(), event={"job_id": FIRST})
