"""The rotation's steps: killed before and after every call that changes something, and run again."""

import datetime as dt
import itertools

import pytest

from sales_platform.password import rotation
from sales_platform.password.rotation import GRACE, DatabaseAsleep, RotationFailed, Version

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


class Killed(BaseException):
    """The process is gone."""


class Place:
    """A secret and a database user in memory; dies at the ``dies_at``-th moment around a change."""

    def __init__(self, *versions: tuple[dt.datetime, str, bool], database: str | None = None) -> None:
        self.kept = [list(version) for version in versions]
        self.database = database
        self.dies_at = 0
        self.running = True

    def _moment(self) -> None:
        self.dies_at -= 1
        if self.dies_at == 0:
            raise Killed

    def _change(self, change) -> None:
        self._moment()
        change()
        self._moment()

    def versions(self):
        return [Version(n, v[0], v[2]) for n, v in reversed(list(enumerate(self.kept, 1)))]

    def read(self, number):
        assert self.kept[number - 1][2], "a disabled version cannot be read"
        return self.kept[number - 1][1]

    def add(self, password):
        self._change(lambda: self.kept.append([dt.datetime.now(dt.UTC), password, True]))

    def disable(self, number):
        self._change(lambda: self.kept[number - 1].__setitem__(2, False))

    def awake(self):
        return self.running

    def accepts(self, password):
        return password == self.database

    def set_password(self, password):
        self._change(lambda: setattr(self, "database", password))

    def run(self, asked_at=None, days=30):
        """One run of the DAG; whether it found something to do."""
        if rotation.find_reason(self, self, asked_at, days) is None:
            return False
        rotation.rotate(self, self, asked_at, days)
        rotation.check_login(self, self)
        rotation.disable_old_versions(self, self)
        return True


def test_the_first_run_makes_the_first_password():
    place = Place()
    assert place.run()
    ((_, password, enabled),) = place.kept
    assert (place.database, enabled) == (password, True)
    assert len(password) == 43  # 32 bytes, in base64
    assert not place.run()


def test_a_request_is_served_once():
    place = Place((NOW - DAY, "old", True), database="old")
    asked_at = NOW - dt.timedelta(hours=1)
    assert place.run(asked_at)
    assert [version[1] == place.database for version in place.kept] == [False, True]
    # Pub/Sub may deliver a message twice.
    assert not place.run(asked_at)
    assert len(place.kept) == 2


@pytest.mark.parametrize(("age", "due"), [(30, False), (31, True)])
def test_a_password_is_replaced_unasked_when_the_message_never_came(age, due):
    place = Place((NOW - age * DAY, "old", True), database="old")
    assert place.run(days=30) == due
    assert (place.database != "old") == due


def test_a_disabled_newest_version_is_replaced():
    place = Place((NOW - DAY, "older", True), (NOW, "newest", False), database="newest")
    assert place.run()
    assert place.kept[2][1] == place.database


def test_a_database_that_takes_another_password_is_given_the_newest():
    place = Place((NOW, "newest", True), database="somebody's")
    assert place.run()
    assert (place.database, len(place.kept)) == ("newest", 1)


def test_old_versions_are_disabled_after_their_grace_and_not_before():
    place = Place((NOW - 9 * DAY, "a", True), (NOW - 5 * DAY, "b", True), (NOW, "c", True), database="c")
    assert not place.run()
    place.kept[2][0] = NOW - GRACE
    assert place.run()
    assert [version[2] for version in place.kept] == [False, False, True]
    assert not place.run()


def test_nothing_is_touched_while_the_database_sleeps():
    place = Place()
    place.running = False
    with pytest.raises(DatabaseAsleep):
        place.run()
    assert place.kept == []


def test_a_database_that_goes_on_refusing_is_a_failure():
    place = Place((NOW, "a", True), database="b")
    with pytest.raises(RotationFailed, match=r"^the database refuses version 1 of the secret"):
        rotation.check_login(place, place)
    with pytest.raises(RotationFailed):
        rotation.disable_old_versions(place, place)


@pytest.mark.parametrize("first", [True, False])
def test_killed_at_any_moment_the_next_run_repairs(first):
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
        before = len(place.kept)
        place.run(asked_at)
        newest = place.kept[-1][1]
        assert place.database == newest
        # What was kept before the kill is used, not replaced.
        assert len(place.kept) == max(before, 1 if first else 2)
        assert not place.run(asked_at)
    assert moment == 5
