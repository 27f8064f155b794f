"""Rotating the database password: which steps, and in which order, for any place that keeps it.

The order is what makes it safe to kill. A new password is first kept as a version of the secret, then set on the
database user at once; so a run that dies between the two leaves everything in the secret, and whoever runs next, a
retry after a minute, sets what the secret says. Nothing is remembered elsewhere: each step looks at the secret and
asks the database. No password leaves a step.

No module of Airflow is imported: on one machine the steps run in the job's environment.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Protocol

GRACE = dt.timedelta(days=1)
"""How long the versions before the newest stay readable."""

SLACK = dt.timedelta(days=1)
"""How late Secret Manager's message may be until the password counts as too old by itself."""


class RotationFailed(Exception):
    """The database does not take the newest password."""


class DatabaseAsleep(Exception):
    """The database is stopped for the night: the rotation waits for the morning."""


@dataclass(frozen=True)
class Version:
    """One version of the secret; a later one has a higher number."""

    number: int
    created: dt.datetime
    enabled: bool


class Vault(Protocol):
    """The secret."""

    def versions(self) -> list[Version]:
        """Every version, the newest first."""

    def read(self, number: int) -> str:
        """The password of an enabled version."""

    def add(self, password: str) -> None:
        """Keeps a new version; it is the newest from then on."""

    def disable(self, number: int) -> None:
        """Makes a version unreadable; it can be enabled again."""


class Account(Protocol):
    """The database user that the job connects as."""

    def awake(self) -> bool:
        """Whether the database runs; it may be stopped for the night."""

    def accepts(self, password: str) -> bool:
        """Whether the user can log in; anything but a refusal is raised."""

    def set_password(self, password: str) -> None:
        """Makes the user if there is none, and gives it the password; returns when it holds."""


def _due(newest: Version | None, asked_at: dt.datetime | None, days: int) -> str | None:
    """Why a new version is wanted."""
    if newest is None:
        return "there is no password yet"
    if not newest.enabled:
        return f"version {newest.number} is disabled"
    if asked_at is not None and newest.created < asked_at:
        return f"asked for at {asked_at:%Y-%m-%d %H:%M} UTC"
    if newest.created + dt.timedelta(days=days) + SLACK <= dt.datetime.now(dt.UTC):
        return f"version {newest.number} is older than {days} days"
    return None


def _retired(versions: list[Version]) -> list[int]:
    """Enabled versions whose time is up: the newest has been there long enough."""
    if not versions or versions[0].created + GRACE > dt.datetime.now(dt.UTC):
        return []
    return [version.number for version in versions[1:] if version.enabled]


def find_reason(vault: Vault, account: Account, asked_at: dt.datetime | None, days: int) -> str | None:
    """Why there is something to do; None if there is nothing.

    Args:
        asked_at: when somebody, or Secret Manager, last asked for a new password.
        days: age at which a password is replaced unasked.

    Raises:
        DatabaseAsleep: it cannot be asked, nor given a password.
    """
    if not account.awake():
        raise DatabaseAsleep("the database is stopped: the password waits until it runs")
    versions = vault.versions()
    newest = versions[0] if versions else None
    if reason := _due(newest, asked_at, days):
        return reason
    assert newest is not None
    if not account.accepts(vault.read(newest.number)):
        return f"the database does not take version {newest.number}"
    if retired := _retired(versions):
        return f"to disable after its grace: version {', '.join(map(str, sorted(retired)))}"
    return None


def rotate(vault: Vault, account: Account, asked_at: dt.datetime | None, days: int) -> int:
    """Makes a new version if one is due, and the database take the newest. Returns the newest's number."""
    versions = vault.versions()
    if _due(versions[0] if versions else None, asked_at, days):
        # From the next line on readers get a password that is not set yet, for as long as setting it takes.
        vault.add(secrets.token_urlsafe(32))
        versions = vault.versions()
    newest = versions[0].number
    password = vault.read(newest)
    if not account.accepts(password):
        account.set_password(password)
    return newest


def check_login(vault: Vault, account: Account) -> None:
    """Logs in with what the secret says now, as the job will.

    Raises:
        RotationFailed: the database refuses it.
    """
    newest = vault.versions()[0].number
    if not account.accepts(vault.read(newest)):
        raise RotationFailed(f"the database refuses version {newest} of the secret: rotate again")


def disable_old_versions(vault: Vault, account: Account) -> list[int]:
    """Disables what is past its grace, if the newest works. Returns the numbers."""
    check_login(vault, account)
    retired = _retired(vault.versions())
    for number in retired:
        vault.disable(number)
    return retired
