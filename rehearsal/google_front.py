"""Google's front end on the loopback: the host names of its APIs, TLS, and the identity of the machine.

Client libraries connect to ``<service>.googleapis.com:443`` as in the cloud. gRPC is configured with a proxy that leads
to this machine, and with the authority that signs certificates for the real names. Tokens come from a stand-in for the
metadata server, where the libraries look for the identity of a machine.
"""

from __future__ import annotations

import http.server
import json
import select
import socket
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

TOKEN = "rehearsal-token"
IDENTITY = "rehearsal@sales.iam.gserviceaccount.com"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def serve(handler: type[socketserver.BaseRequestHandler], **attributes: Any) -> int:
    """Serves in the background on a free loopback port until the process ends; returns the port."""
    server = _Server(("127.0.0.1", 0), type("Handler", (handler,), attributes))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


class Proxy(socketserver.StreamRequestHandler):
    """An HTTP proxy that leads ``hosts`` to ``port`` and collects every other host in ``refused``."""

    hosts: list[str]
    port: int
    refused: list[str]

    def handle(self) -> None:
        _, target, _ = self.rfile.readline().decode("ascii", "replace").split(" ", 2)
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        if target.removesuffix(":443") not in self.hosts:
            self.refused.append(target)
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = [self.connection, server]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end is self.connection].sendall(data)


class Metadata(http.server.BaseHTTPRequestHandler):
    """The part of a machine's metadata server that client libraries ask for."""

    project: str

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].removeprefix("/computeMetadata/v1/").rstrip("/")
        account = "instance/service-accounts/"
        answers: dict[str, Any] = {
            "": {},
            "project/project-id": self.project,
            "universe/universe-domain": "googleapis.com",
        }
        known = answers.get(path)
        if path.startswith(account):
            known = {"email": IDENTITY, "aliases": ["default"], "scopes": []}
            if path.endswith("/token"):
                known = {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}
            elif path.endswith("/email"):
                known = IDENTITY
        text = known if isinstance(known, str) else json.dumps(known)
        self.send_response(404 if known is None else 200)
        self.send_header("Metadata-Flavor", "Google")
        self.send_header("Content-Type", "application/text" if isinstance(known, str) else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Stays silent."""


def method(function: Any, request: Any, response: Any) -> grpc.RpcMethodHandler:
    """A method of a service, for callers with the machine's token."""

    def checked(message: Any, context: grpc.ServicerContext) -> Any:
        sent = dict(context.invocation_metadata()).get("authorization")
        if sent != f"Bearer {TOKEN}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "the request has no token of this machine's identity")
        return function(message, context)

    return grpc.unary_unary_rpc_method_handler(checked, request.deserialize, response.serialize)


def serve_grpc(services: dict[str, dict[str, grpc.RpcMethodHandler]], certificate: Path, key: Path) -> int:
    """Serves gRPC services over TLS until the process ends; returns the port."""
    server = grpc.server(ThreadPoolExecutor(16))
    for name, methods in services.items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    port = int(server.add_secure_port("127.0.0.1:0", credentials))
    server.start()
    # A server ends when nothing refers to it.
    _running.append(server)
    return port


_running: list[grpc.Server] = []
