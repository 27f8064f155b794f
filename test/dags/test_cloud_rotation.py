"""The rotation in the cloud's profile: Google's interfaces by HTTP, and logins to a real PostgreSQL by TLS."""

import datetime as dt
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from sales_platform.google import postgres_login
from sales_platform.google.api import ApiError, GoogleApi
from sales_platform.password import cloud as cloud_rotation
from sales_platform.password import rotation

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "sales-analytics-dev"
INSTANCE = "sales-dev-postgres-g1"


def accepts(server, password):
    try:
        with postgres_login.connected("127.0.0.1", server[0], "postgres", "sales_job", password, tls=True):
            return True
    except postgres_login.LoginRefused:
        return False


def run(asked_at=None):
    cloud_rotation.call(rotation.rotate, asked_at, 90)
    cloud_rotation.call(rotation.check_login)


def test_the_first_run_makes_user_and_password(cloud, server):
    assert cloud_rotation.call(rotation.find_reason, None, 90) == "there is no password yet"
    run()
    assert len(cloud.versions) == 1
    assert cloud.users == {INSTANCE: ["sales_job"]}
    assert accepts(server, cloud.password())
    assert not accepts(server, "another")
    assert cloud_rotation.call(rotation.find_reason, None, 90) is None
    assert set(cloud.accounts) == {f"sales-dev-operator@{PROJECT}.iam.gserviceaccount.com"}


def test_secret_managers_request_is_served_and_confirmed(cloud, server):
    run()
    first = cloud.password()
    cloud.ask("SECRET_VERSION_ADD")
    cloud.ask(secret="another")
    cloud.ask()
    asked_at, tokens = cloud_rotation.requests().pull()
    assert tokens == ["ack-0", "ack-1", "ack-2"]
    assert cloud_rotation.call(rotation.find_reason, asked_at, 90).startswith("asked for at ")
    run(asked_at)
    assert cloud.password() != first
    assert (accepts(server, first), accepts(server, cloud.password())) == (False, True)
    # Until it is confirmed it comes again, and is served already.
    assert cloud_rotation.requests().pull() == (asked_at, tokens)
    assert cloud_rotation.call(rotation.find_reason, asked_at, 90) is None
    cloud_rotation.requests().confirm(tokens)
    assert cloud_rotation.requests().pull() == (None, [])


def test_a_run_that_died_before_the_database_knew_is_repaired(cloud, server):
    run()
    dead = cloud.on_password
    cloud.on_password = lambda *_: (_ for _ in ()).throw(OSError("gone"))
    asked_at = dt.datetime.now(dt.UTC)
    with pytest.raises(OSError, match=r"Connection aborted|RemoteDisconnected"):
        run(asked_at)
    assert not accepts(server, cloud.password())
    cloud.on_password = dead
    assert cloud_rotation.call(rotation.find_reason, None, 90) == "the database does not take version 2"
    run(asked_at)
    assert len(cloud.versions) == 2
    assert accepts(server, cloud.password())


def test_old_versions_are_disabled_after_a_day(cloud):
    run()
    run(dt.datetime.now(dt.UTC))
    assert cloud_rotation.call(rotation.disable_old_versions) == []
    for version in cloud.versions:
        version["created"] = "2026-01-01T00:00:00.123456789Z"
    cloud.versions[1]["created"] = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)).isoformat()
    assert cloud_rotation.call(rotation.disable_old_versions) == [1]
    assert [version["state"] for version in cloud.versions] == ["DISABLED", "ENABLED"]


@pytest.mark.parametrize(
    "change", [{"settings": {"activationPolicy": "NEVER"}}, {"state": "MAINTENANCE"}, {"state": "STOPPED"}]
)
def test_a_database_that_sleeps_is_left_alone(cloud, change):
    cloud.instances[INSTANCE] |= change
    with pytest.raises(rotation.DatabaseAsleep):
        cloud_rotation.call(rotation.find_reason, None, 90)
    assert cloud.versions == []


def test_a_server_that_is_away_is_no_wrong_password(cloud, monkeypatch):
    run()
    monkeypatch.setattr(cloud_rotation, "POSTGRES_PORT", 1)
    with pytest.raises(Exception, match="Can't create a connection"):
        cloud_rotation.call(rotation.find_reason, None, 90)


def test_a_failed_operation_is_a_failure_and_no_password_is_in_it(cloud):
    error = {"errors": [{"code": "INTERNAL", "message": "try later"}]}
    cloud.start_operation = lambda kind, *_: {
        "name": "x", "operationType": kind, "status": "DONE", "error": error,
    }  # fmt: skip
    with pytest.raises(ApiError, match=r"^UPDATE_USER: INTERNAL try later$"):
        run()
    cloud.routes = []
    with pytest.raises(ApiError, match=r"^POST projects/p/instances/i/users: 404 no such") as raised:
        GoogleApi().call("POST", "sqladmin", "projects/p/instances/i/users", {"password": "the-password"})
    assert "the-password" not in str(raised.value)


def test_the_dag_serves_a_request_and_no_password_passes_through_airflow(cloud, server, run_dag, caplog):
    caplog.set_level(logging.INFO)
    run()
    cloud.ask()
    states, results = run_dag("rotate_database_password", scheduled=True)
    assert set(states.values()) == {"success"}
    assert (results["rotate_password"], results["disable_old_versions"]) == (2, [])
    assert accepts(server, cloud.password())
    assert cloud.acknowledged == ["ack-0"]
    event = next(line for line in caplog.messages if line.startswith('{"event":"password_rotation"'))
    assert json.loads(event)["status"] == "done"
    said = json.dumps(results) + caplog.text
    assert [n for n in (1, 2) if cloud.password(n) in said] == []
    # Nothing is left to do: every task but the first is skipped.
    states, _ = run_dag("rotate_database_password", scheduled=True)
    assert set(states.values()) == {"skipped"}
    assert len(cloud.versions) == 2


def test_composer_needs_no_driver():
    """The stack ships the very archive that these tests log in with."""
    code = "import sys; sys.path.append(sys.argv[1]); import pg8000.dbapi; print(pg8000.__file__)"
    archive = str(ROOT / "dist/pyspark-dependencies.zip")
    done = subprocess.run([sys.executable, "-c", code, archive], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(archive)
