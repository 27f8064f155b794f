"""The rotation's steps: killed before and after every call that changes something, and run again."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import pytest

from sales_platform.password.rotation import GRACE, DatabaseStopped, Rotation, RotationFailed, Version

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


class Killed(BaseException):
    """The process is gone."""


class Place:
    """A secret and a database user in memory; dies at the ``dies_at``-th moment around a change."""

    def __init__(self, *versions: tuple[dt.datetime, str, bool], database: str | None = None) -> None:
        self.created = [created for created, _, _ in versions]
        self.passwords = [password for _, password, _ in versions]
        self.enabled = [enabled for _, _, enabled in versions]
        self.database = database
        self.dies_at = 0
        self.running = True

    def _moment(self) -> None:
        self.dies_at -= 1
        if self.dies_at == 0:
            raise Killed

    def _change(self, change: Callable[[], None]) -> None:
        self._moment()
        change()
        self._moment()

    def versions(self) -> list[Version]:
        """Every version, the newest first."""
        kept = zip(self.created, self.enabled, strict=True)
        return [Version(n, created, enabled) for n, (created, enabled) in reversed(list(enumerate(kept, 1)))]

    def read(self, number: int) -> str:
        """The password of a version."""
        assert self.enabled[number - 1], "a disabled version cannot be read"
        return self.passwords[number - 1]

    def add(self, password: str) -> None:
        """Keeps a version."""

        def change() -> None:
            self.created.append(dt.datetime.now(dt.UTC))
            self.passwords.append(password)
            self.enabled.append(True)

        self._change(change)

    def disable(self, number: int) -> None:
        """Disables a version."""
        self._change(lambda: self.enabled.__setitem__(number - 1, False))

    def is_running(self) -> bool:
        """Whether the database runs."""
        return self.running

    def accepts(self, password: str) -> bool:
        """Whether the user can log in."""
        return password == self.database

    def set_password(self, password: str) -> None:
        """Gives the user a password."""
        self._change(lambda: setattr(self, "database", password))

    def rotation(self, days: int = 30) -> Rotation:
        """The steps."""
        return Rotation(self, self, days)

    def run(self, asked_at: dt.datetime | None = None, days: int = 30) -> bool:
        """One run of the DAG; whether it found something to do."""
        rotation = self.rotation(days)
        if rotation.find_reason(asked_at) is None:
            return False
        rotation.rotate(asked_at)
        rotation.check_login()
        rotation.disable_old_versions()
        return True


def test_the_first_run_makes_the_first_password() -> None:
    place = Place()
    assert place.run()
    assert (place.passwords, place.enabled) == ([place.database], [True])
    assert place.database is not None
    assert len(place.database) == 43  # 32 bytes, in base64
    assert not place.run()


def test_a_request_is_served_once() -> None:
    place = Place((NOW - DAY, "old", True), database="old")
    asked_at = NOW - dt.timedelta(hours=1)
    assert place.run(asked_at)
    assert [password == place.database for password in place.passwords] == [False, True]
    # Pub/Sub may deliver a message twice.
    assert not place.run(asked_at)
    assert len(place.passwords) == 2


@pytest.mark.parametrize(("age", "due"), [(30, False), (31, True)])
def test_a_password_is_replaced_unasked_when_the_message_never_came(age: int, due: bool) -> None:
    place = Place((NOW - age * DAY, "old", True), database="old")
    assert place.run(days=30) == due
    assert (place.database != "old") == due


def test_a_disabled_newest_version_is_replaced() -> None:
    place = Place((NOW - DAY, "older", True), (NOW, "newest", False), database="newest")
    assert place.run()
    assert place.passwords[2] == place.database


def test_a_database_that_takes_another_password_is_given_the_newest() -> None:
    place = Place((NOW, "newest", True), database="somebody's")
    assert place.run()
    assert (place.database, len(place.passwords)) == ("newest", 1)


def test_old_versions_are_disabled_after_their_grace_and_not_before() -> None:
    place = Place((NOW - 9 * DAY, "a", True), (NOW - 5 * DAY, "b", True), (NOW, "c", True), database="c")
    assert not place.run()
    place.created[2] = NOW - GRACE
    assert place.run()
    assert place.enabled == [False, False, True]
    assert not place.run()


def test_nothing_is_touched_while_the_database_is_stopped() -> None:
    place = Place()
    place.running = False
    with pytest.raises(DatabaseStopped):
        place.run()
    assert place.passwords == []


def test_a_database_that_goes_on_refusing_is_a_failure() -> None:
    rotation = Place((NOW, "a", True), database="b").rotation()
    with pytest.raises(RotationFailed, match=r"^the database refuses version 1 of the secret"):
        rotation.check_login()
    with pytest.raises(RotationFailed):
        rotation.disable_old_versions()


@pytest.mark.parametrize("first", [True, False])
def test_killed_at_any_moment_the_next_run_repairs(first: bool) -> None:
    """Around two changes, of the secret and of the database, there are four moments; at the fifth the run is over."""
    asked_at = None if first else NOW - dt.timedelta(hours=1)
    for moment in itertools.count(1):
        place = Place() if first else Place((NOW - 40 * DAY, "old", True), database="old")
        place.dies_at = moment
        try:
            place.run(asked_at)
            break
        except Killed:
            pass
        before = len(place.passwords)
        place.run(asked_at)
        assert place.database == place.passwords[-1]
        # A version that was kept before the kill is used, not replaced.
        assert len(place.passwords) == max(before, 1 if first else 2)
        assert not place.run(asked_at)
    assert moment == 5
