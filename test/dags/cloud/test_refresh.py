"""Refreshing the materialized view."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.models.dag import DAG
from google_server import Google

from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.settings import CloudSettings, parse_settings


class Task:
    """Airflow's task instance."""

    def xcom_push(self, **_: Any) -> None:
        """The link to the job's page."""


def refresh() -> Any:
    """Runs the task of the dev environment."""
    run = SimpleNamespace(run_after=None, logical_date=dt.datetime(2026, 3, 3, tzinfo=dt.UTC))
    with DAG("sales_analytics_etl", schedule=None):
        operator = CloudBackend(CloudSettings.read(), parse_settings()).refresh_operator("refresh_dependents")
    task = Task()
    return operator.execute(
        {"ti": task, "task_instance": task, "task": None, "dag_run": run, "logical_date": run.logical_date}
    )


def test_it_asks_for_the_view(google: Google) -> None:
    job = refresh()
    (query,) = [asked["configuration"]["query"]["query"] for asked in google.queries.values()]
    view = "sales-analytics-dev.sales_analytics_dev.daily_revenue"
    assert query == f"CALL BQ.REFRESH_MATERIALIZED_VIEW('{view}')"
    assert list(google.queries) == [job]


def test_a_refresh_that_goes_on_already_is_as_good(google: Google) -> None:
    google.query_error = {
        "reason": "invalidQuery",
        "message": "Materialized view sales-analytics-dev.sales.daily_revenue is already being refreshed.",
    }
    assert refresh() in google.queries


def test_another_error_is_a_failure(google: Google) -> None:
    google.query_error = {"reason": "accessDenied", "message": "Access Denied"}
    with pytest.raises(Exception, match="Access Denied"):
        refresh()
