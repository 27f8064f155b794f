"""Rotating the database password: which steps, and in which order, wherever the password is kept.

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
"""How long replaced versions stay readable."""

SLACK = dt.timedelta(days=1)
"""How late Secret Manager's message may be before the rotation counts the days itself."""


class RotationFailed(Exception):
    """The database refuses the newest password."""


class DatabaseStopped(Exception):
    """The database is stopped, outside office hours: the rotation waits until it runs."""


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
        """Keeps a new version, which is the newest from then on."""

    def disable(self, number: int) -> None:
        """Makes a version unreadable; an operator can enable it again."""


class Account(Protocol):
    """The database user that the job connects as."""

    def is_running(self) -> bool:
        """Whether the database runs; outside office hours it may be stopped."""

    def accepts(self, password: str) -> bool:
        """Whether the user can log in; any error but a refusal is raised."""

    def set_password(self, password: str) -> None:
        """Gives the user the password, creating the user if needed; returns when the password is in force."""


class Rotation:
    """The steps of a rotation.

    Args:
        days: age in days at which a password is replaced without a request.
    """

    def __init__(self, vault: Vault, account: Account, days: int) -> None:
        self._vault, self._account, self._days = vault, account, days

    def find_reason(self, asked_at: dt.datetime | None) -> str | None:
        """Why there is something to do; None if there is nothing.

        Args:
            asked_at: when an operator, or Secret Manager, last asked for a new password.

        Raises:
            DatabaseStopped: the database can neither be asked nor given a password.
        """
        if not self._account.is_running():
            raise DatabaseStopped("the database is stopped: the rotation waits until it runs")
        versions = self._vault.versions()
        newest = versions[0] if versions else None
        if reason := self._due(newest, asked_at):
            return reason
        assert newest is not None
        if not self._account.accepts(self._vault.read(newest.number)):
            return f"the database refuses version {newest.number}"
        if retired := _retired(versions):
            return f"to disable after a day of grace: version {', '.join(map(str, sorted(retired)))}"
        return None

    def rotate(self, asked_at: dt.datetime | None) -> int:
        """Adds a version if one is due, and sets the newest on the database user. Returns the newest's number."""
        versions = self._vault.versions()
        if self._due(versions[0] if versions else None, asked_at):
            # From the next line on readers get a password that is not set yet, for as long as setting it takes.
            self._vault.add(secrets.token_urlsafe(32))
            versions = self._vault.versions()
        newest = versions[0].number
        password = self._vault.read(newest)
        if not self._account.accepts(password):
            self._account.set_password(password)
        return newest

    def check_login(self) -> None:
        """Logs in with the newest version, as the job will.

        Raises:
            RotationFailed: the database refuses it.
        """
        newest = self._vault.versions()[0].number
        if not self._account.accepts(self._vault.read(newest)):
            raise RotationFailed(f"the database refuses version {newest} of the secret: rotate again")

    def disable_old_versions(self) -> list[int]:
        """Disables replaced versions after their grace, if the newest works. Returns their numbers."""
        self.check_login()
        retired = _retired(self._vault.versions())
        for number in retired:
            self._vault.disable(number)
        return retired

    def _due(self, newest: Version | None, asked_at: dt.datetime | None) -> str | None:
        """Why a new version is due."""
        if newest is None:
            return "there is no password yet"
        if not newest.enabled:
            return f"version {newest.number} is disabled"
        if asked_at is not None and newest.created < asked_at:
            return f"asked for at {asked_at:%Y-%m-%d %H:%M} UTC"
        if newest.created + dt.timedelta(days=self._days) + SLACK <= dt.datetime.now(dt.UTC):
            return f"version {newest.number} is older than {self._days} days"
        return None


def _retired(versions: list[Version]) -> list[int]:
    """Enabled versions whose grace is over: the newest has existed long enough."""
    if not versions or versions[0].created + GRACE > dt.datetime.now(dt.UTC):
        return []
    return [version.number for version in versions[1:] if version.enabled]
