"""Compares a day with the same weekdays before it: by the median of a measure, and by how far those days are from it.

A measure is unusual where it is further from the median than both what those days were (median absolute deviation) and
what chance alone does with so few lines. Days with less than four such days before them are not judged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log, sqrt
from statistics import median

WEEKS = 8
"""How many weeks before a day are looked at."""

LEAST = 4
"""Of so many of these weekdays at least there must be lines."""

HISTORY = dt.timedelta(weeks=WEEKS)

MAD_TO_SIGMA = 1.4826
"""The standard deviation of normally distributed values is so many times their median absolute deviation."""

SIGMAS = 5

CHANCE = 5
"""What chance does to a count or a sum of ``n`` lines, relative to it, is at most so many times ``1 / sqrt(n)``: lines
come several to a transaction, and a transaction is several standard deviations from the mean once in many days.
"""

RELATIVE = 0.25
"""Counts and sums that differ less than this from the median are usual, however many lines there are."""

SHARE = 0.10
"""The same for shares of lines."""

CLOSED = dt.timedelta(days=14)
"""A store that has sold nothing for so long is closed, and not missing."""

QUIET_DAYS = 90
"""In so many days, chance calls one store of all missing."""


@dataclass(frozen=True)
class Profile:
    """One day's good lines in a few numbers: a row of ``daily_profile``.

    ``transactions`` counts those of each store, ``categories`` the lines of each category of products ("": none known).
    """

    day: dt.date
    lines: int
    revenue: Decimal
    guest_lines: int
    late_lines: int
    transactions: Mapping[str, int]
    categories: Mapping[str, int]


@dataclass(frozen=True)
class Unusual:
    """A measure of a day that is unusual. ``found`` and ``usual`` say it in words."""

    day: dt.date
    measure: str
    found: str
    usual: str

    def __str__(self) -> str:
        return f"{self.day} {self.found}, usually {self.usual}"


@dataclass(frozen=True)
class Verdict:
    """What is unusual about the days of a run, and the measures for which it holds the days back."""

    unusual: Sequence[Unusual] = ()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Measure:
    """``value`` of a profile; ``floor``: the distance from a median ``m`` over days of ``n`` lines that is usual."""

    name: str
    value: Callable[[Profile], float]
    floor: Callable[[float, float], float]
    shown: str
    both_ways: bool = True


def _relative(m: float, n: float) -> float:
    return abs(m) * (RELATIVE + CHANCE / sqrt(n))


def _share(_: float, n: float) -> float:
    # A share of half of the lines, the most uncertain one, is off by 0.5 / sqrt(n).
    return SHARE + CHANCE / 2 / sqrt(n)


MEASURES = (
    _Measure("lines", lambda day: day.lines, _relative, "{:,.0f} lines"),
    _Measure("revenue", lambda day: float(day.revenue), _relative, "revenue {:,.2f}"),
    _Measure("guests", lambda day: day.guest_lines / day.lines, _share, "{:.0%} lines of guests"),
    _Measure("late", lambda day: day.late_lines / day.lines, _share, "{:.0%} late lines", both_ways=False),
)

CHECKS = {
    "lines": "each day has about as many lines as the same weekdays before",
    "revenue": "each day has about the revenue of the same weekdays before",
    "guests": "guests have about the share of lines of the same weekdays before",
    "late": "few more lines are late than on the same weekdays before",
    "stores": "no store is missing that sold on the same weekdays before",
    "products": "categories of products have about the shares of lines of the same weekdays before",
}
"""The rule of each measure, in words."""


def verdict(now: Mapping[dt.date, Profile], before: Mapping[dt.date, Profile], hold: bool) -> Verdict:
    """Judges the days of a run.

    Args:
        now: the profiles of its days.
        before: those published last, of the same days and of the :data:`HISTORY` before each.
        hold: whether to hold back a day that is unusual now and was not, by the same measure, when it was published
            last: a day that was accepted once is not held back when a late line comes.
    """
    found = judge(now, {**before, **now})
    if not hold:
        return Verdict(found)
    accepted = {(one.day, one.measure) for one in judge(now, before)}
    return Verdict(found, frozenset(one.measure for one in found if (one.day, one.measure) not in accepted))


def judge(days: Iterable[dt.date], profiles: Mapping[dt.date, Profile]) -> list[Unusual]:
    """What is unusual about some days.

    Args:
        days: the days to judge.
        profiles: of these days and of the :data:`HISTORY` before each; days without lines have none.
    """
    found = []
    for day in sorted(set(days) & profiles.keys()):
        before = _weekdays_before(day, profiles)
        if len(before) >= LEAST and profiles[day].lines:
            found += _judge(profiles[day], before, profiles)
    return found


def _weekdays_before(day: dt.date, profiles: Mapping[dt.date, Profile]) -> list[Profile]:
    earlier = [day - dt.timedelta(weeks=number) for number in range(1, WEEKS + 1)]
    return [profiles[one] for one in earlier if one in profiles and profiles[one].lines]


def _judge(day: Profile, before: Sequence[Profile], profiles: Mapping[dt.date, Profile]) -> list[Unusual]:
    found = []
    lines = median(one.lines for one in before)
    for measure in MEASURES:
        values = [measure.value(one) for one in before]
        typical, value = median(values), measure.value(day)
        allowed = max(SIGMAS * _sigma(values), measure.floor(typical, lines))
        if abs(value - typical) > allowed and (measure.both_ways or value > typical):
            found.append(Unusual(day.day, measure.name, measure.shown.format(value), measure.shown.format(typical)))
    return [*found, *_missing_stores(day, before, profiles), *_other_products(day, before)]


def _sigma(values: Sequence[float]) -> float:
    typical = median(values)
    return MAD_TO_SIGMA * median(abs(value - typical) for value in values)


def _missing_stores(day: Profile, before: Sequence[Profile], profiles: Mapping[dt.date, Profile]) -> list[Unusual]:
    stores = {store for one in before for store in one.transactions}
    # Where m transactions are usual, chance leaves none with a probability of 1 / e^m.
    least = log(QUIET_DAYS * max(len(stores), 1))
    absent = stores - day.transactions.keys()
    missing = [store for store in absent if _missed_transactions(store, day.day, profiles) >= least]
    if not missing:
        return []
    usual = median(len(one.transactions) for one in before)
    named = ", ".join(sorted(missing)[:3]) + (" and others" if len(missing) > 3 else "")
    return [Unusual(day.day, "stores", f"nothing of {named}", f"{usual:g} stores")]


def _missed_transactions(store: str, day: dt.date, profiles: Mapping[dt.date, Profile]) -> float:
    """The usual transactions of a store in the days, up to this one, in which it had none; 0 of a closed store."""
    missed, last = 0.0, day
    while last in profiles and store not in profiles[last].transactions:
        before = _weekdays_before(last, profiles)
        if len(before) < LEAST:
            break
        missed += median(one.transactions.get(store, 0) for one in before)
        last -= dt.timedelta(days=1)
    return 0 if day - last > CLOSED else missed


def _other_products(day: Profile, before: Sequence[Profile]) -> list[Unusual]:
    names = sorted({name for one in (day, *before) for name in one.categories})
    middle = {name: median(_part(one, name) for one in before) for name in names}
    distances = [_distance(one, middle) for one in before]
    found = _distance(day, middle)
    typical, lines = median(distances), median(one.lines for one in before)
    # Chance adds up over categories: of n lines in c of them, shares differ by about sqrt(c / n) in all.
    allowed = typical + max(SIGMAS * _sigma(distances), SHARE + sqrt(len(names) / lines))
    if found <= allowed:
        return []
    name = max(names, key=lambda one: abs(_part(day, one) - middle[one]))
    shown = f"{name or 'without a category'}: {{:.0%}} of the lines"
    return [Unusual(day.day, "products", shown.format(_part(day, name)), shown.format(middle[name]))]


def _part(day: Profile, category: str) -> float:
    return day.categories.get(category, 0) / day.lines


def _distance(day: Profile, shares: Mapping[str, float]) -> float:
    """Half of the summed differences of shares: which part of the lines would have to be of other categories."""
    return sum(abs(_part(day, name) - share) for name, share in shares.items()) / 2
