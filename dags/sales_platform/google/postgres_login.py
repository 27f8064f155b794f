"""Connections to PostgreSQL by ``pg8000``, which the stack ships beside this package: Composer's image need not have
any driver, and none is added to it."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEPENDENCIES = Path(__file__).parents[1] / "dependencies.zip"
REFUSED = {"28P01", "28000"}
"""SQLSTATE of a wrong password, and of a user who may not log in."""

CONNECT_SECONDS = 30


class LoginRefused(Exception):
    """The server does not let this user in with this password."""


def _driver() -> Any:
    # Last, so that whatever the image has goes before.
    if DEPENDENCIES.exists() and str(DEPENDENCIES) not in sys.path:
        sys.path.append(str(DEPENDENCIES))
    import pg8000.dbapi

    return pg8000.dbapi


@contextmanager
def connected(host: str, port: int, database: str, user: str, password: str, *, tls: bool) -> Iterator[Any]:
    """A connection, closed at the end.

    Raises:
        LoginRefused: wrong password, or no such user.
    """
    driver = _driver()
    context = None
    if tls:
        # As JDBC's sslmode=require: the certificate is signed by the instance's own authority.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        connection = driver.connect(
            host=host,
            port=port,
            database=database,
            user=user,
            password=password,
            ssl_context=context,
            timeout=CONNECT_SECONDS,
        )
    except driver.Error as error:
        details = error.args[0] if error.args else None
        if isinstance(details, dict) and details.get("C") in REFUSED:
            raise LoginRefused(str(details.get("M"))) from None
        raise
    try:
        yield connection
    finally:
        connection.close()
