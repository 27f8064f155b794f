"""What is to come: the forecast of each store, how well its model would have done before, and how long stocks last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sales_job.report.columns import measure
from sales_job.report.queries import Row, Select, query, rows

SIGNALS = ("rising", "steady", "slowing", "dead")
"""The signals of the view ``inventory_signals``, in the order of the page."""

ALL_STORES = "*"
"""The store_id of the row of forecast_accuracy that is about all stores together."""


def forecast(select: Select, last: dt.date, stores: Sequence[str]) -> dict[str, Any]:
    """The days after ``last``; of none where the forecast was made before the last day's sales came.

    Args:
        stores: ids of the stores; a store is its place in this list.
    """
    places = {store: n for n, store in enumerate(stores)}
    found = [row for row in rows(select, query("forecast")) if row["trained_through"] == last]
    found = [row for row in found if row["store_id"] in places and row["forecast_date"] > last]
    found.sort(key=lambda row: (row["forecast_date"], places[row["store_id"]]))
    tested = [row for row in rows(select, query("accuracy")) if row["store_id"] in (ALL_STORES, *places)]
    tested.sort(key=lambda row: -1 if row["store_id"] == ALL_STORES else places[row["store_id"]])
    return {
        "day": [(row["forecast_date"] - last).days for row in found],
        "store_id": [places[row["store_id"]] for row in found],
        **{name: measure([row[name] for row in found]) for name in ("revenue", "lower", "upper")},
        "accuracy": [_accuracy(row, places) for row in tested],
    }


def inventory(select: Select) -> dict[str, Any]:
    """How many products have each signal, and lists of those to look at first. Numbers of the lists are texts."""
    signals = {row["signal"]: row for row in rows(select, query("signals"))}
    return {
        "signals": [
            {"signal": name, "products": signals[name]["products"], "with_stock": signals[name]["with_stock"]}
            for name in SIGNALS
            if name in signals
        ],
        "products": [
            {name: f"{value.normalize():f}" if isinstance(value, Decimal) else value for name, value in row.items()}
            for row in rows(select, query("inventory"))
        ],
    }


def _accuracy(row: Row, places: dict[str, int]) -> dict[str, Any]:
    """Shares as texts: JSON's numbers are binary."""
    shares = {
        name: None if row[name] is None else f"{row[name]:f}" for name in ("model_error", "naive_error", "coverage")
    }
    store = None if row["store_id"] == ALL_STORES else places[row["store_id"]]
    return {"store_id": store, "days": row["days"], "model": row["model"], "reason": row["reason"], **shares}
