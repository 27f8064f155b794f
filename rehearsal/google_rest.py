"""Google's REST APIs on the loopback, as far as the job itself calls them: secrets, the state of a Dataproc job, and
lineage events.
"""

from __future__ import annotations

import base64
import http.server
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rehearsal.google_front import TOKEN

SECRETS, JOBS, LINEAGE = (f"{name}.googleapis.com" for name in ("secretmanager", "dataproc", "datalineage"))
HOSTS = [SECRETS, JOBS, LINEAGE]

Lookup = Callable[[str], str | None]


class _Api(http.server.BaseHTTPRequestHandler):
    routes: Mapping[str, Callable[[str], Any]]
    """By host, a function from a path to the body of the answer; None where there is none."""
    take_event: Callable[[str, bytes], Any]
    """The same for lineage events, from a path and a body."""

    def do_GET(self) -> None:
        route = self.routes.get(self._host)
        self._answer(route and route(self.path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken = self._is_allowed and self._host == LINEAGE
        self._answer(type(self).take_event(self.path, body) if taken else None)

    @property
    def _is_allowed(self) -> bool:
        return bool(self.headers["Authorization"] == f"Bearer {TOKEN}")

    @property
    def _host(self) -> str:
        return str(self.headers["Host"]).removesuffix(":443")

    def _answer(self, found: Any) -> None:
        status = (200 if found else 404) if self._is_allowed else 401
        body = found if status == 200 else {"error": {"code": status, "message": f"{self.path}: {status}"}}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Stays silent."""


class _Server(http.server.ThreadingHTTPServer):
    context: ssl.SSLContext

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


def serve(secrets: Mapping[str, str], job_state: Lookup, lineage: Path, certificate: Path, key: Path) -> int:
    """Serves until the process ends; returns the port.

    Args:
        secrets: the values of all secrets, one version each, by their full names.
        job_state: the state of a job by its path ``projects/P/regions/R/jobs/J``; None where it does not exist.
        lineage: the file that keeps lineage events, one a line.
    """
    writing = threading.Lock()

    def take_event(path: str, body: bytes) -> Any:
        known = re.fullmatch(r"/v1/projects/[\w-]+/locations/[\w-]+:processOpenLineageRunEvent\?requestId=[\w-]+", path)
        if known is None:
            return None
        with writing, lineage.open("a") as file:
            file.write(json.dumps(json.loads(body)) + "\n")
        return {"process": "processes/1", "run": "runs/1", "lineageEvents": []}

    def access(path: str) -> Any:
        version = re.fullmatch(r"/v1/(projects/[\w-]+/secrets/[\w-]+)/versions/(?:1|latest):access", path)
        value = secrets.get(version[1]) if version else None
        return value and {"payload": {"data": base64.b64encode(value.encode()).decode()}}

    def job(path: str) -> Any:
        name = re.fullmatch(r"/v1/(projects/[\w-]+/regions/[\w-]+/jobs/[\w.-]+)", path)
        state = job_state(name[1]) if name else None
        return state and {"status": {"state": state}}

    handler = type("Api", (_Api,), {"routes": {SECRETS: access, JOBS: job}, "take_event": staticmethod(take_event)})
    server = _Server(("127.0.0.1", 0), handler)
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(certificate, key)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])
