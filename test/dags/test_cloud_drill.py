"""Drills in the cloud's profile: what Cloud SQL is asked for, and that the copy goes whatever happens."""

import datetime as dt
import json

import pytest

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


@pytest.fixture
def drills(cloud, monkeypatch):
    """The live instance with a password, tables and two backups."""
    from sales_platform.password import cloud as cloud_rotation
    from sales_platform.password import rotation
    from sales_platform.restore import cloud as cloud_drill

    cloud_rotation.call(rotation.rotate, None, 90)
    cloud.execute(*TABLES)
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
    cloud.kept = {}

    class Storage:
        def exists(self, bucket, name):
            return (bucket, name) in cloud.kept

        def upload(self, bucket, name, data, mime_type):
            cloud.kept[bucket, name] = json.loads(data)

    monkeypatch.setattr(cloud_drill, "GCSHook", Storage)
    yield cloud
    cloud.execute("DROP TABLE products, stores, run_history")


def quickly(dag):
    for task in dag.tasks:
        task.retries = 0
        if task.task_id.startswith("wait_"):
            task.poke_interval = 0.1


def test_a_drill(drills, run_dag):
    states, results = run_dag("restore_drill", change=quickly)
    assert set(states.values()) == {"success"}, states
    (made,) = [body for method, path, body in drills.requests if method == "POST" and path.endswith("/instances")]
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
    (context,) = [body for _, path, body in drills.requests if path.endswith(f"/{copy}/restoreBackup")]
    # The newest whole one, of the live instance.
    assert context["restoreBackupContext"] == {
        "backupRunId": "12",
        "instanceId": LIVE,
        "project": "sales-analytics-dev",
    }
    assert list(drills.instances) == [LIVE]
    ((bucket, name),) = drills.kept
    assert (bucket, name) == ("sales-analytics-dev-archive", f"archives/backup/restore_drills/{copy}.json")
    kept = drills.kept[bucket, name]
    assert kept["rows"] == {"products": 2, "stores": 1, "run_history": 1}
    assert kept["problems"] == []
    assert 7190 < kept["recovery_point_seconds"] < 7300
    assert results["remove_copy"] == [copy]


def test_the_live_instance_is_never_changed(drills, run_dag):
    before = json.dumps(drills.instances[LIVE])
    run_dag("restore_drill", change=quickly)
    changes = [path for method, path, _ in drills.requests if method != "GET" and f"/{LIVE}" in path]
    # The first password, by the fixture.
    assert changes == [f"/projects/sales-analytics-dev/instances/{LIVE}/users"]
    assert json.dumps(drills.instances[LIVE]) == before


def test_a_restore_that_fails_leaves_no_instance(drills, run_dag):
    error = {"errors": [{"code": "BACKUP_CORRUPT", "message": "cannot be read"}]}
    drills.restore_ends = [{"status": "DONE", "error": error}]
    drills.instances["sales-dev-drill-20260101-000000"] = {"name": "sales-dev-drill-20260101-000000"}
    drills.instances["sales-prod-drill-20260101-000000"] = {"name": "sales-prod-drill-20260101-000000"}
    states, _ = run_dag("restore_drill", change=quickly)
    assert states["wait_for_restore"] == "failed"
    assert (states["check_copy"], states["remove_copy"], states["record"]) == ("upstream_failed", "success", "failed")
    assert list(drills.instances) == [LIVE, "sales-prod-drill-20260101-000000"]


def test_without_a_backup_nothing_is_made(drills, run_dag):
    drills.backups = []
    states, _ = run_dag("restore_drill", change=quickly)
    assert states["choose_backup"] == "failed"
    assert list(drills.instances) == [LIVE]


def test_an_environment_says_when_a_drill_is_due(monkeypatch):
    from sales_platform.settings import drill_schedule

    for value, schedule in (("never", None), ("0 6 * * 1", "0 6 * * 1")):
        monkeypatch.setenv("RESTORE_DRILL_SCHEDULE", value)
        assert drill_schedule() == schedule
