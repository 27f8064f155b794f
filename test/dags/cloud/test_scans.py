"""Starting the scans of the tables."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.models.dag import DAG
from google_server import Google
from google_services import Refused

from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.settings import CloudSettings, parse_settings

SCANS = "sales-dev-quality-stores,sales-dev-profile-stores"


def start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the task with two scans."""
    monkeypatch.setenv("DATA_SCANS", SCANS)
    with DAG("sales_analytics_etl", schedule=None):
        CloudBackend(CloudSettings.read(), parse_settings()).start_scans()


def test_each_scan_is_asked_for_once(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    start(monkeypatch)
    asked = [path.partition("?")[0] for method, path, _ in google.requests if method == "POST"]
    where = "/v1/projects/sales-analytics-dev/locations/us-central1/dataScans"
    assert asked == [f"{where}/{scan}:run" for scan in SCANS.split(",")]


def test_a_scan_that_does_not_start_fails_the_task(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise Refused(403, "dataplex.datascans.run is missing")

    google.routes.insert(0, (r"POST .*/dataScans/([\w-]+):run", refuse))
    with pytest.raises(Exception, match=r"dataplex\.datascans\.run is missing"):
        start(monkeypatch)
