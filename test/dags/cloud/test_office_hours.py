"""Starting cluster and database for a run outside office hours, and stopping them again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from google_server import Google

from sales_platform.office_hours.hours import OfficeHours
from sales_platform.office_hours.tasks import OfficeHoursTasks, Services
from sales_platform.settings import CloudSettings, parse_settings

INSTANCE = "sales-dev-postgres-g1"
DEV_HOURS = OfficeHours("0 5 * * *", "0 20 * * *", "Etc/UTC")


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


class Night(Google):
    """A cluster and a database outside office hours; the cluster passes through ``ways``, one at each look."""

    cluster = "STOPPED"

    def __init__(self) -> None:
        super().__init__()
        self.ways: list[str] = []
        self.changes: list[str] = []
        self.routes[:0] = [
            (r"GET .*/regions/us-central1/clusters/sales-dev-[\w-]+", self._cluster),
            (r"POST .*/clusters/[\w-]+:start", self._start),
            (r"POST .*/clusters/[\w-]+:stop", self._stop),
            (r"PATCH .*/instances/([\w-]+)", self._patch),
        ]
        self.instances[INSTANCE] = {"state": "RUNNABLE", "settings": {"activationPolicy": "NEVER"}}

    def _cluster(self, *_: Any) -> Any:
        if self.ways:
            self.cluster = self.ways.pop(0)
        return {"status": {"state": self.cluster}}

    def _start(self, *_: Any) -> Any:
        assert self.cluster == "STOPPED", "Dataproc starts a stopped cluster alone"
        self.changes.append("start")
        self.ways = ["STARTING", "STARTING", "RUNNING"]
        return {"name": "operation"}

    def _stop(self, *_: Any) -> Any:
        assert self.cluster == "RUNNING"
        self.changes.append("stop")
        self.ways = ["STOPPING", "STOPPED"]
        return {"name": "operation"}

    def _patch(self, name: str, _query: Any, body: Any) -> Any:
        self.changes.append(body["settings"]["activationPolicy"])
        self.instances[name]["settings"] |= body["settings"]
        return self.start_operation("UPDATE")


@pytest.fixture
def google_class() -> type[Google]:
    """The server of these tests."""
    return Night


def test_both_are_started_and_stopped_again(google: Night) -> None:
    both = Services(CloudSettings.read())
    assert both.stopped() == ["database", "cluster"]
    both.start(["cluster", "database"])
    assert google.cluster == "RUNNING"
    assert both.stopped() == []
    # A task that is retried.
    both.start(["cluster", "database"])
    both.stop(["cluster", "database"])
    assert google.changes == ["ALWAYS", "start", "ALWAYS", "stop", "NEVER"]
    assert set(google.accounts) == {"sales-dev-operator@sales-analytics-dev.iam.gserviceaccount.com"}


def test_a_cluster_that_is_being_stopped_is_waited_for(google: Night) -> None:
    google.ways = ["STOPPING", "STOPPING", "STOPPING", "STOPPED"]
    assert Services(CloudSettings.read()).stopped() == ["database", "cluster"]
    Services(CloudSettings.read()).start(["cluster"])
    assert (google.cluster, google.changes) == ("RUNNING", ["start"])


def test_a_cluster_in_error_is_a_failure(google: Night) -> None:
    google.ways = ["ERROR"]
    with pytest.raises(Exception, match="the cluster is in state ERROR"):
        Services(CloudSettings.read()).start(["cluster"])


class FoundBoth:
    """Airflow's task instance after find_stopped."""

    @staticmethod
    def xcom_pull(task_ids: str) -> list[str]:
        """The result of find_stopped."""
        assert task_ids == "find_stopped"
        return ["cluster", "database"]


@pytest.mark.parametrize(("morning", "changes"), [(False, ["stop", "NEVER"]), (True, [])])
def test_nothing_is_stopped_once_office_hours_have_begun(
    google: Night, monkeypatch: pytest.MonkeyPatch, morning: bool, changes: list[str]
) -> None:
    google.cluster = "RUNNING"
    monkeypatch.setattr(OfficeHours, "are_now", lambda *_: morning)
    OfficeHoursTasks(CloudSettings.read(), DEV_HOURS).stop_services(ti=FoundBoth)
    assert google.changes == changes


def test_a_run_that_cannot_ask_goes_on(google: Night) -> None:
    google.routes = []
    assert OfficeHoursTasks(CloudSettings.read(), DEV_HOURS).find_stopped() == []


def test_the_tasks_exist_only_where_there_are_hours(
    cloud_settings: CloudSettings, parse_dags: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = parse_dags().dags["sales_analytics_etl"]
    after = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    assert after["check_reference_data"] == {"find_stopped"}
    assert after["find_stopped"] == {"start_services", "stop_services"}
    assert after["start_services"] == {"run_sales_job"}
    assert after["stop_services"] == set()
    assert "stop_services" in after["run_sales_job"]
    assert dag.get_task("stop_services").is_teardown
    monkeypatch.delenv("OFFICE_HOURS")
    dag = parse_dags().dags["sales_analytics_etl"]
    assert "find_stopped" not in dag.task_ids
    assert dag.get_task("check_reference_data").downstream_task_ids == {"run_sales_job"}
