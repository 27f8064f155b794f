"""Requests to Google's REST APIs by the standard library: the machine's token, repeated requests, clear errors."""

from __future__ import annotations

import base64
import http.server
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sales_job.base.errors import ConfigurationError, JobError
from sales_job.base.google_api import ApiError, GoogleApi
from sales_job.targets import dataproc
from sales_job.targets.gcs_object import GcsObject
from sales_job.targets.lake_lock import Owner

SECRET = "/v1/projects/sales/secrets/password/versions/latest:access"
TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token"
OWNER = Owner("sales", "us-central1", "job-a", "2026-01-02", "v-a")


class Server:
    """Answers by path; an answer is a status and a body, and a list of them is given one after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            TOKEN: (200, {"access_token": "machine", "expires_in": 3600, "token_type": "Bearer"})
        }
        self.requests: list[tuple[str, str | None]] = []
        self.bodies: list[Any] = []

    def answer(self, path: str) -> tuple[int, Any]:
        found = self.answers.get(path, (404, {"error": {"code": 404, "message": f"{path} not found"}}))
        status, body = found.pop(0) if isinstance(found, list) else found
        return status, body


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            state.requests.append((path, self.headers["Authorization"] or self.headers["Metadata-Flavor"]))
            status, body = state.answer(path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode() if isinstance(body, str) else json.dumps(body).encode())

        def do_POST(self) -> None:
            state.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Stays silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{running.server_address[1]}"
        monkeypatch.setenv("GCE_METADATA_HOST", address)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://{address}")
        monkeypatch.setattr(dataproc, "SECRET_MANAGER", f"http://{address}/v1")
        monkeypatch.setattr(dataproc, "DATAPROC", f"http://{address}/v1")
        yield state
        running.shutdown()


def test_the_password_is_read_with_the_token_of_the_machine(server: Server) -> None:
    # base64 of "p\u00e4ss+/word", by hand: echo -n 'päss+/word' | base64
    server.answers[SECRET] = (200, {"payload": {"data": "cMOkc3MrL3dvcmQ="}})
    google = GoogleApi()
    assert dataproc.password(google, "sales", "password") == "päss+/word"
    assert dataproc.password(google, "sales", "projects/sales/secrets/password") == "päss+/word"
    # One token serves until it expires.
    assert server.requests == [(TOKEN, "Google"), (SECRET, "Bearer machine"), (SECRET, "Bearer machine")]


CUSTOMER_SECRET = "/v1/projects/sales/secrets/sales-customer-key"
FIRST = f"{CUSTOMER_SECRET}/versions/1:access"
ADD = f"{CUSTOMER_SECRET}:addVersion"


def version(text: str) -> tuple[int, Any]:
    return 200, {"payload": {"data": base64.b64encode(text.encode()).decode()}}


def test_the_key_of_the_customers_is_the_first_version(server: Server) -> None:
    server.answers[FIRST] = version("0a" * 32)
    assert dataproc.customer_key(GoogleApi(), "sales", "sales-customer-key").digits == "0a" * 32
    named = dataproc.customer_key(GoogleApi(), "other", "projects/sales/secrets/sales-customer-key")
    assert named.digits == "0a" * 32
    assert ADD not in [path for path, _ in server.requests]


def test_the_first_run_fills_the_secret(server: Server) -> None:
    missing = (404, {"error": {"code": 404, "message": "has no versions"}})
    # Somebody else's came first: it is the key.
    server.answers[FIRST] = [missing, version("0b" * 32)]
    server.answers[ADD] = (200, {"name": "projects/sales/secrets/sales-customer-key/versions/2"})
    assert dataproc.customer_key(GoogleApi(), "sales", "sales-customer-key").digits == "0b" * 32
    ((body,),) = [body.values() for body in server.bodies]
    made = base64.b64decode(body["data"]).decode()
    assert re.fullmatch("[0-9a-f]{64}", made)
    server.answers[FIRST] = missing
    with pytest.raises(ConfigurationError):
        dataproc.customer_key(GoogleApi(), "sales", "sales-customer-key")
    assert base64.b64decode(server.bodies[1]["payload"]["data"]).decode() != made


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({FIRST: (403, {"error": {"code": 403, "message": "Permission denied"}})}, "Permission denied"),
        ({ADD: (403, {"error": {"code": 403, "message": "may not add"}})}, "may not add"),
        ({}, f"{ADD} not found"),
        # A version that was disabled or destroyed.
        ({FIRST: (400, {"error": {"code": 400, "message": "is in DESTROYED state."}})}, "is in DESTROYED state."),
        ({FIRST: version("secret that is no key")}, "holds no 64 hexadecimal digits in lower case"),
    ],
)
def test_a_key_that_cannot_be_used_is_one_clear_line(server: Server, answers: dict[str, Any], reason: str) -> None:
    server.answers.update(answers)
    with pytest.raises(ConfigurationError) as error:
        dataproc.customer_key(GoogleApi(), "sales", "sales-customer-key")
    assert str(error.value) == f"--customer-key-secret sales-customer-key: cannot be used ({reason})"


def test_a_secret_that_cannot_be_read_is_named(server: Server) -> None:
    server.answers[SECRET] = (403, {"error": {"code": 403, "message": "Permission denied\non resource"}})
    with pytest.raises(ConfigurationError) as error:
        dataproc.password(GoogleApi(), "sales", "password")
    assert str(error.value) == "--sql-password-secret password: cannot be read (Permission denied on resource)"


def test_an_api_that_is_away_for_a_moment_is_asked_again(server: Server) -> None:
    data = base64.b64encode(b"secret").decode()
    server.answers[SECRET] = [(503, "busy"), (429, {}), (200, {"payload": {"data": data}})]
    assert dataproc.password(GoogleApi(), "sales", "password") == "secret"


def test_an_api_that_stays_away_is_named() -> None:
    with pytest.raises(ApiError) as error:
        GoogleApi(lambda: "token", retry_seconds=0.1).call("GET", "http://127.0.0.1:9/v1/nothing")
    assert error.value.status == 0
    assert "127.0.0.1:9 does not answer" in str(error.value)


def test_the_state_of_a_job(server: Server) -> None:
    path = "/v1/projects/sales/regions/us-central1/jobs/job-a"
    server.answers[path] = (200, {"reference": {}, "status": {"state": "RUNNING"}})
    assert dataproc.job_state(GoogleApi(), OWNER) == "RUNNING"
    del server.answers[path]
    assert dataproc.job_state(GoogleApi(), OWNER) == ""
    server.answers[path] = (403, {"error": {"message": "not allowed"}})
    with pytest.raises(JobError) as error:
        dataproc.job_state(GoogleApi(), OWNER)
    assert str(error.value) == (f"{OWNER} holds the lock, and whether it still runs is not known: not allowed")


def test_an_object_that_is_not_there(server: Server) -> None:
    """Writing and removing on conditions: ``test/rehearsal/test_bigquery_checks.py``, on the emulator."""
    assert GcsObject(GoogleApi(), "gs://lake/production_data/processed/_lock").read() is None
    assert server.requests[-1][0] == "/storage/v1/b/lake/o/production_data%2Fprocessed%2F_lock"


@pytest.mark.parametrize(
    ("tags", "job"),
    [
        ("dataproc_hash_0a1b,dataproc_job_sales-2026-01-02-1,dataproc_master_index_0", "sales-2026-01-02-1"),
        ("", ""),
        ("something else", ""),
    ],
)
def test_the_driver_knows_its_job_by_a_tag(monkeypatch: pytest.MonkeyPatch, tags: str, job: str) -> None:
    class Conf:
        def get(self, name: str, default: str) -> str:
            return {"spark.yarn.tags": tags}[name]

    monkeypatch.setattr(dataproc, "SparkConf", Conf)
    monkeypatch.setattr(dataproc.SparkContext, "_ensure_initialized", lambda: None)
    assert dataproc.own_job_id() == job
