"""The one transaction that publishes a run: SQL that DuckDB and BigQuery both understand.

A run's results wait in staged tables. These statements run between BEGIN and COMMIT: a reader sees the tables before
them or after them, nothing between, and a run that is killed earlier has changed nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.publication.line_figures import FIGURES, RETURNED, daily_product_figures
from sales_job.publication.sql_naming import SqlNaming, between, parts, touched
from sales_job.tables import catalog, reference_columns
from sales_job.tables.view_catalog import measures


def every_day() -> list[dt.date]:
    """Every day that a line can have."""
    return [FIRST_DAY + dt.timedelta(number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]


def statements(naming: SqlNaming, days: Collection[dt.date], rebuild: bool, refill: bool = False) -> list[str]:
    """The statements of one publication, in order.

    Args:
        naming: how tables are written.
        days: the touched days.
        rebuild: whether everything published before is replaced.
        refill: whether all lines are published again, because some published before are not in ``sales_lines``, or
            their customers' keys were made with another key.
    """
    t, s = naming.table, naming.staged
    return [
        *_delete_state(naming, days, rebuild, refill),
        # Before the lines that it takes off are deleted.
        _change_customers(naming, () if rebuild or refill else days),
        *_delete_days(naming, days, everything=rebuild or refill),
        *[insert(naming, part) for part in parts(days) for insert in DAILY_TABLES.values()],
        _append(naming, catalog.table("published", "quarantined_sales")),
        _append(naming, catalog.table("published", "daily_profile")),
        _append(naming, catalog.table("state", "arrival_dates")),
        f"INSERT INTO {t('arrivals')} (arrival) SELECT arrival FROM {s('taken_arrivals')}",
        # A day that lost its last line has a version of NULL: its row was deleted above and is not replaced.
        f"{_append(naming, catalog.table('state', 'line_versions'))} WHERE version IS NOT NULL",
        _add_changes(naming, "store_products", s("store_products"), FIGURES),
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


def _delete_state(naming: SqlNaming, days: Collection[dt.date], rebuild: bool, refill: bool) -> list[str]:
    t, s = naming.table, naming.staged
    whole = (
        ["quarantined_sales", "daily_profile", "arrivals", *[table.name for table in catalog.state()]]
        if rebuild
        else []
    )
    if refill:
        whole = ["customer_stores"]
    deletes = [f"DELETE FROM {t(name)} WHERE TRUE" for name in whole]
    if days and not rebuild:
        deletes += [
            f"DELETE FROM {t(name)} WHERE {touched(naming, days)}" for name in ("line_versions", "daily_profile")
        ]
    # taken_arrivals has a row for every arrival that a run takes, also for one without a good line.
    taken = f"arrival IN (SELECT arrival FROM {s('taken_arrivals')})"
    return deletes + [
        f"DELETE FROM {t(name)} WHERE {taken}" for name in ("quarantined_sales", "arrival_dates", "arrivals")
    ]


def _delete_days(naming: SqlNaming, days: Collection[dt.date], everything: bool) -> list[str]:
    """Deletes the touched days, or every day: the tables require a filter on their partitions."""
    return [
        f"DELETE FROM {naming.table(name)} WHERE " + (between(part) if everything else touched(naming, part))
        for name in DAILY_TABLES
        for part in parts(every_day() if everything else days)
    ]


def _append(naming: SqlNaming, table: catalog.Table) -> str:
    columns = ", ".join(map(naming.quoted, table.column_names))
    return f"INSERT INTO {naming.table(table.name)} ({columns}) SELECT {columns} FROM {naming.staged(table.name)}"


def _add_changes(naming: SqlNaming, name: str, changes: str, figures: tuple[str, ...]) -> str:
    """Adds changes to the totals of a state table; deletes rows whose ``line_count`` becomes zero."""
    key = catalog.table("state", name).key
    columns = (*key, *figures)
    return (
        f"MERGE INTO {naming.table(name)} t USING {changes} s "
        f"ON {' AND '.join(f't.{column} = s.{column}' for column in key)} "
        "WHEN MATCHED AND t.line_count + s.line_count = 0 THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{column} = t.{column} + s.{column}' for column in figures)} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(columns)}) VALUES ({', '.join(f's.{column}' for column in columns)})"
    )


def _change_customers(naming: SqlNaming, replaced: Collection[dt.date]) -> str:
    """Adds the run's sale lines with a customer to ``customer_stores``, and takes those of the replaced days off."""

    def counted(source: str, quantity: str, sign: str) -> str:
        return (
            f"SELECT customer_key, store_id, {sign}COUNT(*) AS line_count FROM {source} "
            f"{quantity} > 0 AND customer_key IS NOT NULL GROUP BY customer_key, store_id"
        )

    changes = counted(f"{naming.staged('sales_lines')} WHERE", "quantity_units", "")
    if replaced:
        before = counted(f"{naming.table('sales_lines')} WHERE {touched(naming, replaced)} AND", "quantity", "-")
        changes = (
            "SELECT customer_key, store_id, SUM(line_count) AS line_count "
            f"FROM ({changes} UNION ALL {before}) counts GROUP BY customer_key, store_id HAVING SUM(line_count) <> 0"
        )
    return _add_changes(naming, "customer_stores", f"({changes})", ("line_count",))


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
    days = between(part)
    source = (
        f"(SELECT * FROM {s('daily_figures')} WHERE {days}) d JOIN "
        "(SELECT transaction_date, store_id, "
        "COUNT(DISTINCT CASE WHEN quantity_units > 0 THEN customer_key END) AS unique_customers "
        f"FROM {s('sales_lines')} WHERE {days} GROUP BY transaction_date, store_id) c "
        "ON c.transaction_date = d.transaction_date AND c.store_id = d.store_id"
    )
    return _insert(naming, "daily_sales_summary", computed, source)


