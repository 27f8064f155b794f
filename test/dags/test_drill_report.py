"""Restore drills: which copies and which times pass."""

from __future__ import annotations

import datetime as dt

import pytest

from sales_platform.restore.drill import Backup, DatabaseContents, drill_report, problems

BEGAN = dt.datetime(2026, 3, 9, 6, tzinfo=dt.UTC)
LIVE = DatabaseContents({"products": 100, "stores": 10, "run_history": 40}, "2026-03-09T02:00:00+00:00")


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        (LIVE, []),
        # Rows that came after the backup, and runs that started after it.
        (DatabaseContents({"products": 90, "stores": 9, "run_history": 1}, LIVE.newest_run), []),
        (
            DatabaseContents({"products": 89, "stores": 10, "run_history": 40}, LIVE.newest_run),
            ["products: 89 rows in the copy, 100 in the database"],
        ),
        (DatabaseContents({"products": 100, "run_history": 40}, LIVE.newest_run), ["stores: is not in the copy"]),
        (
            DatabaseContents(LIVE.rows, "2026-03-08T02:00:00+00:00"),
            [
                "run_history: the newest run in the copy is of 2026-03-08T02:00:00+00:00, "
                "when the backup was taken it was of 2026-03-09T02:00:00+00:00"
            ],
        ),
    ],
)
def test_what_a_copy_must_hold(copy: DatabaseContents, found: list[str]) -> None:
    assert problems(copy, LIVE) == found


def test_a_table_that_is_nowhere_is_a_problem() -> None:
    nothing = DatabaseContents({}, None)
    assert problems(nothing, nothing)[0] == "products: is in neither copy nor database"


def test_a_drill_that_meets_its_goals() -> None:
    backup = Backup("b", "2026-03-09T03:00:00+00:00")
    report = drill_report(LIVE, LIVE, backup, BEGAN, BEGAN + dt.timedelta(minutes=40))
    assert report == {
        "backup": "b",
        "recovery_time_seconds": 2400,
        "recovery_time_goal_seconds": 7200,
        "recovery_point_seconds": 10800,
        "recovery_point_goal_seconds": 86400,
        "rows": LIVE.rows,
        "newest_run": LIVE.newest_run,
        "problems": [],
    }


def test_a_goal_that_is_missed_is_a_problem_beside_those_of_the_copy() -> None:
    old = Backup("b", "2026-03-07T06:00:00+00:00")
    empty = DatabaseContents({"products": 100, "stores": 10, "run_history": 40}, None)
    report = drill_report(empty, LIVE, old, BEGAN, BEGAN + dt.timedelta(hours=3))
    assert report["problems"] == [
        "run_history: the newest run in the copy is of None, "
        "when the backup was taken it was of 2026-03-09T02:00:00+00:00",
        "recovery took 3.0 h, the goal is 2 h",
        "the backup was old: 48.0 h, the goal is 24 h",
    ]
