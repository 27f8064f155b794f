"""Which columns of a table have other values than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

IDENTIFYING = ("store_id", "product_id", "customer_key", "month", "week", "transaction_date", "cohort_month")

Rows = Sequence[dict[str, Any]]


def moved(before: Rows, after: Rows) -> set[str]:
    """The columns with other values: row by row where both have the same rows."""
    names = list((before or after)[0])
    identity = [name for name in names if name in IDENTIFYING]

    def values(rows: Rows, *columns: str) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(row[column] for column in columns) for row in rows)

    by = identity if values(before, *identity) == values(after, *identity) else []
    return {name for name in names if values(before, *by, name) != values(after, *by, name)}
