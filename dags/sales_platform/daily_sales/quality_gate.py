"""The quality gate: conditions on the published tables, as SQL that BigQuery and DuckDB both understand.

They are held again after the job's own checks, by another program and on what readers see.
"""

from __future__ import annotations

# The daily table wants a filter on its partitions from every query.
EVERY_DAY = "transaction_date >= DATE '0001-01-01'"

CHECKS = {
    "rows_balance": (
        "every line that was read is loaded, a duplicate or quarantined",
        "SELECT COUNT(*) = 1 FROM ("
        "SELECT * FROM etl_runs WHERE run_id = '{{ job_run_id(dag_run) }}' ORDER BY started_at DESC LIMIT 1) "
        "WHERE status = 'done' AND rows_read = rows_loaded + rows_duplicate + rows_quarantined",
    ),
    "totals_agree": (
        "products, stores and days add up to the same revenue, pieces and profit",
        "SELECT COUNT(*) = 1 FROM ("
        "SELECT SUM(total_revenue), SUM(total_quantity_sold), SUM(gross_profit) FROM product_performance "
        "UNION DISTINCT "
        "SELECT SUM(total_revenue), SUM(total_items_sold), SUM(gross_profit) FROM store_performance UNION DISTINCT "
        "SELECT SUM(daily_revenue), SUM(daily_quantity), SUM(gross_profit) FROM daily_sales_summary "
        f"WHERE {EVERY_DAY})",
    ),
    "keys_are_unique": (
        "one row a day and store, one a product, one a store",
        "SELECT NOT EXISTS ("
        f"SELECT 1 FROM daily_sales_summary WHERE {EVERY_DAY} GROUP BY transaction_date, store_id HAVING COUNT(*) > 1) "
        "AND NOT EXISTS (SELECT 1 FROM product_performance GROUP BY product_id HAVING COUNT(*) > 1) "
        "AND NOT EXISTS (SELECT 1 FROM store_performance GROUP BY store_id HAVING COUNT(*) > 1)",
    ),
}
"""Name of a check: what it says, and a query of one boolean."""


def statement(name: str) -> str:
    """A query that fails with a clear line unless the check holds; a template."""
    rule, query = CHECKS[name]
    return f"SELECT IF(({query}), 1, ERROR('{name}: not so: {rule}'))"
