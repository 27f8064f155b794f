"""Connections to PostgreSQL by ``pg8000``, which the stack ships inside this package: no package is added to Composer's
image.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEPENDENCIES = Path(__file__).parents[1] / "dependencies.zip"
REFUSED = {"28P01", "28000"}
"""SQLSTATE of a wrong password, and of a user that may not log in."""

PORT = 5432
CONNECT_SECONDS = 30


class LoginRefused(Exception):
    """The server refuses this user with this password."""


def _driver() -> Any:
    # Last on the path, so that packages of the image go before.
    if DEPENDENCIES.exists() and str(DEPENDENCIES) not in sys.path:
        sys.path.append(str(DEPENDENCIES))
    import pg8000.dbapi

    return pg8000.dbapi


@contextmanager
def connected(host: str, port: int, database: str, user: str, password: str, *, authority: str | None) -> Iterator[Any]:
    """Opens a DB-API connection and closes it at the end of the block.

    Args:
        authority: the certificate, in PEM, of the authority that must have signed the server's; None for a server on
            this machine, without TLS.

    Raises:
        LoginRefused: the password is wrong, or the user does not exist.
        ssl.SSLCertVerificationError: another authority has signed the server's certificate.
    """
    driver = _driver()
    context = None
    if authority is not None:
        # As JDBC's sslmode=verify-ca: the certificate names the instance, and the connection is by its address.
        context = ssl.create_default_context(cadata=authority)
        context.check_hostname = False
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
