"""The periods that a reader of the report can choose by name, and those that each is compared with.

Distinct customers are counted for these alone: a count of any other span of days cannot be made from them.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LENGTHS = (7, 28, 91, 364)
"""Days of the periods that end on the last day with sales: whole weeks, so that like weekdays are compared."""

YEAR = dt.timedelta(days=364)
"""A year before, for periods of days: the same weekdays."""

Span = tuple[dt.date, dt.date]
"""First and last day."""


@dataclass(frozen=True)
class Period:
    """A period, with the one before and the one a year before where the shown days hold them whole."""

    name: str
    days: Span
    before: Span | None
    year: Span | None

    def spans(self) -> Iterator[Span]:
        """The period and those that it is compared with."""
        yield from (span for span in (self.days, self.before, self.year) if span)


def rows_of_spans(spans: Iterable[Span]) -> str:
    """Spans of days as rows in SQL."""
    return " UNION ALL ".join(f"SELECT DATE '{a}' AS first_day, DATE '{b}' AS last_day" for a, b in spans)


def periods(first_day: dt.date, last_day: dt.date) -> list[Period]:
    """Every period that a reader can choose by name: the last days, all shown days, and each month, newest first."""
    return [
        *_last_days(first_day, last_day),
        Period("all", (first_day, last_day), None, None),
        *_months(first_day, last_day),
    ]


def _last_days(first_day: dt.date, last_day: dt.date) -> Iterator[Period]:
    for length in LENGTHS:
        days = dt.timedelta(days=length)
        start = last_day - days + dt.timedelta(days=1)
        if start < first_day:
            return
        before = (start - days, last_day - days)
        year = (start - YEAR, last_day - YEAR)
        yield Period(
            f"last-{length}",
            (start, last_day),
            _whole(before, first_day),
            # The 364 days before are both.
            _whole(year, first_day),
        )


def _months(first_day: dt.date, last_day: dt.date) -> Iterator[Period]:
    month = last_day.replace(day=1)
    while True:
        days = (month, min(_end(month), last_day))
        if month < first_day:
            if days[1] >= first_day:
                yield Period(f"{month:%Y-%m}", (first_day, days[1]), None, None)
            return
        before = (month - dt.timedelta(days=1)).replace(day=1)
        year = month.replace(year=month.year - 1)
        yield Period(
            f"{month:%Y-%m}",
            days,
            _whole(_like(before, days), first_day),
            _whole(_like(year, days), first_day),
        )
        month = before


def _like(month: dt.date, days: Span) -> Span:
    """As many days of another month as have passed of this one; the whole month where this one is over."""
    whole = days[1] == _end(days[0])
    end = _end(month)
    return month, end if whole else min(end, month.replace(day=min(days[1].day, end.day)))


def _end(month: dt.date) -> dt.date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _whole(span: Span, first_day: dt.date) -> Span | None:
    return span if span[0] >= first_day else None
