"""Python imports this at the start of a rehearsed job: it takes the installed packages away, resolves the names of
the private DNS zone, and shortens waits where it is asked to.

Java has a setting for names (``jdk.net.hosts.file``), Python has none. Both read the same hosts file.
"""

import os
import socket
import sys
import time
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

_sleep = time.sleep
# A rehearsal of waiting makes the waits short.
_share = float(os.environ.get("REHEARSAL_SLEEPS", "1"))


def _sleep_for_a_share(seconds: Any) -> None:
    _sleep(seconds * _share)


time.sleep = _sleep_for_a_share
