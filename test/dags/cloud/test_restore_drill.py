"""Drills in the cloud's profile: the requests to Cloud SQL, and that the copy is removed whatever happens."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from google_server import Google

LIVE = "sales-dev-postgres-g1"
KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/sql"
TABLES = (
    "CREATE TABLE products (product_id text)",
    "INSERT INTO products VALUES ('P1'), ('P2')",
    "CREATE TABLE stores (store_id text)",
    "INSERT INTO stores VALUES ('S1')",
    "CREATE TABLE run_history (started_at timestamptz)",
    "INSERT INTO run_history VALUES (now() - interval '3 hours')",
    "GRANT SELECT ON products, stores, run_history TO sales_job",
)


Kept = dict[tuple[str, str], dict[str, Any]]
"""Objects of Cloud Storage, by bucket and name."""


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """What the drills keep in Cloud Storage."""
    from sales_platform.restore import cloud as cloud_drill

    objects: Kept = {}

    class Storage:
        def exists(self, bucket: str, name: str) -> bool:
            return (bucket, name) in objects

        def upload(self, bucket: str, name: str, data: str, mime_type: str) -> None:
            objects[bucket, name] = json.loads(data)

    monkeypatch.setattr(cloud_drill, "GCSHook", Storage)
    return objects


@pytest.fixture
def drills(cloud: Google, execute: Callable[..., None], kept: Kept) -> Iterator[Google]:
    """The live instance with a password, tables and two backups."""
    from sales_platform.password.cloud import CloudRotation
    from sales_platform.settings import CloudSettings

    CloudRotation(CloudSettings.read()).rotate(None)
    execute(*TABLES)
    hour = dt.timedelta(hours=1)
    times = [(dt.datetime.now(dt.UTC) - n * hour).isoformat() for n in (26, 2, 1)]
    cloud.backups = [
        {"id": "11", "status": "SUCCESSFUL", "startTime": times[0]},
        {"id": "12", "status": "SUCCESSFUL", "startTime": times[1]},
        {"id": "13", "status": "FAILED", "startTime": times[2]},
    ]
    cloud.instances[LIVE] |= {
        "region": "us-central1",
        "databaseVersion": "POSTGRES_16",
        "diskEncryptionConfiguration": {"kmsKeyName": KEY},
    }
    cloud.instances[LIVE]["settings"] |= {
        "tier": "db-custom-1-3840",
        "edition": "ENTERPRISE",
        "availabilityType": "REGIONAL",
        "deletionProtectionEnabled": True,
        "ipConfiguration": {"privateNetwork": "vpc", "sslMode": "ENCRYPTED_ONLY", "requireSsl": True},
    }
    yield cloud
    execute("DROP TABLE products, stores, run_history")


def quickly(dag: Any) -> None:
    """No retries, and looks without a pause."""
    for task in dag.tasks:
        task.retries = 0
        if task.task_id.startswith("wait_"):
            task.poke_interval = 0.1


def test_a_drill(drills: Google, kept: Kept, run_dag: Callable[..., Any]) -> None:
    states, results = run_dag("restore_drill", change=quickly)
    assert set(states.values()) == {"success"}, states
    posted = [(urlsplit(path).path, body) for method, path, body in drills.requests if method == "POST"]
    (made,) = [body for path, body in posted if path.endswith("/instances")]
    copy = made["name"]
    assert copy.startswith("sales-dev-drill-2")
    assert made == {
        "name": copy,
        "region": "us-central1",
        "databaseVersion": "POSTGRES_16",
        "diskEncryptionConfiguration": {"kmsKeyName": KEY},
        "settings": {
            "tier": "db-custom-1-3840",
            "edition": "ENTERPRISE",
            "availabilityType": "ZONAL",
            "activationPolicy": "ALWAYS",
            "backupConfiguration": {"enabled": False},
            "deletionProtectionEnabled": False,
            "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": "vpc", "sslMode": "ENCRYPTED_ONLY"},
        },
    }
    (context,) = [body for path, body in posted if path.endswith(f"/{copy}/restoreBackup")]
    # The newest whole one, of the live instance.
    assert context["restoreBackupContext"] == {
        "backupRunId": "12",
        "instanceId": LIVE,
        "project": "sales-analytics-dev",
    }
    assert list(drills.instances) == [LIVE]
    ((place, report),) = kept.items()
    assert place == ("sales-analytics-dev-archive", f"archives/backup/restore_drills/{copy}.json")
    assert report["rows"] == {"products": 2, "stores": 1, "run_history": 1}
    assert report["problems"] == []
    assert 7190 < report["recovery_point_seconds"] < 7300
    assert results["remove_copy"] == [copy]


def test_the_live_instance_is_never_changed(drills: Google, run_dag: Callable[..., Any]) -> None:
    before = json.dumps(drills.instances[LIVE])
    run_dag("restore_drill", change=quickly)
    changes = [path for method, path, _ in drills.requests if method != "GET" and f"/{LIVE}" in path]
    # The first password, by the fixture.
    assert changes == [f"/v1/projects/sales-analytics-dev/instances/{LIVE}/users?alt=json"]
    assert json.dumps(drills.instances[LIVE]) == before


def test_a_restore_that_fails_leaves_no_instance(drills: Google, run_dag: Callable[..., Any]) -> None:
    error = {"errors": [{"code": "BACKUP_CORRUPT", "message": "cannot be read"}]}
    drills.restore_ends = [{"status": "DONE", "error": error}]
    drills.instances["sales-dev-drill-20260101-000000"] = {"name": "sales-dev-drill-20260101-000000"}
    drills.instances["sales-prod-drill-20260101-000000"] = {"name": "sales-prod-drill-20260101-000000"}
    states, _ = run_dag("restore_drill", change=quickly)
    assert states["wait_for_restore"] == "failed"
    assert (states["check_copy"], states["remove_copy"], states["record"]) == ("upstream_failed", "success", "failed")
    assert list(drills.instances) == [LIVE, "sales-prod-drill-20260101-000000"]


def test_without_a_backup_nothing_is_made(drills: Google, run_dag: Callable[..., Any]) -> None:
    drills.backups = []
    states, _ = run_dag("restore_drill", change=quickly)
    assert states["choose_backup"] == "failed"
    assert list(drills.instances) == [LIVE]
