"""The rotation in the cloud's profile: Google's interfaces by HTTP, and logins to a real PostgreSQL by TLS."""

from __future__ import annotations

import datetime as dt
import json
import logging
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.exceptions import AirflowException
from google_server import Google, Refused
from tls_postgres import certificate

from sales_platform.google import postgres_login
from sales_platform.google.cloud_sql import CloudSqlError
from sales_platform.google.postgres_login import LoginRefused, connected
from sales_platform.password.cloud import CloudRotation
from sales_platform.password.rotation import DatabaseStopped
from sales_platform.settings import CloudSettings

ROOT = Path(__file__).resolve().parents[3]
INSTANCE = "sales-dev-postgres-g1"


@pytest.fixture
def backend(cloud: Google) -> CloudRotation:
    """The dev environment's rotation."""
    return CloudRotation(CloudSettings.read())


def accepts(google: Google, password: str) -> bool:
    """Whether the database accepts a password of the job's user."""
    login = ("postgres", "sales_job", password)
    try:
        with connected("127.0.0.1", postgres_login.PORT, *login, authority=google.authority):
            return True
    except LoginRefused:
        return False


def rotate(backend: CloudRotation, asked_at: dt.datetime | None = None) -> None:
    """Makes a password if one is due, and checks it."""
    backend.rotate(asked_at)
    backend.check_login()


def test_the_first_run_makes_user_and_password(cloud: Google, backend: CloudRotation) -> None:
    assert backend.find_reason(None) == "there is no password yet"
    rotate(backend)
    assert len(cloud.versions) == 1
    assert cloud.users == {INSTANCE: ["sales_job"]}
    assert accepts(cloud, cloud.password())
    assert not accepts(cloud, "another")
    assert backend.find_reason(None) is None
    assert set(cloud.accounts) == {"sales-dev-operator@sales-analytics-dev.iam.gserviceaccount.com"}


def test_a_server_with_a_certificate_of_another_authority_is_refused(
    cloud: Google, backend: CloudRotation, tmp_path: Path
) -> None:
    """Whoever answers at the database's address gets no password."""
    rotate(backend)
    _, another = certificate(tmp_path)
    cloud.instances[INSTANCE]["serverCaCert"] = {"cert": another}
    with pytest.raises(ssl.SSLCertVerificationError):
        backend.check_login()
    del cloud.instances[INSTANCE]["serverCaCert"]
    with pytest.raises(AirflowException, match="no certificate authority"):
        backend.check_login()


def test_secret_managers_request_is_served_and_confirmed(cloud: Google, backend: CloudRotation) -> None:
    rotate(backend)
    first = cloud.password()
    cloud.ask("SECRET_VERSION_ADD")
    cloud.ask(secret="another")
    cloud.ask()
    asked_at, tokens = backend.pull_requests()
    assert tokens == ["ack-0", "ack-1", "ack-2"]
    reason = backend.find_reason(asked_at)
    assert reason is not None
    assert reason.startswith("asked for at ")
    rotate(backend, asked_at)
    assert cloud.password() != first
    assert (accepts(cloud, first), accepts(cloud, cloud.password())) == (False, True)
    # Until it is confirmed it is delivered again, and is served already.
    assert backend.pull_requests() == (asked_at, tokens)
    assert backend.find_reason(asked_at) is None
    backend.confirm_requests(tokens)
    assert backend.pull_requests() == (None, [])


def test_a_run_that_died_before_the_database_knew_is_repaired(cloud: Google, backend: CloudRotation) -> None:
    rotate(backend)
    works = cloud.on_password

    def dies(*_: str) -> None:
        raise OSError("gone")

    cloud.on_password = dies
    asked_at = dt.datetime.now(dt.UTC)
    with pytest.raises(OSError, match=r"Remote end closed connection|Connection aborted"):
        rotate(backend, asked_at)
    assert not accepts(cloud, cloud.password())
    cloud.on_password = works
    assert backend.find_reason(None) == "the database refuses version 2"
    rotate(backend, asked_at)
    assert len(cloud.versions) == 2
    assert accepts(cloud, cloud.password())


