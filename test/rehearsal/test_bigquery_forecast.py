"""The script that makes the forecast in BigQuery, on the emulator: which stores have one, the backtest, and what is
written. Only AI.FORECAST is not BigQuery's there: it says the last 28 days again, a quarter up and down.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from decimal import Decimal as D
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs"), str(Path(__file__).parent)]

from test_bigquery_checks import on_the_emulator  # noqa: E402

from forecast.backtest import Score, backtest, reason_against  # noqa: E402
from forecast.model import DAYS, Forecast  # noqa: E402
from sales_job.forecast.bigquery import MODEL, script  # noqa: E402

LAST = dt.date(2026, 3, 31)
Days = dict[dt.date, D]


def again(history: Sequence[float]) -> Forecast:
    """What stands for the model."""
    last = list(history[-DAYS:])
    return Forecast(last, [0.75 * value for value in last], [1.25 * value for value in last])


def every_day(count: int) -> list[dt.date]:
    return [LAST - dt.timedelta(back) for back in range(count - 1, -1, -1)]


def random_days(count: int, seed: int) -> Days:
    """Whole tens, so that a binary number is exact; on every eleventh day nothing is sold."""
    random = Random(seed)
    return {day: D(10 * random.randrange(1, 60)) for day in every_day(count) if day.day % 11}


STORES: dict[str, Days] = {
    "long": random_days(120, 1),
    "least": random_days(56, 2) | {LAST - dt.timedelta(55): D(40)},
    "short": random_days(55, 3) | {LAST - dt.timedelta(54): D(40)},
    "closed": {day: D(20) for day in every_day(90)[:-28]},
}


def sell(stores: dict[str, Days], transactions: int = 1) -> str:
    values = ", ".join(
        f"(DATE '{day}', '{store}', {revenue}, 1, {transactions}, 0, 0, 0, 0)"
        for store, days in stores.items()
        for day, revenue in days.items()
    )
    return (
        "INSERT INTO `local-project.sales.daily_sales_summary` (transaction_date, store_id, daily_revenue, "
        "daily_quantity, daily_transactions, unique_customers, gross_profit, returned_quantity, returned_revenue) "
        f"VALUES {values}"
    )


STEPS = {
    "no sales": [],
    # A return after the last sale is no sale.
    "stores": [sell(STORES), sell({"long": {LAST + dt.timedelta(2): D(-5)}}, transactions=0)],
    "nothing new": ["UPDATE `local-project.sales.forecast_accuracy` SET model_error = 7 WHERE TRUE"],
    "a late line": [
        "UPDATE `local-project.sales.daily_sales_summary` SET daily_revenue = daily_revenue + 10 "
        f"WHERE store_id = 'closed' AND transaction_date = DATE '{every_day(90)[0]}'"
    ],
    "no store left": [
        "DELETE FROM `local-project.sales.daily_sales_summary` WHERE store_id IN ('long', 'least', 'closed')"
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[list[Any]]]]:
    """Both tables after each step."""
    folder = tmp_path_factory.mktemp("forecast")
    made = on_the_emulator("bigquery_forecast.py", folder, list(STEPS.values()))
    return dict(zip(STEPS, made, strict=True))


def history(days: Days) -> list[float]:
    first = min(days)
    return [float(days.get(first + dt.timedelta(n), 0)) for n in range((LAST - first).days + 1)]


def in_python(stores: dict[str, Days]) -> list[list[Any]]:
    """The rows of ``forecast_accuracy``, by the code of the local forecast's backtest."""
    rows, overall = [], Score()
    for store, days in stores.items():
        past = history(days)
        reason = reason_against(past)
        score = Score() if reason else backtest(past, again)
        rows.append([store, score, len(past), sum(days.values()), reason])
        overall += score
    total = sum((sum(days.values()) for days in stores.values()), D(0))
    rows.append(["*", overall, max(len(history(days)) for days in stores.values()), total, None])
    return [
        [
            store,
            score.days,
            *(
                round(D(part) / D(score.revenue), 9) if score.revenue else None
                for part in (score.error, score.naive_error)
            ),
            round(D(score.covered) / score.days, 9) if score.days else None,
            MODEL,
            str(LAST),
            length,
            revenue,
            reason,
        ]
        for store, score, length, revenue, reason in sorted(rows)
    ]


def typed(row: list[Any]) -> list[Any]:
    """A row of ``forecast_accuracy`` that came as texts."""
    numbers = (1, 2, 3, 4, 7, 8)
    return [D(value) if place in numbers and value is not None else value for place, value in enumerate(row)]


def test_without_sales_there_is_nothing(found: dict[str, Any]) -> None:
    assert found["no sales"] == {"forecast_accuracy": [], "revenue_forecast": []}


def test_each_store_has_a_forecast_or_a_reason_and_the_backtest_of_plain_python(found: dict[str, Any]) -> None:
    rows = [typed(row) for row in found["stores"]["forecast_accuracy"]]
    assert rows == in_python(STORES)
    by_store = {row[0]: row for row in rows}
    assert [by_store[store][-1] for store in ("closed", "short", "least", "long", "*")] == [
        "no revenue in the last 28 days",
        "55 days of history, 56 are needed",
        None,
        None,
        None,
    ]
    # The two stores differ from the days before, so that the errors say something.
    assert by_store["*"][1] == 2 * DAYS
    assert 0 < by_store["*"][4] < 1 < 2 * by_store["*"][2]


def test_the_forecast_is_that_of_the_days_after_the_last_sale(found: dict[str, Any]) -> None:
    rows = found["stores"]["revenue_forecast"]
    expected = []
    for store in ("least", "long"):
        for ahead, revenue in enumerate(history(STORES[store])[-DAYS:], start=1):
            day = str(LAST + dt.timedelta(ahead))
            expected.append([store, day, revenue, 0.75 * revenue, 1.25 * revenue, MODEL, str(LAST)])
    assert [[*row[:2], *map(float, row[2:5]), *row[5:]] for row in rows] == expected


def test_it_is_made_again_when_its_days_or_revenue_changed_and_not_before(found: dict[str, Any]) -> None:
    assert {row[2] for row in found["nothing new"]["forecast_accuracy"]} == {"7.000000000"}
    closed = {**STORES["closed"], every_day(90)[0]: D(30)}
    rows = [typed(row) for row in found["a late line"]["forecast_accuracy"]]
    assert rows == in_python({**STORES, "closed": closed})


def test_where_no_store_has_days_enough_both_tables_say_so(found: dict[str, Any]) -> None:
    """The model is not asked."""
    last = found["no store left"]
    assert last["revenue_forecast"] == []
    reasons = [(row[0], row[1], row[-1]) for row in last["forecast_accuracy"]]
    assert reasons == [("*", "0", "no store has a forecast"), ("short", "0", "55 days of history, 56 are needed")]


def test_the_model_is_asked_for_what_the_tables_promise() -> None:
    """28 days and bounds of 80 %, both times; the rest of the call is not executed here."""
    text = script("project.dataset")
    assert text.count("AI.FORECAST(") == text.count("horizon => 28") == text.count("confidence_level => 0.8") == 2
    assert text.count(f"model => '{MODEL}'") == text.count("id_cols => ['store_id']") == 2
    assert "${" not in text
