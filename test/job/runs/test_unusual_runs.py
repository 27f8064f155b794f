"""Unusual days in a run: profiles by hand, a warning or nothing published, and what was accepted once."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from harness import Sandbox

from sales_job.publication.check_results import CheckFailed

FRIDAYS = [dt.date(2026, 1, 2) + dt.timedelta(weeks=week) for week in range(5)]
LAST = str(FRIDAYS[-1])
HOLD = "--hold-unusual-days"


def lines(day: str, number: int, prefix: str = "T") -> list[str]:
    """Lines of different transactions, every other one in the other store, one of four of a guest."""
    return [
        f"{prefix}{n},P{1 + n % 2},S{1 + n % 2},1,2.50,{day},{f'C{n}' if n % 4 else ''}" for n in range(number)
    ]  # fmt: skip


def taken(sandbox: Sandbox) -> Sandbox:
    """Four usual Fridays."""
    for day in map(str, FRIDAYS[:-1]):
        sandbox.sales(f"dt={day}/sales.csv", lines(day, 100))
    sandbox.run()
    return sandbox


def warned(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The failed checks of the last run: name and rule."""
    return sandbox.query(
        "SELECT check_name, rule FROM quality_checks WHERE NOT passed "
        "AND checked_at = (SELECT MAX(checked_at) FROM quality_checks) ORDER BY check_name"
    )


def profile_of(sandbox: Sandbox, day: str) -> tuple[object, ...]:
    ((*numbers, stores, parts),) = sandbox.query(
        "SELECT line_count, revenue, guest_lines, late_lines, transactions_by_store, lines_by_category "
        f"FROM daily_profile WHERE transaction_date = DATE '{day}'"
    )
    return (*numbers, json.loads(stores), json.loads(parts))


def test_the_profile_of_a_day(sandbox: Sandbox) -> None:
    sandbox.sales("dt=2026-01-02/a.csv", [
        "T1,P1,S1,1,2.50,2026-01-02,C1", "T1,P2,S1,2,1.25,2026-01-02,C1", "T2,P9,S2,1,4.00,2026-01-02,",
        "R1,P1,S1,-1,2.50,2026-01-02,C1",
    ])  # fmt: skip
    sandbox.day("2026-01-02")
    assert profile_of(sandbox, "2026-01-02") == (4, 6.5, 1, 0, {"S1": 1, "S2": 1}, {"": 1, "Food": 1, "Home": 2})
    # A day later a line is on time; two days later it is late; one that had been there is not.
    sandbox.sales("dt=2026-01-03/a.csv", ["T3,P1,S2,1,1.00,2026-01-02,C2"])
    sandbox.sales("dt=2026-01-04/a.csv", ["T4,P1,S1,1,1.00,2026-01-02,", "T1,P1,S1,1,2.50,2026-01-02,C1"])
    sandbox.run()
    assert profile_of(sandbox, "2026-01-02") == (6, 8.5, 2, 1, {"S1": 2, "S2": 2}, {"": 1, "Food": 1, "Home": 4})


def test_an_unusual_day_is_published_with_a_warning(sandbox: Sandbox) -> None:
    taken(sandbox)
    assert warned(sandbox) == []
    sandbox.sales(f"dt={LAST}/sales.csv", [*lines(LAST, 100), *lines(LAST, 100, "N")])
    assert sandbox.day(LAST)["rows_loaded"] == 200
    assert warned(sandbox) == [
        (
            "unusual_lines",
            f"each day has about as many lines as the same weekdays before: {LAST} 200 lines, usually 100 lines",
        ),
        (
            "unusual_revenue",
            "each day has about the revenue of the same weekdays before: "
            f"{LAST} revenue 500.00, usually revenue 250.00",
        ),
    ]


def test_an_unusual_day_is_held_back_where_asked(sandbox: Sandbox) -> None:
    taken(sandbox)
    sandbox.sales(f"dt={LAST}/sales.csv", lines(LAST, 400))
    before = sandbox.tables()
    interval = ("--start", LAST, "--end", str(FRIDAYS[-1] + dt.timedelta(days=1)))
    with pytest.raises(CheckFailed, match=r"unusual_lines .*run without --hold-unusual-days"):
        sandbox.run(*interval, HOLD)
    assert sandbox.tables() == before
    assert [name for name, _ in warned(sandbox)] == ["unusual_lines", "unusual_revenue"]
    sandbox.run(*interval)
    assert sandbox.query(f"SELECT SUM(daily_revenue) FROM daily_sales_summary WHERE transaction_date = '{LAST}'") == [
        (1000,)
    ]
    # It was accepted: a late line does not hold the next run back.
    sandbox.sales("dt=2026-02-05/late.csv", [f"L1,P1,S1,1,2.50,{LAST},C1"])
    assert sandbox.run("--start", "2026-02-05", "--end", "2026-02-06", HOLD)["rows_loaded"] == 1
    assert [name for name, _ in warned(sandbox)] == ["unusual_lines", "unusual_revenue"]
    # Taken from scratch nothing was accepted before.
    with pytest.raises(CheckFailed):
        sandbox.run("--rebuild", HOLD)
