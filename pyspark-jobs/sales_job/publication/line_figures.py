"""Figures of the staged lines: SQL that adds up their whole numbers exactly, whatever their size.

The warehouse adds them and not Spark: of a backfill of 5 million lines it takes a third of the time, because it reads
columns and has neither rows to make nor code to generate and compile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sales_job.publication.sql_naming import SqlNaming, between
from sales_job.tables import catalog

RETURNED = ("returned_quantity", "returned_revenue")
"""What came back, in every table of figures: positive numbers, which quantity and revenue are net of."""

FIGURES = ("line_count", "sale_line_count", "quantity", "revenue", "gross_profit", "unit_price_total", *RETURNED)
"""The figures of ``store_products``."""


class Figures(NamedTuple):
    """A query, and the columns of the staged table that it fills, in its order; others are NULL."""

    columns: Sequence[str]
    query: str


def statements(naming: SqlNaming, replaced: Collection[dt.date], refill: bool = False) -> Mapping[str, Figures]:
    """The queries that fill the staged tables of figures from the staged lines, by table.

    Args:
        replaced: the touched days that are published already.
        refill: whether all days are touched, of which some may not be in ``sales_lines``.
    """
    changes = _store_product_changes(naming, replaced, refill)
    return {"daily_figures": _daily_figures(naming), "store_products": changes}


def daily_product_figures(naming: SqlNaming, condition: str) -> str:
    """A query of one row a (transaction_date, product_id): the columns of ``daily_product_sales``."""
    total = _totals(naming)
    figures = {
        "transaction_date": "transaction_date",
        "product_id": "product_id",
        "revenue": total["revenue"],
        "quantity": total["quantity"],
        "transactions": _distinct_in_sales("transaction_id"),
        "stores_sold_in": _distinct_in_sales("store_id"),
        **{name: total[name] for name in ("gross_profit", *RETURNED)},
    }
    lines = f"{naming.staged('sales_lines')} WHERE {condition}"
    return f"SELECT {_listed(figures)} FROM {lines} GROUP BY transaction_date, product_id"


def _daily_figures(naming: SqlNaming) -> Figures:
    total = _totals(naming)
    figures = {
        "transaction_date": "transaction_date",
        "store_id": "store_id",
        "daily_revenue": total["revenue"],
        "daily_quantity": total["quantity"],
        "daily_transactions": _distinct_in_sales("transaction_id"),
        **{name: total[name] for name in ("gross_profit", *RETURNED)},
        "loaded_lines": _counted("is_loaded"),
        "unmatched_lines": _counted("is_loaded AND NOT product_known"),
        "late_lines": _counted("is_late"),
    }
    query = f"SELECT {_listed(figures)} FROM {naming.staged('sales_lines')} GROUP BY transaction_date, store_id"
    return Figures(tuple(figures), query)


def _store_product_changes(naming: SqlNaming, replaced: Collection[dt.date], refill: bool) -> Figures:
    """What the totals of stores and products change by: the lines of the touched days as they are now, less those of
    before. Only rows with a change.
    """
    keys = catalog.table("state", "store_products").key
    columns = (*keys, *FIGURES)
    total = _totals(naming)
    counts = {"line_count": "COUNT(*)", "sale_line_count": _counted("quantity_units > 0")}
    changes = _grouped(keys, {**counts, **total}, naming.staged("sales_lines"))
    if replaced:
        before = _totals_of_all(naming, keys) if refill else _totals_of_days(naming, keys, sorted(replaced))
        both = f"({changes} UNION ALL {before}) parts"
        summed = _grouped(keys, {name: f"SUM({name})" for name in FIGURES}, both)
        some = " OR ".join(f"{name} <> 0" for name in FIGURES)
        changes = f"SELECT * FROM ({summed}) summed WHERE {some}"
    return Figures(columns, f"SELECT {', '.join(columns)} FROM ({changes}) changes")


def _totals_of_all(naming: SqlNaming, keys: Sequence[str]) -> str:
    """The published totals, negative: those of every line, where all days are touched."""
    less = {name: f"-{name}" for name in FIGURES}
    return f"SELECT {', '.join(keys)}, {_listed(less)} FROM {naming.table('store_products')}"


def _totals_of_days(naming: SqlNaming, keys: Sequence[str], days: Sequence[dt.date]) -> str:
    """The totals of the published lines of some days, negative, by the costs of the run that published them."""

    def less(amount: str) -> str:
        return f"-SUM({amount})"

    def of_returns(amount: str) -> str:
        return less(f"CASE WHEN quantity < 0 THEN -{amount} ELSE 0 END")

    figures = {
        "line_count": "-COUNT(*)",
        "sale_line_count": f"-{_counted('quantity > 0')}",
        "quantity": less("quantity"),
        "revenue": less("amount"),
        "gross_profit": less("profit"),
        "unit_price_total": less("CASE WHEN quantity > 0 THEN unit_price ELSE 0 END"),
        RETURNED[0]: of_returns("quantity"),
        RETURNED[1]: of_returns("amount"),
    }
    # Named one by one: the touched days are staged later.
    listed = ", ".join(f"DATE '{day}'" for day in days)
    source = f"{naming.table('sales_lines')} WHERE {between(days)} AND transaction_date IN ({listed})"
    return _grouped(keys, figures, source)


def _totals(naming: SqlNaming) -> dict[str, str]:
    """Sums over staged lines. A product without a cost adds no profit; ``unit_price_total`` is of sale lines."""
    quantity, price = naming.number("quantity_units", 3, 3), naming.number("price_units", 4, 4)
    revenue = f"{quantity} * {price}"
    cost = f"({naming.number('cost_whole', 0, 6)} + {naming.number('cost_millionths', 6, 6)})"
    profit = f"COALESCE({quantity} * ({naming.number('price_units', 4, 6)} - {cost}), 0)"

    def of_returns(amount: str) -> str:
        return f"SUM(CASE WHEN quantity_units < 0 THEN -({amount}) ELSE 0 END)"

    return {
        "quantity": naming.total(f"SUM({quantity})", 3),
        "revenue": naming.total(f"SUM({revenue})", 7),
        "gross_profit": naming.total(f"SUM({profit})", 9),
        "unit_price_total": naming.total(f"SUM(CASE WHEN quantity_units > 0 THEN {price} ELSE 0 END)", 4),
        RETURNED[0]: naming.total(of_returns(quantity), 3),
        RETURNED[1]: naming.total(of_returns(revenue), 7),
    }


def _distinct_in_sales(name: str) -> str:
    return f"COUNT(DISTINCT CASE WHEN quantity_units > 0 THEN {name} END)"


def _counted(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _listed(figures: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in figures.items())


def _grouped(keys: Sequence[str], figures: Mapping[str, str], source: str) -> str:
    listed = ", ".join(keys)
    # In one order, for unions.
    figures = {name: figures[name] for name in FIGURES}
    return f"SELECT {listed}, {_listed(figures)} FROM {source} GROUP BY {listed}"