def test_old_versions_are_disabled_after_a_day(cloud: Google, backend: CloudRotation) -> None:
    rotate(backend)
    rotate(backend, dt.datetime.now(dt.UTC))
    assert backend.disable_old_versions() == []
    for version in cloud.versions:
        version["created"] = "2026-01-01T00:00:00.123456789Z"
    cloud.versions[1]["created"] = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)).isoformat()
    assert backend.disable_old_versions() == [1]
    assert [version["state"] for version in cloud.versions] == ["DISABLED", "ENABLED"]


@pytest.mark.parametrize(
    "change", [{"settings": {"activationPolicy": "NEVER"}}, {"state": "MAINTENANCE"}, {"state": "STOPPED"}]
)
def test_a_stopped_database_is_left_alone(cloud: Google, backend: CloudRotation, change: dict[str, Any]) -> None:
    cloud.instances[INSTANCE] |= change
    with pytest.raises(DatabaseStopped):
        backend.find_reason(None)
    assert cloud.versions == []


def test_a_server_that_does_not_answer_is_no_wrong_password(
    backend: CloudRotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate(backend)
    monkeypatch.setattr(postgres_login, "PORT", 1)
    with pytest.raises(Exception, match="Can't create a connection"):
        backend.find_reason(None)


def test_an_operation_that_fails_is_a_failure(cloud: Google, backend: CloudRotation) -> None:
    error = {"errors": [{"code": "INTERNAL", "message": "try later"}]}
    cloud.operation_ends = {"status": "DONE", "error": error}
    with pytest.raises(CloudSqlError, match=r"^CREATE_USER: INTERNAL try later$"):
        rotate(backend)


@pytest.mark.parametrize("route", [r"POST .*/instances/([\w-]+)/users", r"POST .*/secrets/[\w-]+:addVersion"])
def test_an_error_never_tells_the_password(cloud: Google, backend: CloudRotation, route: str) -> None:
    """Also where the answer quotes the request."""
    quoted: list[str] = []

    def refuse(*arguments: Any) -> Any:
        body = arguments[-1]
        quoted.append(body["password"] if "password" in body else cloud.decoded(body["payload"]["data"]))
        raise Refused(400, f"Invalid value: {quoted[-1]}")

    cloud.routes.insert(0, (route, refuse))
    with pytest.raises(Exception, match=r"400 .*Invalid value: \*\*\*") as raised:
        rotate(backend)
    assert len(quoted[0]) == 43  # 32 bytes, in base64
    shown = str(raised.getrepr(style="long", chain=True))
    assert quoted[0] not in shown


def test_the_dag_serves_a_request_and_no_password_passes_through_airflow(
    cloud: Google, backend: CloudRotation, run_dag: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rotate(backend)
    cloud.ask()
    states, results = run_dag("rotate_database_password", scheduled=True)
    assert set(states.values()) == {"success"}
    assert (results["rotate_password"], results["disable_old_versions"]) == (2, [])
    assert accepts(cloud, cloud.password())
    assert cloud.acknowledged == ["ack-0"]
    event = next(line for line in caplog.messages if line.startswith('{"event":"password_rotation"'))
    assert json.loads(event)["status"] == "done"
    said = json.dumps(results) + caplog.text
    assert [n for n in (1, 2) if cloud.password(n) in said] == []
    # Nothing is left to do: every task but the first is skipped.
    states, _ = run_dag("rotate_database_password", scheduled=True)
    assert set(states.values()) == {"skipped"}
    assert len(cloud.versions) == 2


def test_composer_needs_no_driver() -> None:
    """The stack ships the very archive that these tests log in with."""
    code = "import sys; sys.path.append(sys.argv[1]); import pg8000.dbapi; print(pg8000.__file__)"
    archive = str(ROOT / "dist/pyspark-dependencies.zip")
    done = subprocess.run([sys.executable, "-c", code, archive], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(archive)
