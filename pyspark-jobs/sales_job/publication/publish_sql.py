"""The one transaction that publishes a run: SQL that DuckDB and BigQuery both understand.

A run's results wait in staged tables. These statements run between BEGIN and COMMIT: a reader sees the tables before
them or after them, nothing between, and a run that is killed earlier has changed nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.tables import catalog, reference_columns

RETURNED = ("returned_quantity", "returned_revenue")
"""What came back, in every table of figures: positive numbers, which quantity and revenue are net of."""

MOST_PARTITIONS = 4000
"""How many partitions BigQuery lets a statement of a transaction change."""


@dataclass(frozen=True)
class SqlNaming:
    """How a warehouse writes its tables (``table``), a run's staged tables (``staged``), a column of any name
    (``quoted``), the type of exact numbers (``numeric``), and a text without case, invisible characters and Unicode
    form (``folded``).
    """

    table: Callable[[str], str]
    staged: Callable[[str], str]
    quoted: Callable[[str], str]
    numeric: str
    folded: Callable[[str], str]


def parts(days: Collection[dt.date]) -> list[list[dt.date]]:
    """The days in order, as many together as one statement may change partitions."""
    ordered = sorted(days)
    return [ordered[first : first + MOST_PARTITIONS] for first in range(0, len(ordered), MOST_PARTITIONS)]


def every_day() -> list[dt.date]:
    """Every day that a line can have."""
    return [FIRST_DAY + dt.timedelta(number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]


def touched(naming: SqlNaming, days: Collection[dt.date]) -> str:
    """A condition on transaction_date: one of the touched days. Its bounds let BigQuery prune partitions."""
    first, last = min(days, default=dt.date.min), max(days, default=dt.date.min)
    listed = f"SELECT transaction_date FROM {naming.staged('line_versions')}"
    return f"transaction_date BETWEEN DATE '{first}' AND DATE '{last}' AND transaction_date IN ({listed})"


def statements(naming: SqlNaming, days: Collection[dt.date], rebuild: bool) -> list[str]:
    """The statements of one publication, in order.

    Args:
        naming: how tables are written.
        days: the touched days.
        rebuild: whether everything published before is replaced.
    """
    t, s = naming.table, naming.staged
    figures = ("line_count", "sale_line_count", "quantity", "revenue", "gross_profit", "unit_price_total", *RETURNED)
    return [
        *_delete_replaced(naming, days, rebuild),
        *[_daily_sales_summary(naming, part) for part in parts(days)],
        _append(naming, catalog.table("published", "quarantined_sales")),
        _append(naming, catalog.table("state", "arrival_dates")),
        # A day that lost its last line has a version of NULL: its row was deleted above and is not replaced.
        f"INSERT INTO {t('line_versions')} (transaction_date, version) "
        f"SELECT transaction_date, version FROM {s('line_versions')} WHERE version IS NOT NULL",
        _add_changes(naming, "store_products", figures),
        _add_changes(naming, "store_customers", ("line_count",)),
        *[f"DELETE FROM {t(name)} WHERE TRUE" for name in ALL_TIME_TABLES],
        *[insert(naming) for insert in ALL_TIME_TABLES.values()],
        *[
            statement
            for reference in reference_columns.tables()
            for statement in (
                f"DELETE FROM {t(reference.name)} WHERE TRUE",
                _append(naming, catalog.table("published", reference.name)),
            )
        ],
    ]


def _delete_replaced(naming: SqlNaming, days: Collection[dt.date], rebuild: bool) -> list[str]:
    t, s = naming.table, naming.staged
    deletes = []
    if rebuild:
        # The table requires a filter on its partitions; these include every row.
        deletes += [
            f"DELETE FROM {t('daily_sales_summary')} "
            f"WHERE transaction_date BETWEEN DATE '{part[0]}' AND DATE '{part[-1]}'"
            for part in parts(every_day())
        ]
        state = [table.name for table in catalog.state()]
        deletes += [f"DELETE FROM {t(name)} WHERE TRUE" for name in ("quarantined_sales", *state)]
    elif days:
        deletes += [f"DELETE FROM {t('daily_sales_summary')} WHERE {touched(naming, part)}" for part in parts(days)]
        deletes.append(f"DELETE FROM {t('line_versions')} WHERE {touched(naming, days)}")
    # taken_arrivals has a row for every arrival that a run takes, also for one without a good line.
    taken = f"arrival IN (SELECT arrival FROM {s('taken_arrivals')})"
    return deletes + [f"DELETE FROM {t(name)} WHERE {taken}" for name in ("quarantined_sales", "arrival_dates")]


def _append(naming: SqlNaming, table: catalog.Table) -> str:
    columns = ", ".join(map(naming.quoted, table.column_names))
    return f"INSERT INTO {naming.table(table.name)} ({columns}) SELECT {columns} FROM {naming.staged(table.name)}"


def _add_changes(naming: SqlNaming, name: str, figures: tuple[str, ...]) -> str:
    """Adds staged changes to the totals of a state table; deletes rows whose ``line_count`` becomes zero."""
    key = catalog.table("state", name).key
    columns = (*key, *figures)
    return (
        f"MERGE INTO {naming.table(name)} t USING {naming.staged(name)} s "
        f"ON {' AND '.join(f't.{column} = s.{column}' for column in key)} "
        "WHEN MATCHED AND t.line_count + s.line_count = 0 THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{column} = t.{column} + s.{column}' for column in figures)} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(columns)}) VALUES ({', '.join(f's.{column}' for column in columns)})"
    )


def _insert(naming: SqlNaming, name: str, computed: Mapping[str, str], source: str) -> str:
    """Fills a published table.

    Args:
        computed: the SQL of each column, except those that show a reference column (``from`` in the catalog). Their
            values come from the reference row with the same key, and are NULL without one.
        source: what follows FROM.
    """
    columns = catalog.table("published", name).columns
    shown = {column.name: f"shown_{column.source}" for column in columns if column.source}
    joins = []
    for reference in reference_columns.tables():
        if any(expression.startswith(f"shown_{reference.name}.") for expression in shown.values()):
            row, key = f"shown_{reference.name}", reference.key
            joins.append(f"LEFT JOIN {naming.staged(reference.name)} {row} ON {row}.{key} = {computed[key]}")
    listed = ", ".join(column.name for column in columns)
    selected = ", ".join(shown.get(column.name) or computed[column.name] for column in columns)
    return f"INSERT INTO {naming.table(name)} ({listed}) SELECT {selected} FROM {' '.join([source, *joins])}"


def _daily_sales_summary(naming: SqlNaming, part: Sequence[dt.date]) -> str:
    s = naming.staged
    figures = ("daily_revenue", "daily_quantity", "daily_transactions", "gross_profit", *RETURNED)
    computed = {
        **{name: f"d.{name}" for name in ("transaction_date", "store_id", *figures)},
        "unique_customers": "c.unique_customers",
    }
    source = (
        f"(SELECT * FROM {s('daily_figures')} WHERE transaction_date BETWEEN DATE '{part[0]}' AND DATE '{part[-1]}') d "
        f"JOIN {s('daily_customers')} c "
        "ON c.transaction_date = d.transaction_date AND c.store_id = d.store_id"
    )
    return _insert(naming, "daily_sales_summary", computed, source)


def _product_performance(naming: SqlNaming) -> str:
    computed = {
        "product_id": "p.product_id",
        "total_quantity_sold": "p.quantity",
        "avg_unit_price": "SAFE_DIVIDE(p.unit_price_total, p.sale_line_count)",
        "stores_sold_in": "p.sold",
        **_all_time_figures(),
    }
    return _insert(naming, "product_performance", computed, _totals_of(naming, "product_id"))


def _store_performance(naming: SqlNaming) -> str:
    computed = {
        "store_id": "p.store_id",
        "total_items_sold": "p.quantity",
        "unique_products": "p.sold",
        "unique_customers": "COALESCE(c.customers, 0)",
        **_all_time_figures(),
    }
    customers = f"(SELECT store_id, COUNT(*) AS customers FROM {naming.table('store_customers')} GROUP BY store_id) c"
    source = f"{_totals_of(naming, 'store_id')} LEFT JOIN {customers} ON c.store_id = p.store_id"
    return _insert(naming, "store_performance", computed, source)


def _all_time_figures() -> dict[str, str]:
    """Columns that the tables of all products and of all stores have in common, from :func:`_totals_of`."""
    return {
        "total_revenue": "p.revenue",
        "gross_profit": "p.gross_profit",
        "profit_margin": "CASE WHEN p.revenue > 0 THEN SAFE_DIVIDE(p.gross_profit, p.revenue) END",
        **{name: f"p.{name}" for name in RETURNED},
    }


def _totals_of(naming: SqlNaming, key: str) -> str:
    """The sums of ``store_products`` for each product or store; ``sold`` counts the others that have a sale line."""
    added = ("revenue", "quantity", "sale_line_count", "unit_price_total", "gross_profit", *RETURNED)
    sums = ", ".join(f"SUM({name}) AS {name}" for name in added)
    sold = "COUNT(CASE WHEN sale_line_count > 0 THEN 1 END) AS sold"
    return f"(SELECT {key}, {sums}, {sold} FROM {naming.table('store_products')} GROUP BY {key}) p"


ALL_TIME_TABLES = {"product_performance": _product_performance, "store_performance": _store_performance}
"""Published tables that every run computes whole, from the small state tables, and the statement that fills each."""


def loaded(naming: SqlNaming) -> str:
    """A query of one row about the staged figures: lines loaded; those without a product row, without a store row; the
    revenue and gross profit that they add to the tables.
    """
    s = naming.staged
    return (
        "SELECT COALESCE(SUM(d.loaded_lines), 0), COALESCE(SUM(d.unmatched_lines), 0), "
        "COALESCE(SUM(CASE WHEN r.store_id IS NULL THEN d.loaded_lines ELSE 0 END), 0), "
        f"(SELECT COALESCE(SUM(revenue), 0) FROM {s('store_products')}), "
        f"(SELECT COALESCE(SUM(gross_profit), 0) FROM {s('store_products')}) "
        f"FROM {s('daily_figures')} d LEFT JOIN {s('stores')} r ON r.store_id = d.store_id"
    )
