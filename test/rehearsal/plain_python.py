"""The rows of a rehearsed dataset beside those of plain Python."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from oracle import Result, sortable

from sales_job.tables import catalog

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
