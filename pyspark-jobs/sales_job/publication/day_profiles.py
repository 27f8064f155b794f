"""Profiles of days (:mod:`unusual_days`) out of the warehouse and into it: of the run's days from the staged rows, of
the days before them from the table ``daily_profile``, which has one row a day.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sales_job.publication.sql_naming import SqlNaming
from sales_job.publication.unusual_days import HISTORY, Profile

STAGED = ("daily_figures", "sales_lines", "products")
"""The staged tables that :func:`queries` read."""

COLUMNS = (
    "transaction_date",
    "line_count",
    "revenue",
    "guest_lines",
    "late_lines",
    "transactions_by_store",
    "lines_by_category",
)


def queries(naming: SqlNaming, days: Collection[dt.date]) -> tuple[str, str]:
    """Two queries: of the staged days' figures (:func:`of_staged`), and of the published profiles of these days and of
    the days before them (:func:`of_published`).
    """
    s = naming.staged
    figures, lines = s("daily_figures"), s("sales_lines")

    def figure(kind: str, name: str, number: str, source: str, *by: str) -> str:
        grouped = ", ".join(("transaction_date", *by))
        return (
            f"SELECT transaction_date, '{kind}' AS kind, {name} AS name, {number} AS number "
            f"FROM {source} GROUP BY {grouped}"
        )

    def counted(number: str) -> str:
        # Of the type that money has: the parts of a union have one.
        return f"CAST({number} AS {naming.numeric})"

    categories = f"(SELECT product_id, category FROM {s('products')}) p ON p.product_id = l.product_id"
    listed = (
        f"(SELECT l.transaction_date, COALESCE(p.category, '') AS category FROM {lines} l LEFT JOIN {categories}) c"
    )
    staged = (
        figure("lines", "''", counted("COUNT(*)"), lines),
        figure("guests", "''", counted("COUNT(CASE WHEN customer_key IS NULL THEN 1 END)"), lines),
        figure("revenue", "''", "SUM(daily_revenue)", figures),
        figure("late", "''", counted("SUM(late_lines)"), figures),
        figure("store", "store_id", counted("SUM(daily_transactions)"), figures, "store_id"),
        figure("category", "category", counted("COUNT(*)"), listed, "category"),
    )
    known = f"SELECT {', '.join(COLUMNS)} FROM {naming.table('daily_profile')} WHERE {_looked_at(days)}"
    return " UNION ALL ".join(staged), known


def _looked_at(days: Collection[dt.date]) -> str:
    """A condition: a day, or one of the days before it. Days close to each other share their bounds."""
    spans: list[tuple[dt.date, dt.date]] = []
    for day in sorted(days):
        first = day - HISTORY
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((first, day))
    each = [f"transaction_date BETWEEN DATE '{first}' AND DATE '{last}'" for first, last in spans]
    return " OR ".join(each) or "FALSE"


def of_staged(rows: Iterable[tuple[Any, ...]]) -> dict[dt.date, Profile]:
    """The profiles of the staged days."""
    days: dict[dt.date, dict[str, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for day, kind, name, number in rows:
        days[day][kind][name] = number
    return {
        day: Profile(
            day=day,
            lines=int(kinds["lines"][""]),
            revenue=kinds["revenue"][""],
            guest_lines=int(kinds["guests"][""]),
            late_lines=int(kinds["late"][""]),
            transactions={name: int(number) for name, number in sorted(kinds["store"].items()) if number},
            categories={name: int(number) for name, number in sorted(kinds["category"].items())},
        )
        for day, kinds in days.items()
    }


def of_published(rows: Iterable[tuple[Any, ...]]) -> dict[dt.date, Profile]:
    """The profiles that runs have published."""
    return {
        day: Profile(day, lines, revenue, guests, late, json.loads(stores), json.loads(categories))
        for day, lines, revenue, guests, late, stores, categories in rows
    }


def rows_of(profiles: Mapping[dt.date, Profile]) -> list[dict[str, Any]]:
    """The rows of ``daily_profile``."""
    return [
        dict(
            zip(
                COLUMNS,
                (
                    one.day,
                    one.lines,
                    one.revenue,
                    one.guest_lines,
                    one.late_lines,
                    json.dumps(one.transactions, ensure_ascii=False),
                    json.dumps(one.categories, ensure_ascii=False),
                ),
                strict=True,
            )
        )
        for one in profiles.values()
    ]
