"""Python imports this at the start of a rehearsed job: it takes the installed packages away, and resolves the names of
the private DNS zone.

Java has a setting for names (``jdk.net.hosts.file``), Python has none. Both read the same hosts file.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

# Spark's own packages lie in its home.
sys.path[:] = [path for path in sys.path if not path.rstrip("/").endswith(("site-packages", "dist-packages"))]

_resolve = socket.getaddrinfo
_hosts = {
    name: address
    for line in Path(os.environ["REHEARSAL_HOSTS"]).read_text().splitlines()
    for address, name in [line.split()]
}


def _getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
    return _resolve(_hosts.get(host, host), *args, **options)


socket.getaddrinfo = _getaddrinfo
