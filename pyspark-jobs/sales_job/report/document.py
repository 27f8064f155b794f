"""The report's document: everything that the page shows, as one value that JSON can hold.

The same from both warehouses, because the same queries make it. Standard library only: Airflow calls it too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sales_job.report import quality
from sales_job.report.budget import Budget
from sales_job.report.customers import counted_spans, customers, loyalty
from sales_job.report.outlook import forecast, inventory
from sales_job.report.queries import Row, Select, query, rows
from sales_job.report.spans import Period, Span, periods, rows_of_spans
from sales_job.report.tables import Tables
from sales_job.report.today import open_days, same_weekdays

MOST_DAYS = 731
"""Two years: every day of the last year has one to be compared with."""

MOST_STORE_DAYS = 150_000
"""Rows of a day and store: two years of 200 stores, about 1 MB of the page. More stores are shown fewer days."""

MOST_ROWS = 190_000
"""Rows of all kinds. What store days leave is for categories."""

MOST_PRODUCT_ROWS = 20_000
"""Rows of products for the periods that a reader can choose by name; for every day and store, twice as many."""

AREAS = {"store": "days.store_id", "region": "store.region", "all": "CAST(NULL AS STRING)"}
"""What sales by category are summed over, in SQL: the first for which there is room."""


def read_document(select: Select, most_bytes: int | None = None, *, streaming: bool = True) -> dict[str, Any]:
    """The document of a warehouse.

    Args:
        select: runs a query of :mod:`sales_job.report.queries` in the warehouse and returns its rows.
        most_bytes: what all queries of sales lines together may read; what they cannot is left out, and listed in
            ``left_out``. None where reading costs nothing.
        streaming: whether the warehouse has ``sales_today``.
    """
    document: dict[str, Any] = {"version": 1, "quality": quality.read(select), "sales": None}
    [extent] = rows(select, query("period"))
    if extent["last_day"] is not None:
        document["quality"]["unusual"] = quality.unusual(select, extent["last_day"])
        document["sales"] = _sales(select, extent, most_bytes, streaming)
    return document


def shown_from(extent: Row) -> dt.date:
    """The first day that the page shows."""
    first: dt.date = extent["first_day"]
    last: dt.date = extent["last_day"]
    days = min(MOST_DAYS, max(1, MOST_STORE_DAYS // max(extent["stores"], 1)))
    return max(first, last - dt.timedelta(days=days - 1))


def _sales(select: Select, extent: Row, most_bytes: int | None, streaming: bool) -> dict[str, Any]:
    first, last = shown_from(extent), extent["last_day"]
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    lines = {row["transaction_date"]: row["lines"] for row in rows(select, query("sold_lines"))}
    budget = Budget(most_bytes, lines)
    [size] = rows(select, query("extent", **days))
    size["lines"] = sum(count for day, count in lines.items() if first <= day <= last)
    named = periods(first, last)
    store_days = rows(select, query("store_days", **days))
    area, categories = _categories(select, budget, days, size, len(store_days))
    products = _products(select, days, size, named)
    spans = counted_spans(named, budget)
    today = open_days(select, last, budget) if streaming else []
    compared = same_weekdays(select, {row["transaction_date"] for row in today}, first)
    known = {name: rows(select, query(name)) for name in ("stores", "products")}
    tables = Tables(first, known, store_days, categories, products["rows"], today)
    return {
        "days": [first.isoformat(), last.isoformat()],
        "first_day": extent["first_day"].isoformat(),
        "newest_day": extent["newest_day"].isoformat(),
        "periods": [_period(period) for period in named],
        "loyalty": loyalty(select, budget),
        "forecast": forecast(select, last, [row["store_id"] for row in tables.stores]),
        "inventory": inventory(select),
        **tables.document(area, products, customers(select, spans), spans, compared),
        "left_out": {"bytes": most_bytes, "parts": budget.left_out},
    }


def _categories(
    select: Select, budget: Budget, days: dict[str, str], size: Row, store_days: int
) -> tuple[str, list[Row]]:
    """The area that sales by category are summed over, and their rows: without transactions where counting these would
    read too many lines.
    """
    first, last = (dt.date.fromisoformat(day) for day in days.values())
    length = (last - first).days + 1
    area = _category_area(length, size, store_days)
    asked = query("category_days", **days, area=AREAS[area])
    if budget.allows("categories", asked, (first + dt.timedelta(n) for n in range(length))):
        return area, rows(select, asked)
    return "all", rows(select, query("category_totals", **days))


def _category_area(days: int, size: Row, store_days: int) -> str:
    """The smallest area by which sales by day and category fit into the page."""
    room = MOST_ROWS - MOST_PRODUCT_ROWS - store_days
    members = {"store": size["stores"], "region": size["regions"]}
    fits = (area for area, count in members.items() if min(size["lines"], days * count * size["categories"]) <= room)
    return next(fits, "all")


def _products(select: Select, days: dict[str, str], size: Row, named: Sequence[Period]) -> dict[str, Any]:
    """Sales by product: of every day and store where there is room, else of the named periods and all stores."""
    if size["lines"] <= 2 * MOST_PRODUCT_ROWS:
        return {"by": "day", "all": True, "rows": rows(select, query("product_days", **days))}
    spans = rows_of_spans(_spans(named))
    most = max(1, MOST_PRODUCT_ROWS // len(_spans(named)))
    found = rows(select, query("product_spans", **days, spans=spans, most_products=most))
    return {"by": "span", "all": size["products"] <= most, "rows": found}


def _spans(named: Sequence[Period]) -> list[Span]:
    return sorted({span for period in named for span in period.spans()})


def _period(period: Period) -> dict[str, Any]:
    def written(span: Span | None) -> list[str] | None:
        return None if span is None else [day.isoformat() for day in span]

    return {
        "name": period.name,
        "days": written(period.days),
        "before": written(period.before),
        "year": written(period.year),
    }
