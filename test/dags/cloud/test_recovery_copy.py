"""Copying the tables of figures into another region."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.exceptions import AirflowException
from airflow.models.dag import DAG
from google_server import Google
from google_services import Refused

from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.settings import CloudSettings, parse_settings

# By hand: neither lines (sales_lines, quarantined_sales) nor people (stores has managers).
FIGURES = [
    "arrivals",
    "daily_product_sales",
    "daily_profile",
    "daily_sales_summary",
    "etl_runs",
    "forecast_accuracy",
    "product_performance",
    "products",
    "quality_checks",
    "revenue_forecast",
    "store_performance",
]


def copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the task with a dataset in another region."""
    monkeypatch.setenv("RECOVERY_DATASET", "sales_recovery_dev")
    with DAG("sales_analytics_etl", schedule=None):
        CloudBackend(CloudSettings.read(), parse_settings()).copy_figures()


def of_copies(google: Google) -> list[dict[str, Any]]:
    """The configurations of the copy jobs."""
    return [job["configuration"]["copy"] for job in google.queries.values()]


def test_each_table_of_figures_replaces_its_copy(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    copy(monkeypatch)
    project = "sales-analytics-dev"
    assert sorted(of_copies(google), key=lambda one: str(one["sourceTable"]["tableId"])) == [
        {
            "sourceTable": {"projectId": project, "datasetId": "sales_analytics_dev", "tableId": name},
            "destinationTable": {"projectId": project, "datasetId": "sales_recovery_dev", "tableId": name},
            "createDisposition": "CREATE_IF_NEEDED",
            "writeDisposition": "WRITE_TRUNCATE",
        }
        for name in FIGURES
    ]
    assert {job["jobReference"].get("location") for job in google.queries.values()} == {None}


def test_a_table_that_fails_is_named_and_the_others_are_copied(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = google._query

    def answer(query: Any, body: Any) -> Any:
        job = usual(query, body)
        if body["configuration"]["copy"]["sourceTable"]["tableId"] == "etl_runs":
            error = {"reason": "invalid", "message": "the key cannot be used"}
            job["status"] |= {"errorResult": error, "errors": [error]}
        return job

    google.routes.insert(0, (r"POST /bigquery/v2/projects/[\w-]+/jobs", answer))
    with pytest.raises(AirflowException, match=r"^1 of 11 tables are not copied: etl_runs: the key cannot be used"):
        copy(monkeypatch)
    assert len(of_copies(google)) == 11


def test_tables_that_may_not_be_copied_are_named(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise Refused(403, "bigquery.tables.create is missing")

    google.routes.insert(0, (r"POST /bigquery/v2/projects/[\w-]+/jobs", refuse))
    with pytest.raises(AirflowException, match=r"^11 of 11 .* products: .*bigquery\.tables\.create is missing"):
        copy(monkeypatch)
