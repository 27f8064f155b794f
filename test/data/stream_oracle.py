"""The rows of ``sales_today`` in plain Python: from messages, and the lines and arrivals of the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """A good line, as its values."""

    transaction_date: dt.date
    transaction_id: str
    line_number: str | None
    product_id: str
    store_id: str
    customer_id: str | None
    quantity: Decimal
    unit_price: Decimal

    @property
    def pair(self) -> tuple[dt.date, str]:
        """What a row of the view is about."""
        return self.transaction_date, self.store_id


def sales_today(
    streamed: Iterable[Line], stored: Iterable[Line], arrivals: Iterable[str], costs: dict[str, Decimal]
) -> dict[tuple[dt.date, str], tuple[Any, ...]]:
    """Revenue, quantity, transactions, customers, profit, what came back (quantity, revenue) and source, by day and
    store. A line that is streamed and stored, or streamed twice, counts once: lines are the elements of sets.
    """
    messages, lines, taken = set(streamed), set(stored), set(arrivals)
    published = {line.transaction_date for line in lines}

    def closed(day: dt.date) -> bool:
        return day.isoformat() in taken and day in published

    rows = {}
    for pair in {line.pair for line in messages | lines}:
        fresh = {line for line in messages if line.pair == pair and not closed(pair[0])}
        known = {line for line in lines if line.pair == pair}
        if not fresh | known:
            continue
        counted = fresh | known
        sales = [line for line in counted if line.quantity > 0]
        # A customer of the stream has an id, one of the tables a key: nobody can see that they are the same.
        customers = {(line in fresh, line.customer_id) for line in sales if line.customer_id is not None}
        rows[pair] = (
            sum((line.quantity * line.unit_price for line in counted), ZERO),
            sum((line.quantity for line in counted), ZERO),
            len({line.transaction_id for line in sales}),
            len(customers),
            sum(
                (
                    line.quantity * (line.unit_price - costs[line.product_id])
                    for line in counted
                    if line.product_id in costs
                ),
                ZERO,
            ),
            -sum((line.quantity for line in counted if line.quantity < 0), ZERO),
            -sum((line.quantity * line.unit_price for line in counted if line.quantity < 0), ZERO),
            "stream" if fresh else "batch",
        )
    return rows
