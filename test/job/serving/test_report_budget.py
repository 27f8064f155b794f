"""What the queries of the report read of the sales lines: no more than they may, at any volume."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sales_job.report.budget import SHARE_OF_A_QUERY, Budget, bytes_of_line
from sales_job.report.customers import counted_spans, merged
from sales_job.report.document import read_document
from sales_job.report.queries import COLUMNS, Query, query
from sales_job.report.spans import periods
from sales_job.report.today import open_days, same_weekdays

ROOT = Path(__file__).resolve().parents[3]
LAST = dt.date(2026, 3, 31)
DAY = dt.timedelta(days=1)
GIB = 1024**3
LARGE = {
    "sales_lines": "transaction_date",
    "daily_product_sales": "transaction_date",
    "daily_sales_summary": "transaction_date",
    "quarantined_sales": "quarantined_at",
}
"""Tables that grow with history, and the column of their partitions."""


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


class Warehouse:
    """Answers as a warehouse of so many lines a day, of 200 stores; keeps the queries."""

    def __init__(self, history: int, lines_a_day: int) -> None:
        self.days = days(LAST - (history - 1) * DAY, LAST)
        self.lines_a_day = lines_a_day
        self.asked: list[Query] = []

    def select(self, asked: Query) -> Iterable[Mapping[str, Any]]:
        self.asked.append(asked)
        if asked.name == "period":
            return [{"first_day": self.days[0], "last_day": LAST, "newest_day": LAST, "stores": 200}]
        if asked.name == "sold_lines":
            return [{"transaction_date": day, "lines": self.lines_a_day} for day in self.days]
        if asked.name == "extent":
            return [{"stores": 200, "regions": 5, "products": 20_000, "categories": 10}]
        return []

    def names(self) -> set[str]:
        return {asked.name for asked in self.asked}

    def days_of(self, name: str) -> list[dt.date]:
        """The days whose lines a query names in its filter on the partitions."""
        [sql] = [asked.sql for asked in self.asked if asked.name == name]
        spans = re.findall(r"transaction_date BETWEEN DATE '([\d-]+)' AND DATE '([\d-]+)'", sql)
        return sorted({day for a, b in spans for day in days(dt.date.fromisoformat(a), dt.date.fromisoformat(b))})


def test_what_a_query_reads_of_a_line_by_hand() -> None:
    # DATE 8, text 16, customer_key 66, NUMERIC 16.
    assert bytes_of_line(query("customers")) == 8 + 16 + 66 + 16
    # Day, transaction, product, store; amount, profit, quantity.
    assert bytes_of_line(query("category_days")) == 8 + 3 * 16 + 3 * 16
    # By way of the view `customers`: day, transaction, key; quantity, amount, profit.
    assert bytes_of_line(query("segments")) == 8 + 16 + 66 + 3 * 16
    # That view, and day, key, quantity and amount of the lines again.
    assert bytes_of_line(query("cohorts")) == (8 + 16 + 66 + 3 * 16) + (8 + 66 + 2 * 16)
    assert bytes_of_line(query("store_days")) == 0
    # By way of `sales_today`: day, four ids, key and five numbers of a line; nine texts and a time of its message.
    assert bytes_of_line(query("today", first_day="2026-03-01")) == (8 + 4 * 16 + 66 + 5 * 16) + (9 * 16 + 8)


def test_a_budget_is_spent_once() -> None:
    budget = Budget(106 * 30, {LAST - n * DAY: 10 for n in range(5)})
    asked = query("customers")
    assert budget.allows("customers", asked, [LAST, LAST - DAY])
    assert not budget.allows("customers", asked, [LAST, LAST - DAY])
    assert budget.allows("customers", asked, [LAST])
    assert not budget.allows("segments", query("segments"))
    assert (budget.spent, budget.left_out) == (106 * 30, ["customers", "segments"])


def test_days_that_two_spans_share_are_read_once() -> None:
    last_week = (LAST - 6 * DAY, LAST)
    budget = Budget(106 * 14, dict.fromkeys(days(LAST - 99 * DAY, LAST), 1))
    # The last seven days, the seven before, and the month of March, which has none but its first 17 besides.
    counted = counted_spans(periods(LAST - 99 * DAY, LAST), budget)
    assert counted == [(LAST - 13 * DAY, LAST - 7 * DAY), last_week]
    assert merged(counted) == [(LAST - 13 * DAY, LAST)]
    assert merged([last_week, (LAST - 20 * DAY, LAST - 15 * DAY)]) == [(LAST - 20 * DAY, LAST - 15 * DAY), last_week]


def assumed(file: str, pattern: str) -> float:
    found = re.search(pattern, (ROOT / file).read_text("utf-8"), re.DOTALL)
    assert found
    return float(found[1])


@pytest.mark.parametrize(
    ("stage", "environment"), [("development", "dev"), ("staging", "staging"), ("production", "prod")]
)
def test_the_page_of_an_environment_costs_less_than_one_query_may(stage: str, environment: str) -> None:
    """At the volume that `npm run cost` assumes, three years old; a line of the sample has 46 bytes."""
    gib_a_month = assumed("cost/assumptions.ts", rf"{stage}: \{{\s*lakeGibPerMonth: (\d+)")
    most = int(assumed(f"environments/{environment}.ts", r"maximumGibBilled: (\d+)") * GIB * SHARE_OF_A_QUERY)
    warehouse = Warehouse(3 * 365, int(gib_a_month * GIB / 46 / 30.4))
    document = read_document(warehouse.select, most)
    read = sum(
        warehouse.lines_a_day * bytes_of_line(asked) * len(warehouse.days_of(asked.name))
        for asked in warehouse.asked
        if "`sales_lines`" in asked.sql
    )
    assert 0 < read <= most
    # What is too much is not asked for, and the page says so; the last week with what it is compared with always is.
    assert "segments" not in warehouse.names()
    assert set(warehouse.days_of("customers")) >= set(days(LAST - 13 * DAY, LAST))
    assert document["sales"]["left_out"] == {
        "bytes": most,
        "parts": ["categories", "customers", "today", "segments", "cohorts"],
    }
    assert "category_totals" in warehouse.names()
    assert "today" not in warehouse.names()


def test_a_chain_of_two_hundred_stores_leaves_nothing_out_in_production() -> None:
    """A thousand lines a day and store, three years: 219 million lines."""
    warehouse = Warehouse(3 * 365, 200_000)
    document = read_document(warehouse.select, 120 * GIB)
    assert document["sales"]["left_out"]["parts"] == []
    assert {"category_days", "customers", "today", "segments", "cohorts"} <= warehouse.names()
    # The page shows two years.
    wanted = {span for period in periods(LAST - 730 * DAY, LAST) for span in period.spans()}
    assert len(document["sales"]["counted"]["start"]) == len(wanted) > 30


def test_without_a_limit_everything_is_read() -> None:
    warehouse = Warehouse(800, 10**9)
    assert read_document(warehouse.select)["sales"]["left_out"] == {"bytes": None, "parts": []}
    assert "today" in warehouse.names()


def test_open_days_are_not_asked_for_without_the_view_and_cost_the_lines_of_a_week() -> None:
    # 370 bytes of each of ten lines a day, of the last day and the 7 before.
    cost = 8 * 10 * 370
    for left, part in ((cost, []), (cost - 1, ["today"])):
        budget = Budget(left, dict.fromkeys(days(LAST - 99 * DAY, LAST), 10))
        assert open_days(lambda _: [], LAST, budget) == []
        assert budget.left_out == part
    warehouse = Warehouse(100, 10)
    assert read_document(warehouse.select, 0, streaming=False)["sales"]["left_out"]["parts"] == [
        "categories", "customers", "segments", "cohorts",
    ]  # fmt: skip
    assert "today" not in warehouse.names()


@pytest.mark.parametrize("name", COLUMNS)
def test_a_query_of_a_table_that_grows_names_the_days_that_it_reads(name: str) -> None:
    """By constants, without which BigQuery reads every partition."""
    filled = query(name, first_day="2026-01-01", last_day="2026-03-31", since="2026-03-04", days=DAYS, area="x")
    named = set(re.findall(r"`(\w+)`", filled.sql))
    for table in named & set(LARGE):
        parts = re.findall(rf"`{table}`.*?(?=\bFROM `|\Z)", filled.sql, re.DOTALL)
        wanted = rf"\b{LARGE[table]} (BETWEEN DATE '[\d-]+' AND DATE '[\d-]+'|>= TIMESTAMP '[\d-]+')"
        assert parts
        assert all(re.search(wanted, part) for part in parts), table


def test_an_open_day_is_compared_with_the_newest_closed_day_of_its_weekday_in_four_weeks() -> None:
    asked = []

    def select(query: Query) -> Iterable[Mapping[str, Any]]:
        asked.append(query.sql)
        return [{"transaction_date": LAST - n * DAY} for n in (1, 14, 21, 35)]

    # None for the day before the last one; two weeks before the last one, not three.
    assert same_weekdays(select, {LAST, LAST - DAY}, LAST - 50 * DAY) == [None, LAST - 14 * DAY]
    # From four weeks before the earlier of them, 2026-03-30.
    assert "DATE '2026-03-02' AND DATE '2026-03-31'" in asked[0]
    assert same_weekdays(select, {LAST}, LAST - 10 * DAY) == [LAST - 14 * DAY]
    assert "DATE '2026-03-21' AND DATE '2026-03-31'" in asked[1]
    assert same_weekdays(select, set(), LAST) == []
    assert len(asked) == 2


DAYS = "line.transaction_date BETWEEN DATE '2026-01-01' AND DATE '2026-03-31'"
