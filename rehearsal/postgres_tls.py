"""TLS in front of a PostgreSQL that was built without it. Plain text is refused, as Cloud SQL does with
``ssl_mode = ENCRYPTED_ONLY``.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from pathlib import Path

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
PORT = 5432


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


class _Handler(socketserver.BaseRequestHandler):
    context: ssl.SSLContext
    server_port: int

    def handle(self) -> None:
        if self.request.recv(8, socket.MSG_WAITALL) != SSL_REQUEST:
            return
        self.request.sendall(b"S")
        with (
            # A client that refuses the certificate ends the handshake.
            contextlib.suppress(ssl.SSLError),
            self.context.wrap_socket(self.request, server_side=True) as client,
            socket.create_connection(("127.0.0.1", self.server_port)) as server,
        ):
            answering = threading.Thread(target=_copy, args=(server, client), daemon=True)
            answering.start()
            _copy(client, server)
            answering.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def serve(certificate: Path, key: Path, port: int) -> str:
    """Serves PostgreSQL's standard port on a loopback address on which it is free; returns the address.

    Args:
        port: port of the server without TLS.

    Raises:
        OSError: no address has the port free.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = type("Handler", (_Handler,), {"context": context, "server_port": port})
    # On Linux all of 127.0.0.0/8 is the loopback; elsewhere only the first address is.
    for last in range(1, 255):
        address = f"127.0.0.{last}"
        try:
            server = _Server((address, PORT), handler)
        except OSError:
            continue
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return address
    raise OSError(f"port {PORT} is in use on every loopback address: stop the PostgreSQL server that uses it")
