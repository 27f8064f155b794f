"""Starting the scans of the tables, and reading their results."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.models.dag import DAG
from google_server import Google
from google_services import Refused

from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.settings import CloudSettings, parse_settings

SCANS = "sales-dev-quality-stores,sales-dev-profile-stores"


WHERE = "/v1/projects/sales-analytics-dev/locations/us-central1/dataScans"


def backend(monkeypatch: pytest.MonkeyPatch) -> CloudBackend:
    """With two scans."""
    monkeypatch.setenv("DATA_SCANS", SCANS)
    with DAG("sales_analytics_etl", schedule=None):
        return CloudBackend(CloudSettings.read(), parse_settings())


def test_each_scan_is_asked_for_once(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = backend(monkeypatch).start_scans()
    asked = [path.partition("?")[0] for method, path, _ in google.requests if method == "POST"]
    assert asked == [f"{WHERE}/{scan}:run" for scan in SCANS.split(",")]
    assert jobs == [f"dataScans/{scan}/jobs/1" for scan in SCANS.split(",")]


def test_a_scan_that_does_not_start_fails_the_task(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise Refused(403, "dataplex.datascans.run is missing")

    google.routes.insert(0, (r"POST .*/dataScans/([\w-]+):run", refuse))
    with pytest.raises(Exception, match=r"dataplex\.datascans\.run is missing"):
        backend(monkeypatch).start_scans()


RULES = [
    {"rule": {"name": "has-store-id", "dimension": "COMPLETENESS"}, "passed": True},
    {"rule": {"name": "keys-are-unique", "description": "one row for each store_id"}, "passed": False},
    {"rule": {"name": "least-parking-spaces"}, "passed": False},
]
QUALITY = {"state": "SUCCEEDED", "dataQualityResult": {"passed": False, "rules": RULES}}
PROFILE = {"state": "SUCCEEDED", "dataProfileResult": {"rowCount": "8"}}


@pytest.mark.parametrize(
    ("quality", "profile", "found"),
    [
        (
            QUALITY,
            PROFILE,
            [
                "sales-dev-quality-stores: keys-are-unique (one row for each store_id)",
                "sales-dev-quality-stores: least-parking-spaces",
            ],
        ),
        ({"state": "SUCCEEDED", "dataQualityResult": {"passed": True, "rules": RULES[:1]}}, PROFILE, []),
        (QUALITY, {"state": "RUNNING"}, None),
        ({"state": "PENDING"}, PROFILE, None),
        (
            {"state": "FAILED", "message": "Access Denied"},
            {"state": "CANCELLED"},
            [
                "sales-dev-quality-stores: could not run: Access Denied",
                "sales-dev-profile-stores: could not run: cancelled",
            ],
        ),
    ],
)
def test_the_rules_that_do_not_hold_are_named_once_every_scan_has_ended(
    google: Google, monkeypatch: pytest.MonkeyPatch, quality: Any, profile: Any, found: list[str] | None
) -> None:
    jobs = {"quality": quality, "profile": profile}
    google.routes.insert(0, (rf"GET {WHERE}/sales-dev-(\w+)-stores/jobs/1", lambda kind, *_: jobs[kind]))
    started = [f"projects/123/locations/us-central1/dataScans/{scan}/jobs/1" for scan in SCANS.split(",")]
    assert backend(monkeypatch).scan_faults(started) == found
    # Rules and results are in the full view alone; an ambiguous default would leave them out.
    assert all("view=10" in path or "view=FULL" in path for _, path, _ in google.requests)
