"""Python's start in a rehearsed job: names of the private DNS zone, which this machine's resolver does not know.

Java has a setting for this (``jdk.net.hosts.file``) and Python none. Both read the same hosts file.
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
