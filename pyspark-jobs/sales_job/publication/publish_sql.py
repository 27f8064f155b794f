"""The one transaction that makes a run visible: SQL that DuckDB and BigQuery both understand.

A run's results wait in staging tables. These statements run between BEGIN and COMMIT: a reader sees the tables before
them or after them, nothing between, and a run that is killed earlier has changed nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sales_job.tables.catalog import STATE, columns

EVERY_DAY = "transaction_date >= DATE '0001-01-01'"

Name = Callable[[str], str]


@dataclass(frozen=True)
class Names:
    """How a warehouse spells its tables: ``table`` for the real ones, ``staged`` for this run's; and the type of its
    exact numbers.
    """

    table: Name
    staged: Name
    numeric: str


def touched(names: Names, days: Collection[dt.date]) -> str:
    """A condition on transaction_date: one of the touched days. It gives bounds too, so that partitions are pruned."""
    first, last = min(days, default=dt.date.min), max(days, default=dt.date.min)
    listed = f"SELECT transaction_date FROM {names.staged('line_versions')}"
    return f"transaction_date BETWEEN DATE '{first}' AND DATE '{last}' AND transaction_date IN ({listed})"


def statements(names: Names, days: Collection[dt.date], rebuild: bool) -> list[str]:
    """The statements of one publication, in order.

    Args:
        names: how tables are spelled.
        days: the touched days.
        rebuild: whether everything published before is replaced.
    """
    t, s = names.table, names.staged
    result = []
    if rebuild:
        # The table asks for a filter on its partitions; this one names them all.
        result.append(f"DELETE FROM {t('daily_sales_summary')} WHERE {EVERY_DAY}")
        result += [f"DELETE FROM {t(table)} WHERE TRUE" for table in ("quarantined_sales", *STATE)]
    elif days:
        result += [
            f"DELETE FROM {t(table)} WHERE {touched(names, days)}" for table in ("daily_sales_summary", "line_versions")
        ]
    # Every arrival that a run takes has a row here, also one without a good line.
    taken = f"arrival IN (SELECT arrival FROM {s('taken_arrivals')})"
    result += [f"DELETE FROM {t(table)} WHERE {taken}" for table in ("quarantined_sales", "arrival_dates")]
    result.append(_daily_sales_summary(names))
    result += [_append(names, table) for table in ("quarantined_sales", "arrival_dates")]
    # A day that lost its last line has a version of NULL: it was deleted above and gets none.
    result.append(
        f"INSERT INTO {t('line_versions')} (transaction_date, version) "
        f"SELECT transaction_date, version FROM {s('line_versions')} WHERE version IS NOT NULL"
    )
    figures = ("line_count", "quantity", "revenue", "gross_profit", "unit_price_total")
    result.append(_merge(names, "store_products", ("store_id", "product_id"), figures, "line_count"))
    result.append(_merge(names, "store_customers", ("store_id", "customer_id"), ("line_count",), "line_count"))
    result += [f"DELETE FROM {t(table)} WHERE TRUE" for table in ("product_performance", "store_performance")]
    result += [_product_performance(names), _store_performance(names)]
    return result


def _append(names: Names, table: str) -> str:
    listed = ", ".join(c.name for c in columns(table))
    return f"INSERT INTO {names.table(table)} ({listed}) SELECT {listed} FROM {names.staged(table)}"


def _merge(names: Names, table: str, key: tuple[str, ...], figures: tuple[str, ...], count: str) -> str:
    """Adds changes to totals; a row whose ``count`` comes to zero is gone."""
    listed = ", ".join((*key, *figures))
    return (
        f"MERGE INTO {names.table(table)} t USING {names.staged(table)} s "
        f"ON {' AND '.join(f't.{k} = s.{k}' for k in key)} "
        f"WHEN MATCHED AND t.{count} + s.{count} = 0 THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{f} = t.{f} + s.{f}' for f in figures)} "
        f"WHEN NOT MATCHED THEN INSERT ({listed}) VALUES ({', '.join(f's.{c}' for c in (*key, *figures))})"
    )


def _daily_sales_summary(names: Names) -> str:
    t, s = names.table, names.staged
    figures = "daily_revenue, daily_quantity, daily_transactions, unique_customers, gross_profit"
    return (
        f"INSERT INTO {t('daily_sales_summary')} (transaction_date, store_id, store_name, store_location, {figures}) "
        f"SELECT d.transaction_date, d.store_id, r.store_name, r.store_location, {figures} "
        f"FROM {s('daily_figures')} d "
        f"JOIN {s('daily_customers')} c ON c.transaction_date = d.transaction_date AND c.store_id = d.store_id "
        f"LEFT JOIN {s('stores')} r ON r.store_id = d.store_id"
    )


def loaded(names: Names) -> str:
    """A query of one row for what the staged figures hold: lines loaded, of these without a product row, without a
    store row; revenue and gross profit that they add to the tables.
    """
    s = names.staged
    return (
        "SELECT COALESCE(SUM(d.loaded_lines), 0), COALESCE(SUM(d.unmatched_lines), 0), "
        "COALESCE(SUM(CASE WHEN r.store_id IS NULL THEN d.loaded_lines ELSE 0 END), 0), "
        f"(SELECT COALESCE(SUM(revenue), 0) FROM {s('store_products')}), "
        f"(SELECT COALESCE(SUM(gross_profit), 0) FROM {s('store_products')}) "
        f"FROM {s('daily_figures')} d LEFT JOIN {s('stores')} r ON r.store_id = d.store_id"
    )


def _product_performance(names: Names) -> str:
    t, s = names.table, names.staged
    return (
        f"INSERT INTO {t('product_performance')} (product_id, product_name, category, total_revenue, "
        "total_quantity_sold, avg_unit_price, stores_sold_in, gross_profit, profit_margin) "
        "SELECT p.product_id, r.product_name, r.category, p.revenue, p.quantity, "
        "SAFE_DIVIDE(p.unit_price_total, p.line_count), p.stores, p.gross_profit, "
        "SAFE_DIVIDE(p.gross_profit, p.revenue) "
        "FROM (SELECT product_id, SUM(revenue) AS revenue, SUM(quantity) AS quantity, SUM(line_count) AS line_count, "
        "SUM(unit_price_total) AS unit_price_total, COUNT(*) AS stores, SUM(gross_profit) AS gross_profit "
        f"FROM {t('store_products')} GROUP BY product_id) p "
        f"LEFT JOIN {s('products')} r ON r.product_id = p.product_id"
    )


def _store_performance(names: Names) -> str:
    t, s = names.table, names.staged
    return (
        f"INSERT INTO {t('store_performance')} (store_id, store_name, store_location, total_revenue, total_items_sold, "
        "unique_products, unique_customers, gross_profit, profit_margin) "
        "SELECT p.store_id, r.store_name, r.store_location, p.revenue, p.quantity, p.products, "
        "COALESCE(c.customers, 0), p.gross_profit, SAFE_DIVIDE(p.gross_profit, p.revenue) "
        "FROM (SELECT store_id, SUM(revenue) AS revenue, SUM(quantity) AS quantity, COUNT(*) AS products, "
        f"SUM(gross_profit) AS gross_profit FROM {t('store_products')} GROUP BY store_id) p "
        f"LEFT JOIN (SELECT store_id, COUNT(*) AS customers FROM {t('store_customers')} GROUP BY store_id) c "
        "ON c.store_id = p.store_id "
        f"LEFT JOIN {s('stores')} r ON r.store_id = p.store_id"
    )
