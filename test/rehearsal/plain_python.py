"""The rows of a rehearsed dataset beside those of plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from oracle import Result, sortable
from views_oracle import VIEWS, Tables

from sales_job.tables import catalog
from sales_job.tables.view_catalog import views

COMPARED = [
    ("daily_sales_summary", "daily"),
    ("product_performance", "products"),
    ("store_performance", "stores"),
    ("sales_lines", "sales_lines"),
    ("daily_product_sales", "product_days"),
]
"""Tables, and what holds their rows in the oracle's result."""

Rows = list[dict[str, str | None]]
Sorted = list[tuple[Any, ...]]


def both(tables: dict[str, Rows], expected: Result, table: str, attribute: str) -> tuple[Sorted, Sorted]:
    """The rows of a table, and those that it should have."""
    exact = {column.name for column in catalog.table("published", table).columns if column.type == "NUMERIC"}

    def plain(name: str, value: Any) -> Any:
        if value is None:
            return None
        return Decimal(str(value)).normalize() if name in exact else str(value)

    rows = tables[table]
    names = list(rows[0])
    got = [tuple(plain(name, row[name]) for name in names) for row in rows]
    want = [
        tuple(plain(name, value) for name, value in zip(names, row, strict=True))
        for row in getattr(expected, attribute)
    ]
    return sorted(got, key=sortable), sorted(want, key=sortable)


PARSERS: dict[str, Callable[[str], Any]] = {
    "NUMERIC": Decimal,
    "INTEGER": int,
    "DATE": dt.date.fromisoformat,
    "BOOLEAN": lambda text: text == "True",
}
"""How the text of a value is read, by its type; any other stays text."""


def records(tables: dict[str, Rows]) -> Tables:
    """The rows of the published tables with values of their types."""
    found = {}
    for table in (table for table in catalog.published() if table.name in tables):
        parsers = {column.name: PARSERS.get(column.type, str) for column in table.columns}
        found[table.name] = [
            {name: None if text is None else parsers[name](str(text)) for name, text in row.items()}
            for row in tables[table.name]
        ]
    return found


def both_of_view(tables: dict[str, Rows], view: str) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of a view, and those that plain Python makes of the tables; as text without trailing zeros."""

    def plain(value: Any) -> str:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    want = [list(map(plain, row)) for row in VIEWS[view](records(tables))]
    types = catalog_types(view)
    got = [
        [
            str(value) if value is None else plain(PARSERS.get(types[name], str)(str(value)))
            for name, value in row.items()
        ]
        for row in tables[view]
    ]
    return sorted(got), sorted(want)


def catalog_types(view: str) -> dict[str, str]:
    """The types of a view's columns."""
    return next(declared.types for declared in views() if declared.name == view)
