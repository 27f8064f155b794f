"""What is unusual about a day: by numbers worked out by hand, by faults planted into quiet days, and how often a quiet
day is called unusual.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sales_job.publication.unusual_days import Profile, Unusual, judge

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts/sample_data"))
import make_sample_data as sample
from sample_catalog import PRODUCTS, STORE_COLUMNS, STORES

DAY = dt.date(2026, 3, 6)
STORES_OF_A_DAY = {"S1": 40, "S2": 10}


def profile(day: dt.date, **values: Any) -> Profile:
    """A profile with the usual shares of its lines."""
    lines = values.get("lines", 100)
    usual: dict[str, Any] = {
        "lines": lines,
        "revenue": Decimal(1000),
        "guest_lines": lines * 0.2,
        "late_lines": 0,
        "transactions": STORES_OF_A_DAY,
        "categories": {"Food": lines * 0.6, "Home": lines * 0.4},
    }
    return Profile(day=day, **{**usual, **values})


def weeks(number: int, **values: Sequence[Any]) -> dict[dt.date, Profile]:
    """The same weekday in the weeks before; ``values`` from the week before backwards."""
    return {
        day: profile(day, **{name: listed[week - 1] for name, listed in values.items()})
        for week in range(1, number + 1)
        for day in [DAY - dt.timedelta(weeks=week)]
    }


def judged(before: Mapping[dt.date, Profile], **values: Any) -> list[tuple[str, str, str]]:
    found = judge([DAY], {**before, DAY: profile(DAY, **values)})
    return [(one.measure, one.found, one.usual) for one in found]


def test_a_usual_day_is_not_unusual() -> None:
    assert judged(weeks(8)) == []


def test_lines_and_revenue_are_held_against_the_median_both_ways() -> None:
    # Of 100 lines, 75 % are usual: 25 %, and 5 / sqrt(100) = 50 % by chance.
    assert judged(weeks(8), lines=175) == judged(weeks(8), lines=25) == []
    assert judged(weeks(8), lines=176) == [("lines", "176 lines", "100 lines")]
    assert judged(weeks(8), revenue=Decimal("1750.01")) == [("revenue", "revenue 1,750.01", "revenue 1,000.00")]
    assert judged(weeks(8), revenue=Decimal(-1)) == [("revenue", "revenue -1.00", "revenue 1,000.00")]
    # The more lines, the less is chance: of 10,000 lines 30 %.
    many = weeks(4, lines=[10_000] * 4)
    assert judged(many, lines=13_000) == []
    assert judged(many, lines=13_001) == [("lines", "13,001 lines", "10,000 lines")]


def test_what_varied_before_may_vary() -> None:
    # Median 1000, deviations 400, 400, 0, 0, 0, 200, 300, 400: their median is 250, and 5 x 1.4826 x 250 = 1853.25.
    before = weeks(8, revenue=[Decimal(one) for one in (600, 1400, 1000, 1000, 1000, 800, 1300, 1400)])
    assert judged(before, revenue=Decimal("2853.25")) == []
    assert judged(before, revenue=Decimal("2853.26")) == [("revenue", "revenue 2,853.26", "revenue 1,000.00")]


def test_one_bad_week_does_not_move_what_is_usual() -> None:
    before = weeks(4, lines=[100, 100, 900, 100])
    assert judged(before, lines=200) == [("lines", "200 lines", "100 lines")]


def test_shares_of_guests_and_late_lines() -> None:
    # 10 % and 2.5 / sqrt(100) = 25 %: guests from none to 55 %, and at most 35 % late lines.
    assert judged(weeks(5), guest_lines=54) == judged(weeks(5), guest_lines=0, late_lines=34) == []
    assert judged(weeks(5), guest_lines=56) == [("guests", "56% lines of guests", "20% lines of guests")]
    assert judged(weeks(5), late_lines=36) == [("late", "36% late lines", "0% late lines")]
    assert judged(weeks(5, late_lines=[80] * 5)) == []


def test_a_store_is_missing_where_it_usually_has_many_transactions() -> None:
    assert judged(weeks(4), transactions={"S1": 40}) == [("stores", "nothing of S2", "2 stores")]
    # Of two stores in ninety days, one is without its usual ln 180 = 5.2 transactions by chance.
    few = weeks(4, transactions=[{"S1": 40, "S2": 5}] * 4)
    assert judged(few, transactions={"S1": 40}) == []
    # A small store that is missing for two days: 5 and 2 transactions are usual.
    yesterday = {day - dt.timedelta(days=1): day for day in [*few, DAY]}
    days = {one: profile(one, transactions={"S1": 40, "S2": 2}) for one in yesterday}
    days[DAY - dt.timedelta(days=1)] = profile(DAY - dt.timedelta(days=1), transactions={"S1": 40})
    assert judged({**few, **days}, transactions={"S1": 40}) == [("stores", "nothing of S2", "2 stores")]


def test_a_store_that_opens_or_has_closed_is_no_fault() -> None:
    assert judged(weeks(8), transactions={**STORES_OF_A_DAY, "S3": 30}) == []
    # It sold in three of the eight weeks: the median is none.
    opened = weeks(8, transactions=[{**STORES_OF_A_DAY, "S3": 30}] * 3 + [STORES_OF_A_DAY] * 5)
    assert judged(opened) == []
    for days, missing in ((14, True), (15, False)):
        every = {day: profile(day) for day in (DAY - dt.timedelta(days=number) for number in range(100))}
        closed = (DAY - dt.timedelta(days=number) for number in range(days))
        every.update({day: profile(day, transactions={"S1": 40}) for day in closed})
        assert [one.measure for one in judge([DAY], every)] == ["stores"] * missing


def test_other_products_than_usual() -> None:
    # Of two categories, 10 % and sqrt(2 / 100) = 14 % of the lines may be of the other; of three, 10 % and 17 %.
    assert judged(weeks(4), categories={"Food": 84, "Home": 16}) == []
    assert judged(weeks(4), categories={"Food": 25, "Home": 50, "Garden": 25}) == [
        ("products", "Food: 25% of the lines", "Food: 60% of the lines")
    ]
    assert judged(weeks(4), categories={"": 100}) == [
        ("products", "without a category: 100% of the lines", "without a category: 0% of the lines")
    ]


def test_days_without_four_such_days_before_them_are_not_judged() -> None:
    assert judged(weeks(3), lines=5000) == []
    assert judged({}, lines=5000) == []
    # Days without a line do not count, and other weekdays and those of nine weeks ago neither.
    closed = {day: profile(day, lines=0) for day in weeks(4)}
    assert judged(closed, lines=5000) == []
    others = {day - dt.timedelta(days=1): one for day, one in weeks(8).items()}
    assert judged(others, lines=5000) == []
    old = {day - dt.timedelta(weeks=6): one for day, one in weeks(8).items()}
    assert judged(old, lines=5000) == []


def test_days_are_judged_by_the_days_before_them_alone() -> None:
    days = {**weeks(6), DAY: profile(DAY, lines=900)}
    assert [one.day for one in judge(days, days)] == [DAY]
    assert judge([DAY - dt.timedelta(weeks=1)], days) == []


# --- Ninety quiet days of the sample's generator, and faults planted into them ---

CATEGORIES = {product.product_id: product.category for product in PRODUCTS}
REGIONS = {store.store_id: store.row()[STORE_COLUMNS.index("region")] for store in STORES}
PLANTED = (dt.date(2026, 3, 13), dt.date(2026, 3, 14))
"""Days with a fault: a small store sells so little that one day without it is no sign of a fault."""


def quiet_days(seed: int) -> dict[dt.date, list[sample.Line]]:
    chance, scale = random.Random(seed), random.Random(seed + 1)
    days = [sample.FIRST_DAY + dt.timedelta(days=number) for number in range(sample.DAYS)]
    sold = {day: sample._sales_of(day, chance, scale) for day in days}
    sample._returns(sold, random.Random(seed + 2))
    return sold


def profile_of(day: dt.date, lines: Sequence[sample.Line]) -> Profile:
    """The profile in plain Python; a few lines are late."""
    chance, transactions = random.Random(str(day)), defaultdict(set)
    for line in lines:
        if not line.quantity.startswith("-"):
            transactions[line.store_id].add(line.transaction_id)
    return Profile(
        day,
        lines=len(lines),
        revenue=sum((Decimal(line.quantity) * Decimal(line.unit_price) for line in lines), Decimal(0)),
        guest_lines=sum(not line.customer_id for line in lines),
        late_lines=sum(chance.random() < sample.LATE_SHARE for _ in lines),
        transactions={store: len(ids) for store, ids in transactions.items()},
        categories=Counter(CATEGORIES.get(line.product_id, "") for line in lines),
    )


def profiles_of(sold: Mapping[dt.date, Sequence[sample.Line]]) -> dict[dt.date, Profile]:
    return {day: profile_of(day, lines) for day, lines in sold.items()}


def unusual(sold: Mapping[dt.date, Sequence[sample.Line]]) -> list[Unusual]:
    return judge(sold, profiles_of(sold))


@pytest.mark.parametrize("seed", range(20260401, 20260406))
def test_of_ninety_quiet_days_one_at_most_is_called_unusual(seed: int) -> None:
    assert len({one.day for one in unusual(quiet_days(seed))}) <= 1


def _without(keep: Callable[[sample.Line], bool]) -> Callable[[list[sample.Line]], list[sample.Line]]:
    return lambda lines: [line for line in lines if keep(line)]


def _twice(lines: list[sample.Line]) -> list[sample.Line]:
    return [*lines, *[replace(line, transaction_id=f"N{line.transaction_id}") for line in lines]]


def _dear(lines: list[sample.Line]) -> list[sample.Line]:
    return [replace(line, unit_price=str(Decimal(line.unit_price) * 100)) for line in lines]


FAULTS = {
    **{
        f"the store {store.store_id} is missing": (
            _without(lambda line, gone=store.store_id: line.store_id != gone), "stores",
        )
        for store in STORES if store.weight > 0.08
    },
    "everything is delivered twice under new ids": (_twice, "lines"),
    "prices are a hundred times as high": (_dear, "revenue"),
    "half of the categories are missing": (
        _without(lambda line: CATEGORIES.get(line.product_id, "") in ("Home", "Kitchen", "Pantry")), "products",
    ),
    "nobody is known": (lambda lines: [replace(line, customer_id="") for line in lines], "guests"),
    **{
        f"the region {region} is missing": (
            _without(lambda line, gone=region: REGIONS.get(line.store_id) != gone), "stores",
        )
        for region in sorted(set(REGIONS.values()))
    },
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(fault: str) -> None:
    change, measure = FAULTS[fault]
    for seed in range(20260401, 20260406):
        sold = quiet_days(seed)
        sold.update({day: change(sold[day]) for day in PLANTED})
        assert measure in {one.measure for one in unusual(sold) if one.day == PLANTED[1]}, seed
