"""The days that are not over: what messages say of them, and the closed day that each is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sales_job.report.budget import Budget
from sales_job.report.queries import Row, Select, query, rows

WEEK = dt.timedelta(days=7)

OPEN_DAYS = 7
"""Days, counted back from the last one of the tables, that may be open (constructs/warehouse/views.ts)."""

MOST_WEEKS = 4
"""How far back the same weekday may be."""


def open_days(select: Select, last: dt.date, budget: Budget) -> list[Row]:
    """A row a day and store of the days that messages came for and no run has closed.

    Args:
        last: the last day of the tables.
    """
    first = last - dt.timedelta(days=OPEN_DAYS)
    asked = query("today", first_day=first.isoformat())
    if not budget.allows("today", asked, (first + dt.timedelta(n) for n in range(OPEN_DAYS + 1))):
        return []
    return rows(select, asked)


def same_weekdays(select: Select, days: Collection[dt.date], first: dt.date) -> list[dt.date | None]:
    """The day that each of ``days`` is compared with: the newest closed one of the same weekday, four weeks before at
    most and not before ``first``; None where there is none.
    """
    if not days:
        return []
    wanted = {"first_day": max(first, min(days) - MOST_WEEKS * WEEK), "last_day": max(days)}
    asked = query("closed_days", **{name: day.isoformat() for name, day in wanted.items()})
    closed = {row["transaction_date"] for row in rows(select, asked)}
    return [_newest([day - weeks * WEEK for weeks in range(1, MOST_WEEKS + 1)], closed) for day in sorted(days)]


def _newest(days: Sequence[dt.date], closed: Collection[dt.date]) -> dt.date | None:
    return next((day for day in days if day in closed), None)
