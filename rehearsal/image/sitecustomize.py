"""Python imports this at the start of a rehearsed job: it resolves the names of the private DNS zone.

Java has a setting for this (``jdk.net.hosts.file``), Python has none. Both read the same hosts file.
"""

import os
import socket
from pathlib import Path
from typing import Any

_resolve = socket.getaddrinfo
_hosts = {
    name: address
    for line in Path(os.environ["REHEARSAL_HOSTS"]).read_text().splitlines()
    for address, name in [line.split()]
}


def _getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
    return _resolve(_hosts.get(host, host), *args, **options)


socket.getaddrinfo = _getaddrinfo
