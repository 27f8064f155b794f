"""Google's REST interfaces as far as the DAGs call them: a real HTTP server that keeps the rules of the real ones that
matter. A test may put a real PostgreSQL behind its Cloud SQL.

Airflow's hooks and Google's client libraries are the real ones; :func:`use_server` changes their addresses alone, and
the transport of those that would use gRPC to the REST transport of the same library.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

REASONS = {400: "FAILED_PRECONDITION", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS"}


class Refused(Exception):
    """An error that the server answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def now() -> str:
    """The time as Google writes it, with nanoseconds and Z."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"


class Google:
    """The server.

    ``requests`` holds method, path and body of every request; ``accounts`` the accounts that hooks impersonated.
    """

    def __init__(self) -> None:
        self.accounts: list[Any] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.versions: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.acknowledged: list[str] = []
        self.instances: dict[str, dict[str, Any]] = {}
        self.users: dict[str, list[str]] = {}
        self.backups: list[dict[str, Any]] = []
        self.operations: dict[str, list[dict[str, Any]]] = {}
        self.restore_ends: list[dict[str, Any]] = []
        self.operation_ends: dict[str, Any] = {"status": "DONE"}
        self.cluster: dict[str, Any] = {"status": {"state": "RUNNING"}}
        self.cluster_ways: list[str] = []
        self.changes: list[str] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        self.queries: dict[str, dict[str, Any]] = {}
        self.query_error: dict[str, str] | None = None
        self.on_password: Callable[[str, str, str], None] = lambda *_: None
        self.routes: list[tuple[str, Callable[..., Any]]] = [
            (r"GET .*/secrets/(\w[\w-]*)/versions", self._list),
            (r"GET .*/versions/(\d+):access", self._access),
            (r"GET .*/secrets/sales-sql-pass/versions/(latest):access", self._access),
            (r"POST .*/secrets/[\w-]+:addVersion", self._add),
            (r"POST .*/versions/(\d+):disable", self._disable),
            (r"POST .*/subscriptions/[\w-]+:pull", self._pull),
            (r"POST .*/subscriptions/[\w-]+:acknowledge", self._acknowledge),
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
            (r"GET .*/clusters/[\w-]+", self._cluster),
            (r"POST .*/clusters/[\w-]+:start", self._start_cluster),
            (r"POST .*/clusters/[\w-]+:stop", self._stop_cluster),
            (r"GET .*/jobs/([\w-]+)", self._job),
            (r"GET .*/jobs", self._jobs),
            (r"POST .*/jobs:submit", self._submit),
            (r"GET /storage/v1/b/([\w-]+)/o", self._list_objects),
            (r"GET /storage/v1/b/([\w-]+)/o/(.+)", self._object),
            (r"GET /download/storage/v1/b/([\w-]+)/o/(.+)", self._download),
            (r"POST /storage/v1/b/([\w-]+)/o/(.+)/rewriteTo/b/([\w-]+)/o/(.+)", self._rewrite),
            (r"POST /bigquery/v2/projects/[\w-]+/jobs", self._query),
            (r"GET /bigquery/v2/projects/[\w-]+/(?:jobs|queries)/([\w-]+)", self._query_job),
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
                body = json.loads(self.rfile.read(length)) if length else None
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
        self.instances[body["name"]] = body | {"state": "RUNNABLE", "ipAddresses": [address]}
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

    # Dataproc. The cluster passes through the states of ``cluster_ways``, one at each look; ``changes`` are the
    # requests to start or stop it or the database that were accepted.

    @property
    def cluster_state(self) -> str:
        """The state of the cluster."""
        return str(self.cluster["status"]["state"])

    def _cluster(self, *_: Any) -> Any:
        if self.cluster_ways:
            self.cluster["status"]["state"] = self.cluster_ways.pop(0)
        return self.cluster

    def _start_cluster(self, *_: Any) -> Any:
        if self.cluster_state != "STOPPED":
            raise Refused(400, f"Cannot start cluster in state {self.cluster_state}.")
        self.changes.append("start")
        self.cluster_ways = ["STARTING", "STARTING", "RUNNING"]
        return {"name": "operation"}

    def _stop_cluster(self, *_: Any) -> Any:
        if self.cluster_state != "RUNNING":
            raise Refused(400, f"Cannot stop cluster in state {self.cluster_state}.")
        if self.cluster.get("config", {}).get("secondaryWorkerConfig", {}).get("numInstances"):
            raise Refused(400, "Cannot stop cluster with secondary workers.")
        # It stops whatever runs on it.
        for job in self._active():
            job["status"]["state"] = "ERROR"
        self.changes.append("stop")
        self.cluster_ways = ["STOPPING", "STOPPED"]
        return {"name": "operation"}

    def _active(self) -> list[dict[str, Any]]:
        return [job for job in self.jobs.values() if job["status"]["state"] not in ("DONE", "ERROR", "CANCELLED")]

    def _jobs(self, query: Any, _body: Any) -> Any:
        assert query["clusterName"], query
        # The matcher is ACTIVE, by name or by number.
        assert query["jobStateMatcher"] in (["ACTIVE"], ["1"]), query
        return {"jobs": self._active()}

    def _job(self, name: str, _query: Any, _body: Any) -> Any:
        if name not in self.jobs:
            raise Refused(404, f"Not found: Job projects/p/regions/r/jobs/{name}")
        return self.jobs[name]

    def _submit(self, _query: Any, body: Any) -> Any:
        job: dict[str, Any] = body["job"]
        name = job["reference"]["jobId"]
        if self.cluster_state != "RUNNING":
            raise Refused(400, f"Cluster is not running: {self.cluster_state}.")
        if name in self.jobs:
            raise Refused(409, f"Already exists: Job {name}")
        self.jobs[name] = job | {"status": {"state": "PENDING"}}
        return self.jobs[name]

    # Cloud Storage

    def put(self, uri: str, content: bytes = b"", **more: Any) -> None:
        """Stores an object; ``more`` are fields of its resource."""
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        resource = {
            "bucket": bucket,
            "name": name,
            "size": str(len(content)),
            "generation": str(len(self.objects) + 1),
            # Any checksum serves; the real one is 4 bytes too.
            "crc32c": base64.b64encode(hashlib.md5(content).digest()[:4]).decode(),
        }
        self.objects[f"{bucket}/{name}"] = resource | more | {"content": content}

    @staticmethod
    def _shown(item: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in item.items() if name != "content"}

    def _found(self, bucket: str, name: str) -> dict[str, Any]:
        if f"{bucket}/{name}" not in self.objects:
            raise Refused(404, f"No such object: {bucket}/{name}")
        return self.objects[f"{bucket}/{name}"]

    def _list_objects(self, bucket: str, query: Any, _body: Any) -> Any:
        start = f"{bucket}/{query.get('prefix', [''])[0]}"
        return {"items": [self._shown(item) for name, item in sorted(self.objects.items()) if name.startswith(start)]}

    def _object(self, bucket: str, name: str, _query: Any, _body: Any) -> Any:
        return self._shown(self._found(bucket, name))

    def _download(self, bucket: str, name: str, _query: Any, _body: Any) -> Any:
        return self._found(bucket, name)["content"]

    def _rewrite(self, bucket: str, name: str, to: str, new: str, query: Any, _body: Any) -> Any:
        source = self._found(bucket, name)
        if query.get("ifSourceGenerationMatch", [source["generation"]]) != [source["generation"]]:
            raise Refused(412, "At least one of the pre-conditions you specified did not hold.")
        self.put(f"gs://{to}/{new}", source["content"])
        done = {"done": True, "totalBytesRewritten": source["size"], "objectSize": source["size"]}
        return done | {"resource": self._object(to, new, None, None)}

    # BigQuery: a query ends at once, with ``query_error`` if there is one.

    def _query(self, _query: Any, body: Any) -> Any:
        job: dict[str, Any] = body | {"status": {"state": "DONE"}, "statistics": {"query": {}}}
        if self.query_error:
            job["status"] |= {"errorResult": self.query_error, "errors": [self.query_error]}
        self.queries[job["jobReference"]["jobId"]] = job
        return job

    def _query_job(self, name: str, _query: Any, _body: Any) -> Any:
        job = self.queries[name]
        return job | {"jobComplete": True, "totalRows": "0", "schema": {"fields": []}, "rows": []}


def use_server(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes Airflow's hooks use a server, without credentials of any account."""
    from airflow.providers.google.cloud.hooks import cloud_sql, dataproc, pubsub, secret_manager
    from airflow.providers.google.common.hooks.base_google import GoogleBaseHook
    from google.auth.credentials import AnonymousCredentials
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
        (dataproc, "JobControllerClient", JobControllerRestTransport),
    ):
        monkeypatch.setattr(module, name, by_rest(getattr(module, name), transport))