def _lines(naming: SqlNaming, part: Sequence[dt.date]) -> str:
    """The staged lines of some days with exact decimals: the columns of ``sales_lines``."""
    # The cost is NULL where none is known.
    cost = f"{naming.decimal('cost_whole', 0)} + {naming.decimal('cost_millionths', 6)}"
    decimals = (
        "SELECT transaction_date, transaction_id, line_number, product_id, store_id, customer_key, "
        f"{naming.decimal('quantity_units', 3)} AS quantity, {naming.decimal('price_units', 4)} AS unit_price, "
        f"{cost} AS cost_price FROM {naming.staged('sales_lines')} WHERE {between(part)}"
    )
    profit = "COALESCE(quantity * (unit_price - cost_price), 0)"
    return f"(SELECT *, quantity * unit_price AS amount, {profit} AS profit FROM ({decimals}) decimals)"


def _sales_lines(naming: SqlNaming, part: Sequence[dt.date]) -> str:
    computed = {name: f"l.{name}" for name in catalog.table("published", "sales_lines").column_names}
    return _insert(naming, "sales_lines", computed, f"{_lines(naming, part)} l")


def _daily_product_sales(naming: SqlNaming, part: Sequence[dt.date]) -> str:
    computed = {name: f"p.{name}" for name in catalog.table("published", "daily_product_sales").column_names}
    return _insert(naming, "daily_product_sales", computed, f"({daily_product_figures(naming, between(part))}) p")


DAILY_TABLES = {
    "daily_sales_summary": _daily_sales_summary,
    "sales_lines": _sales_lines,
    "daily_product_sales": _daily_product_sales,
}
"""Published tables of which a run replaces the touched days, and the statement that fills some days of each."""


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
    customers = f"(SELECT store_id, COUNT(*) AS customers FROM {naming.table('customer_stores')} GROUP BY store_id) c"
    source = f"{_totals_of(naming, 'store_id')} LEFT JOIN {customers} ON c.store_id = p.store_id"
    return _insert(naming, "store_performance", computed, source)


def _all_time_figures() -> dict[str, str]:
    """Columns that the tables of all products and of all stores have in common, from :func:`_totals_of`."""
    return {
        "total_revenue": "p.revenue",
        "gross_profit": "p.gross_profit",
        "profit_margin": measures()["profit_margin"],
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
