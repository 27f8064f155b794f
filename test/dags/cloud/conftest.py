"""Fixtures of the cloud's profile: Google's interfaces, and a PostgreSQL that wants TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent)]

from google_server import Google, use_server  # noqa: E402  the path is set above
from tls_postgres import encrypted  # noqa: E402

INSTANCE = "sales-dev-postgres-g1"

SERVER = """
import json, sys
from pathlib import Path
from sales_job.targets import local_postgres
with local_postgres.running(Path(sys.argv[1])) as at:
    print(json.dumps([at.port, at.user, at.password]), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def google_class() -> type[Google]:
    """The server; a module of tests may have one of its own."""
    return Google


@pytest.fixture
def google(
    cloud_settings: Any, airflow_db: None, google_class: type[Google], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Google]:
    """Google's interfaces on this machine, the dev stack's settings, looks without pauses between them, and an Airflow
    that has recorded no remedy and no cluster.
    """
    from airflow.models.variable import Variable
    from tenacity import wait_none

    from sales_platform.shared import polling

    monkeypatch.setattr(polling, "PAUSE", wait_none())
    for name in ("sales_remedies", "sales_cluster"):
        Variable.delete(name)
    server = google_class()
    use_server(server, monkeypatch)
    yield server
    server.stop()


@dataclass(frozen=True)
class Server:
    """Address and superuser of a PostgreSQL server that wants TLS."""

    port: int
    user: str
    password: str
    authority: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server, started in the job's environment."""
    folder = tmp_path_factory.mktemp("server")
    process = subprocess.Popen(
        [str(ROOT / ".venv/job/bin/python"), "-c", SERVER, str(folder / "home")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "pyspark-jobs")},
    )
    assert process.stdout
    port, user, password = json.loads(process.stdout.readline())
    with encrypted(port, folder) as (outside, authority):
        yield Server(outside, user, password, authority)
    process.communicate()


@pytest.fixture
def execute(server: Server) -> Callable[..., None]:
    """Executes statements as the superuser."""
    from sales_platform.google.postgres_login import connected

    def run(*statements: str) -> None:
        login = ("postgres", server.user, server.password)
        with connected("127.0.0.1", server.port, *login, authority=server.authority) as connection:
            connection.autocommit = True
            for statement in statements:
                connection.cursor().execute(statement)

    return run


@pytest.fixture
def cloud(
    google: Google, server: Server, execute: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Google]:
    """Google with the dev instance running; its users are the server's."""
    from sales_platform.google import postgres_login

    monkeypatch.setattr(postgres_login, "PORT", server.port)
    monkeypatch.setenv("DATABASE_NAME", "postgres")
    made: set[str] = set()

    def on_password(_instance: str, name: str, value: str) -> None:
        execute(f"{'ALTER' if name in made else 'CREATE'} ROLE {name} LOGIN PASSWORD '{value}'")
        made.add(name)

    google.on_password = on_password
    google.authority = server.authority
    google.instances[INSTANCE] = {
        "name": INSTANCE,
        "state": "RUNNABLE",
        "settings": {"activationPolicy": "ALWAYS"},
        "ipAddresses": [{"type": "PRIVATE", "ipAddress": "127.0.0.1"}],
        "serverCaCert": {"cert": server.authority},
    }
    yield google
    execute("DROP ROLE IF EXISTS sales_job")


@pytest.fixture(autouse=True)
def shipped_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PostgreSQL driver comes from the archive that the stack ships."""
    from sales_platform.google import postgres_login

    monkeypatch.setattr(postgres_login, "DEPENDENCIES", ROOT / "dist/pyspark-dependencies.zip")
