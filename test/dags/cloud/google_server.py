"""Google's REST interfaces as far as the DAGs call them: a real HTTP server that keeps the rules of the real ones that
matter. A test may put a real PostgreSQL behind its Cloud SQL.

Airflow's hooks and Google's client libraries are the real ones; :func:`use_server` changes their addresses alone, and
the transport of those that would use gRPC to the REST transport of the same library.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from google_services import REASONS, BigQuery, Dataproc, Refused, Storage


def now() -> str:
    """The time as Google writes it, with nanoseconds and Z."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"


class Google(Dataproc, Storage, BigQuery):
    """The server.

    ``requests`` holds method, path and body of every request; ``accounts`` the accounts that hooks impersonated.
    """

    def __init__(self) -> None:
        super().__init__()
        self.accounts: list[Any] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.versions: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.acknowledged: list[str] = []
        self.instances: dict[str, dict[str, Any]] = {}
        self.authority = ""
        self.users: dict[str, list[str]] = {}
        self.backups: list[dict[str, Any]] = []
        self.operations: dict[str, list[dict[str, Any]]] = {}
        self.restore_ends: list[dict[str, Any]] = []
        self.operation_ends: dict[str, Any] = {"status": "DONE"}
        self.on_password: Callable[[str, str, str], None] = lambda *_: None
        self.routes: list[tuple[str, Callable[..., Any]]] = [
            (r"GET .*/secrets/(\w[\w-]*)/versions", self._list),
            (r"GET .*/versions/(\d+):access", self._access),
            (r"GET .*/secrets/sales-sql-pass/versions/(latest):access", self._access),
            (r"POST .*/secrets/[\w-]+:addVersion", self._add),
            (r"POST .*/versions/(\d+):disable", self._disable),
            (r"POST .*/subscriptions/[\w-]+:pull", self._pull),
            (r"POST .*/subscriptions/[\w-]+:acknowledge", self._acknowledge),
            (r"POST .*/dataScans/([\w-]+):run", lambda scan, *_: {"job": {"name": f"dataScans/{scan}/jobs/1"}}),
            (r"GET .*/operations/([\w-]+)", self._operation),
            (r"GET .*/instances/([\w-]+)/users", self._users),
            (r"(POST|PUT) .*/instances/([\w-]+)/users", self._user),
            (r"GET .*/instances/([\w-]+)/backupRuns", lambda *_: {"items": self.backups}),
            (r"POST .*/instances/([\w-]+)/restoreBackup", self._restore),
            (r"GET .*/instances/([\w-]+)", self._instance),
            (r"GET .*/instances", lambda *_: {"items": list(self.instances.values())}),
            (r"POST .*/instances", self._create),
            (r"DELETE .*/instances/([\w-]+)", self._delete),
            (r"PATCH .*/instances/([\w-]+)", self._patch),
            *self.storage_routes(),
            *self.bigquery_routes(),
            *self.dataproc_routes(),
        ]
        handler = self._handler()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=partial(self.server.serve_forever, poll_interval=0.02), daemon=True).start()

    def stop(self) -> None:
        """Ends the server."""
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        google = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                content_type = self.headers.get("Content-Type") or ""
                sent = self.rfile.read(length)
                body = (json.loads(sent) if "json" in content_type or not content_type else sent) if length else None
                parts = urlsplit(self.path)
                google.requests.append((self.command, self.path, body))
                try:
                    status, content = 200, google.handle(self.command, parts.path, parse_qs(parts.query), body)
                except Refused as error:
                    reason = REASONS.get(error.status, "UNKNOWN")
                    status = error.status
                    content = {"error": {"code": status, "message": str(error), "status": reason}}
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def handle(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        for pattern, act in self.routes:
            if match := re.fullmatch(pattern, f"{method} {path}"):
                return act(*map(unquote, match.groups()), query, body)
        raise Refused(404, f"no such method: {method} {path}")

    # Secret Manager

    def _list(self, _secret: str, _query: Any, _body: Any) -> Any:
        shown = [
            {"name": f"projects/1/secrets/s/versions/{n}", "createTime": v["created"], "state": v["state"]}
            for n, v in enumerate(self.versions, 1)
        ]
        return {"versions": shown} if shown else {}

    def _access(self, number: str, _query: Any, _body: Any) -> Any:
        version = self.versions[-1 if number == "latest" else int(number) - 1]
        if version["state"] != "ENABLED":
            raise Refused(400, f"Secret Version [{number}] is in {version['state']} state.")
        return {"payload": {"data": version["data"]}}

    def _add(self, _query: Any, body: Any) -> Any:
        self.versions.append({"created": now(), "state": "ENABLED", "data": body["payload"]["data"]})
        return {"name": f"projects/1/secrets/s/versions/{len(self.versions)}"}

    def _disable(self, number: str, _query: Any, _body: Any) -> Any:
        self.versions[int(number) - 1]["state"] = "DISABLED"
        return {}

    def password(self, number: int = 0) -> str:
        """The password of one version, by default of the newest."""
        return self.decoded(self.versions[number - 1]["data"])

    @staticmethod
    def decoded(data: str) -> str:
        """A password as a request holds it."""
        return base64.b64decode(data).decode()

    # Pub/Sub

    def ask(self, event: str = "SECRET_ROTATE", secret: str = "sales-sql-pass") -> None:
        """Publishes a message as Secret Manager does."""
        attributes = {"eventType": event, "secretId": f"projects/1/secrets/{secret}"}
        self.messages.append(
            {"ackId": f"ack-{len(self.messages)}", "message": {"attributes": attributes, "publishTime": now()}}
        )

    def _pull(self, _query: Any, _body: Any) -> Any:
        open_messages = [item for item in self.messages if item["ackId"] not in self.acknowledged]
        return {"receivedMessages": open_messages} if open_messages else {}

    def _acknowledge(self, _query: Any, body: Any) -> Any:
        self.acknowledged += body["ackIds"]
        return {}

    # Cloud SQL

    def start_operation(self, kind: str, *states: dict[str, Any]) -> dict[str, Any]:
        """An operation that passes through ``states``, one at each look, and is done."""
        name = f"operation-{len(self.operations)}"
        common = {"name": name, "operationType": kind}
        self.operations[name] = [*[common | state for state in states], common | self.operation_ends]
        return common | {"status": "PENDING"}

    def _operation(self, name: str, _query: Any, _body: Any) -> Any:
        states = self.operations[name]
        return states.pop(0) if len(states) > 1 else states[0]

    def _instance(self, name: str, _query: Any, _body: Any) -> Any:
        if name not in self.instances:
            raise Refused(404, "The Cloud SQL instance does not exist.")
        return self.instances[name]

    def _users(self, name: str, _query: Any, _body: Any) -> Any:
        users = self.users.get(name, [])
        return {"items": [{"name": user} for user in users]} if users else {}

    def _user(self, method: str, name: str, query: Any, body: Any) -> Any:
        users = self.users.setdefault(name, [])
        if (method == "PUT") != (body["name"] in users) or (method == "PUT" and query["name"] != [body["name"]]):
            raise Refused(400, "Invalid request: the user exists, or does not.")
        if method == "POST":
            users.append(body["name"])
        self.on_password(name, body["name"], body["password"])
        return self.start_operation("CREATE_USER" if method == "POST" else "UPDATE_USER", {"status": "RUNNING"})

    def _create(self, _query: Any, body: Any) -> Any:
        if body["name"] in self.instances:
            raise Refused(409, "The Cloud SQL instance already exists.")
        address = {"type": "PRIVATE", "ipAddress": "127.0.0.1"}
        made = {"state": "RUNNABLE", "ipAddresses": [address], "serverCaCert": {"cert": self.authority}}
        self.instances[body["name"]] = body | made
        return self.start_operation("CREATE", {"status": "RUNNING"})

    def _restore(self, name: str, _query: Any, body: Any) -> Any:
        wanted = body["restoreBackupContext"]["backupRunId"]
        if name not in self.instances or wanted not in [backup["id"] for backup in self.backups]:
            raise Refused(404, "The backup run does not exist.")
        # The backup holds the users too.
        self.users[name] = list(self.users[body["restoreBackupContext"]["instanceId"]])
        return self.start_operation("RESTORE_VOLUME", {"status": "RUNNING"}, *self.restore_ends)

    def _delete(self, name: str, _query: Any, _body: Any) -> Any:
        del self.instances[name]
        return self.start_operation("DELETE", {"status": "RUNNING"})

    def _patch(self, name: str, _query: Any, body: Any) -> Any:
        self.changes.append(body["settings"]["activationPolicy"])
        self.instances[name]["settings"] |= body["settings"]
        return self.start_operation("UPDATE")


def use_server(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes Airflow's hooks use a server, without credentials of any account."""
    from airflow.providers.google.cloud.hooks import cloud_sql, dataplex, dataproc, pubsub, secret_manager
    from airflow.providers.google.common.hooks.base_google import GoogleBaseHook
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.dataplex_v1.services.data_scan_service.transports import DataScanServiceRestTransport
    from google.cloud.dataproc_v1.services.cluster_controller.transports import ClusterControllerRestTransport
    from google.cloud.dataproc_v1.services.job_controller.transports import JobControllerRestTransport
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
        SecretManagerServiceRestTransport,
    )
    from google.pubsub_v1.services.subscriber.transports import SubscriberRestTransport
    from googleapiclient import discovery

    def credentials(hook: GoogleBaseHook) -> tuple[AnonymousCredentials, str]:
        google.accounts.append(hook.impersonation_chain)
        return AnonymousCredentials(), "sales-analytics-dev"  # type: ignore[no-untyped-call]

    def by_rest(client: Any, transport: Any) -> Callable[..., Any]:
        def connect(*, credentials: Any, **_: Any) -> Any:
            return client(transport=transport(host=google.url, credentials=credentials))

        return connect

    # The stack's connection has retries, with pauses of seconds.
    connection = {"conn_type": "google_cloud_platform", "extra": {"num_retries": "0"}}
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT", json.dumps(connection))
    monkeypatch.setattr(GoogleBaseHook, "get_credentials_and_project_id", credentials)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", google.url)
    monkeypatch.setattr(cloud_sql, "build", partial(discovery.build, client_options={"api_endpoint": google.url}))
    for module, name, transport in (
        (secret_manager, "SecretManagerServiceClient", SecretManagerServiceRestTransport),
        (pubsub, "SubscriberClient", SubscriberRestTransport),
        (dataproc, "ClusterControllerClient", ClusterControllerRestTransport),
        (dataplex, "DataScanServiceClient", DataScanServiceRestTransport),
        (dataproc, "JobControllerClient", JobControllerRestTransport),
    ):
        monkeypatch.setattr(module, name, by_rest(getattr(module, name), transport))
