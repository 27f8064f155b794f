"""Starting cluster and database for a run, and stopping them again."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from google_server import Google, Refused

from sales_platform.services import tasks
from sales_platform.services.cluster import Cluster
from sales_platform.services.office_hours import OfficeHours
from sales_platform.services.tasks import ServiceTasks
from sales_platform.settings import CloudSettings, parse_settings

INSTANCE = "sales-dev-postgres-g1"
DEV_HOURS = OfficeHours("0 5 * * *", "0 20 * * *", "Etc/UTC")
NIGHT = OfficeHours("0 0 29 2 *", "1 0 29 2 *", "Etc/UTC")
"""Open for a minute in four years."""
DAY = OfficeHours("1 0 29 2 *", "0 0 29 2 *", "Etc/UTC")
OPERATOR = "sales-dev-operator@sales-analytics-dev.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("at", "are"),
    [
        ("2026-03-03T04:59", False),
        ("2026-03-03T05:01", True),
        ("2026-03-03T19:59", True),
        ("2026-03-03T20:01", False),
        ("2026-03-04T00:00", False),
    ],
)
def test_hours_of_every_day(at: str, are: bool) -> None:
    hours = OfficeHours("0 5 * * *", "0 20 * * *", "Etc/UTC")
    assert hours.are_now(dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)) == are


def test_hours_of_the_week_are_read_in_their_zone() -> None:
    hours = OfficeHours("0 8 * * 1-5", "0 18 * * 1-5", "Europe/Berlin")
    # Berlin is an hour ahead in winter; 2026-03-07 is a Saturday.
    assert hours.are_now(dt.datetime(2026, 3, 6, 7, 30, tzinfo=dt.UTC))
    assert not hours.are_now(dt.datetime(2026, 3, 6, 17, 30, tzinfo=dt.UTC))
    assert not hours.are_now(dt.datetime(2026, 3, 7, 12, tzinfo=dt.UTC))


def test_the_stack_sets_the_hours(cloud_settings: CloudSettings) -> None:
    text = parse_settings().office_hours
    assert text is not None
    assert OfficeHours.parse(text) == DEV_HOURS


@pytest.fixture(autouse=True)
def night(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cluster and database are stopped, and no other run follows."""
    google.cluster["status"]["state"] = "STOPPED"
    google.instances[INSTANCE] = {"state": "RUNNABLE", "settings": {"activationPolicy": "NEVER"}}
    monkeypatch.setattr(tasks, "another_run_follows", lambda *_: False)


def services(standing: bool = False, hours: OfficeHours | None = NIGHT) -> ServiceTasks:
    """The tasks of the dev environment."""
    return ServiceTasks(CloudSettings.read(), standing, hours)


def test_both_are_started_and_stopped_again(google: Google) -> None:
    services().start_services("a-run")
    assert google.cluster_state == "RUNNING"
    # A task that is retried.
    services().start_services("a-run")
    assert services().stop_services() is True
    assert google.cluster_state == "STOPPED"
    assert google.changes == ["ALWAYS", "start", "stop", "NEVER"]
    # The cluster as Composer's own account, the database as the operator.
    assert set(google.accounts) == {None, OPERATOR}


def test_without_office_hours_the_cluster_alone(google: Google) -> None:
    services(hours=None).start_services("a-run")
    assert services(hours=None).stop_services() is True
    assert google.changes == ["start", "stop"]
    assert set(google.accounts) == {None}


def test_a_cluster_that_stands_is_left_alone(google: Google) -> None:
    google.cluster["status"]["state"] = "RUNNING"
    services(standing=True).start_services("a-run")
    google.jobs["a-job"] = {"status": {"state": "RUNNING"}}
    # The database is still needed.
    assert services(standing=True).stop_services() is False
    google.jobs["a-job"] = {"status": {"state": "DONE"}}
    assert services(standing=True).stop_services() is True
    assert google.changes == ["ALWAYS", "NEVER"]


def test_a_cluster_that_is_being_stopped_is_waited_for(google: Google) -> None:
    google.cluster_ways = ["STOPPING", "STOPPING", "STOPPING", "STOPPED"]
    services(hours=None).start_services("a-run")
    assert (google.cluster_state, google.changes) == ("RUNNING", ["start"])


@pytest.mark.parametrize("state", ["RUNNING", "UPDATING", "ERROR_DUE_TO_UPDATE"])
def test_a_cluster_that_takes_jobs_is_not_started(google: Google, state: str) -> None:
    google.cluster["status"]["state"] = state
    services(hours=None).start_services("a-run")
    assert google.changes == []


def test_secondary_workers_leave_before_the_cluster_is_stopped(google: Google) -> None:
    secondary = {"numInstances": 2}
    google.cluster = {"status": {"state": "RUNNING"}, "config": {"secondaryWorkerConfig": secondary}}
    assert services().stop_services() is False
    # The autoscaler takes them away: an operation on the cluster.
    google.cluster["status"]["state"] = "UPDATING"
    assert services().stop_services() is False
    secondary["numInstances"] = 0
    assert services().stop_services() is False
    assert google.changes == []
    assert [path for _, path, _ in google.requests if ":stop" in path] == []
    google.cluster["status"]["state"] = "RUNNING"
    assert services().stop_services() is True
    assert google.changes == ["stop", "NEVER"]


