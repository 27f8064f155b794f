"""Waking cluster and database for a run at night, and letting them sleep again."""

import datetime as dt

import pytest

from sales_platform.daily_sales import office_hours_tasks as services
from sales_platform.daily_sales.office_hours import OfficeHours, office_hours
from sales_platform.settings import CloudSettings

INSTANCE = "sales-dev-postgres-g1"


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
def test_hours_of_every_day(at, are):
    hours = OfficeHours("0 5 * * *", "0 20 * * *", "Etc/UTC")
    assert hours.are_now(dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)) == are


def test_hours_of_the_week_are_read_in_their_zone():
    hours = OfficeHours("0 8 * * 1-5", "0 18 * * 1-5", "Europe/Berlin")
    # Berlin is an hour ahead in winter; 2026-03-07 is a Saturday.
    assert hours.are_now(dt.datetime(2026, 3, 6, 7, 30, tzinfo=dt.UTC))
    assert not hours.are_now(dt.datetime(2026, 3, 6, 17, 30, tzinfo=dt.UTC))
    assert not hours.are_now(dt.datetime(2026, 3, 7, 12, tzinfo=dt.UTC))


def test_the_stack_says_the_hours(dev_settings, monkeypatch):
    monkeypatch.setenv("OFFICE_HOURS", dev_settings["OFFICE_HOURS"])
    assert office_hours() == OfficeHours("0 5 * * *", "0 20 * * *", "Etc/UTC")
    monkeypatch.setenv("OFFICE_HOURS", "always")
    assert office_hours() is None


@pytest.fixture
def night(google, monkeypatch):
    """A cluster and a database; a state that is on its way is reached at the third look."""
    monkeypatch.setattr(services, "POLL_SECONDS", 0)
    google.cluster, google.ways, google.changes = "STOPPED", [], []

    def cluster(*_):
        if google.ways:
            google.cluster = google.ways.pop(0)
        return {"status": {"state": google.cluster}}

    def start(*_):
        assert google.cluster == "STOPPED", "Dataproc starts a stopped cluster alone"
        google.changes.append("start")
        google.ways = ["STARTING", "STARTING", "RUNNING"]
        return {}

    def stop(*_):
        assert google.cluster == "RUNNING"
        google.changes.append("stop")
        google.ways = ["STOPPING", "STOPPED"]
        return {}

    def patch(name, _query, body):
        google.changes.append(body["settings"]["activationPolicy"])
        google.instances[name]["settings"] |= body["settings"]
        return google.start_operation("UPDATE")

    google.routes[:0] = [
        (r"GET .*/regions/us-central1/clusters/sales-dev-[\w-]+", cluster),
        (r"POST .*/clusters/[\w-]+:start", start),
        (r"POST .*/clusters/[\w-]+:stop", stop),
        (r"PATCH .*/instances/([\w-]+)", patch),
    ]
    google.instances[INSTANCE] = {"state": "RUNNABLE", "settings": {"activationPolicy": "NEVER"}}
    return google


def test_both_are_woken_and_sleep_again(night):
    both = services.Services(CloudSettings.read())
    assert both.sleeping() == ["cluster", "database"]
    both.wake(["cluster", "database"])
    assert night.cluster == "RUNNING"
    assert both.sleeping() == []
    # A task that is tried again.
    both.wake(["cluster", "database"])
    both.rest(["cluster", "database"])
    assert night.changes == ["ALWAYS", "start", "ALWAYS", "stop", "NEVER"]
    assert set(night.accounts) == {"sales-dev-operator@sales-analytics-dev.iam.gserviceaccount.com"}


def test_a_cluster_that_is_just_being_stopped_is_waited_for(night):
    night.ways = ["STOPPING", "STOPPING", "STOPPING", "STOPPED"]
    assert services.Services(CloudSettings.read()).sleeping() == ["cluster", "database"]
    services.Services(CloudSettings.read()).wake(["cluster"])
    assert (night.cluster, night.changes) == ("RUNNING", ["start"])


def test_a_cluster_in_error_is_told(night):
    night.ways = ["ERROR"]
    with pytest.raises(Exception, match="the cluster is in state ERROR"):
        services.Services(CloudSettings.read()).wake(["cluster"])


@pytest.mark.parametrize(("morning", "changes"), [(False, ["stop", "NEVER"]), (True, [])])
def test_nothing_is_stopped_when_the_day_has_begun(night, monkeypatch, morning, changes):
    night.cluster = "RUNNING"
    monkeypatch.setattr(OfficeHours, "are_now", lambda *_: morning)

    class Task:
        @staticmethod
        def xcom_pull(task_ids):
            return ["cluster", "database"] if task_ids == "find_sleeping" else None

    services._rest_services(ti=Task)
    assert night.changes == changes


def test_a_run_that_cannot_ask_goes_on(google):
    assert services._find_sleeping() == []


def test_the_tasks_are_there_only_where_there_are_hours(dev_settings, monkeypatch):
    from pathlib import Path

    from airflow.models.dagbag import DagBag

    file = str(Path(__file__).resolve().parents[2] / "dags/sales_etl_dag.py")
    for hours, added in ((dev_settings["OFFICE_HOURS"], True), ("always", False)):
        monkeypatch.setenv("OFFICE_HOURS", hours)
        dag = DagBag(file, include_examples=False).dags["sales_analytics_etl"]
        assert ("find_sleeping" in dag.task_ids) == added
        after = {task.task_id: task.downstream_task_ids for task in dag.tasks}
        if added:
            assert after["check_reference_data"] == {"find_sleeping"}
            assert after["find_sleeping"] == {"wake_services", "rest_services"}
            assert after["wake_services"] == {"run_sales_job"}
            assert after["rest_services"] == set()
            assert "rest_services" in after["run_sales_job"]
            assert dag.get_task("rest_services").is_teardown
        else:
            assert after["check_reference_data"] == {"run_sales_job"}