def test_a_stop_that_dataproc_refuses_is_tried_again(google: Google) -> None:
    google.cluster["status"]["state"] = "RUNNING"
    # A worker that the autoscaler adds in between.
    refusing = {"numInstances": 1}
    cluster = Cluster(CloudSettings.read())
    resource = cluster._resource()
    google.cluster["config"] = {"secondaryWorkerConfig": refusing}
    cluster._resource = lambda: resource  # type: ignore[method-assign]
    assert cluster.stop_if_idle() is False
    assert google.changes == []
    assert [path for _, path, _ in google.requests if ":stop" in path] != []


def test_a_job_of_somebody_keeps_cluster_and_database(google: Google) -> None:
    google.cluster["status"]["state"] = "RUNNING"
    google.jobs["an-analysts-job"] = {
        "reference": {"jobId": "an-analysts-job"},
        "status": {"state": "RUNNING"},
        "placement": {"clusterName": "sales-dev-spark"},
    }
    assert services().stop_services() is False
    google.jobs["an-analysts-job"]["status"]["state"] = "CANCEL_PENDING"
    assert services().stop_services() is False
    assert google.changes == []
    google.jobs["an-analysts-job"]["status"]["state"] = "DONE"
    assert services().stop_services() is True
    assert google.changes == ["stop", "NEVER"]


def test_what_an_earlier_run_left_running_is_stopped(google: Google) -> None:
    google.cluster["status"]["state"] = "RUNNING"
    services(hours=None).start_services("a-run")
    assert services(hours=None).stop_services() is True
    assert google.changes == ["stop"]


def test_in_office_hours_the_database_stays(google: Google) -> None:
    google.cluster["status"]["state"] = "RUNNING"
    assert services(hours=DAY).stop_services() is True
    assert google.changes == ["stop"]


def test_a_run_that_follows_finds_both_running(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    google.cluster["status"]["state"] = "RUNNING"
    monkeypatch.setattr(tasks, "another_run_follows", lambda *_: True)
    assert services().stop_services() is True
    assert google.changes == []


def test_a_database_that_cannot_be_asked_is_taken_to_run(google: Google) -> None:
    def refuse(*_: Any) -> Any:
        raise Refused(403, "no token of the operator")

    google.routes.insert(0, (r"GET .*/instances/.*", refuse))
    services().start_services("a-run")
    assert google.changes == ["start"]


def test_a_failure_to_stop_is_notified_as_that(
    cloud_settings: CloudSettings,
    parse_dags: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from sales_platform.notify import channels, notification

    monkeypatch.setattr(channels, "send", lambda _message: None)
    monkeypatch.setattr(notification, "job_run_id", lambda _run: "run-1")
    caplog.set_level(logging.INFO)
    dag = parse_dags().dags["sales_analytics_etl"]
    events = {}
    for name in ("stop_services", "start_services"):
        instance = SimpleNamespace(task_id=name, log_url="http://airflow/log")
        day = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
        run = SimpleNamespace(dag_id=dag.dag_id, data_interval_start=day, data_interval_end=day + dt.timedelta(days=1))
        error = RuntimeError("timed out")
        dag.get_task(name).on_failure_callback(
            {"dag_run": run, "task_instance": instance, "params": {}, "exception": error}
        )
        message = json.loads(caplog.records[-1].getMessage())
        events[name] = (message["event"], message["status"], message["reason"])
    assert events == {
        "stop_services": ("services_left_running", "failed", "timed out"),
        "start_services": ("pipeline_run", "failed", "timed out"),
    }


def test_the_tasks_exist_unless_both_always_run(
    cloud_settings: CloudSettings, parse_dags: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def after() -> dict[str, set[str]]:
        return {task.task_id: task.downstream_task_ids for task in parse_dags().dags["sales_analytics_etl"].tasks}

    for office_hours in (True, False):
        graph = after()
        assert graph["check_reference_data"] == {"start_services"}
        assert graph["start_services"] == {"run_sales_job"}
        assert "stop_services" in graph["run_sales_job"]
        assert graph["stop_services"] == set()
        if office_hours:
            monkeypatch.delenv("OFFICE_HOURS")
    monkeypatch.setenv("CLUSTER_STANDING", "true")
    graph = after()
    assert graph["check_reference_data"] == {"run_sales_job"}
    assert "stop_services" not in graph


def test_stopping_waits_without_a_worker_and_is_no_part_of_the_result(
    cloud_settings: CloudSettings, parse_dags: Callable[[], Any]
) -> None:
    stop = parse_dags().dags["sales_analytics_etl"].get_task("stop_services")
    assert stop.mode == "reschedule"
    # A teardown: its failure is not the run's.
    assert stop.is_teardown
    assert not stop.on_failure_fail_dagrun
