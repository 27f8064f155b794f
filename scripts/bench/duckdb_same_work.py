"""DuckDB with this job's duties: rules, quarantine with reasons, duplicates, lines as Parquet by day and as a table
with keys of customers, the figures, the state that later days build on, and the checks, all published in one
transaction (``duckdb_same_work.sql``).

It takes files of the common form alone: UTF-8, the seven columns. What a run does beside its lines (a reference
database, damaged files, versions of days) is left out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from string import Template

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pyspark-jobs"))

from sales_job.base.sales_rules import BLANKS

WORK = Path(__file__).with_suffix(".sql")

KEY = bytes(range(32))
"""The key of the customers; that of a real warehouse is secret."""

LINES = "(SELECT count(*) FROM lines)"
REVENUE = "(SELECT sum(quantity * unit_price) FROM lines)"
KEYS = {
    "daily_sales_summary": "transaction_date, store_id",
    "product_performance": "product_id",
    "store_performance": "store_id",
    "store_products": "store_id, product_id",
    "customer_stores": "customer_key, store_id",
    "daily_product_sales": "transaction_date, product_id",
    "arrival_dates": "arrival, transaction_date",
}
CHECKS = [
    "(SELECT count(*) FROM quarantined_sales) <= 0.05 * (SELECT count(*) FROM typed)",
    "(SELECT count(*) FROM typed) = (SELECT count(*) FROM quarantined_sales) + (SELECT sum(delivered) FROM lines)",
    f"(SELECT sum(line_count) FROM daily_sales_summary) = {LINES}",
    f"(SELECT sum(line_count) FROM store_products) = {LINES}",
    "(SELECT sum(line_count) FROM customer_stores) = (SELECT count(customer_id) FROM lines WHERE quantity > 0)",
    f"(SELECT count(*) FROM sales_lines) = {LINES}",
    f"(SELECT sum(daily_revenue) FROM daily_sales_summary) = {REVENUE}",
    f"(SELECT sum(amount) FROM sales_lines) = {REVENUE}",
    f"(SELECT sum(revenue) FROM daily_product_sales) = {REVENUE}",
    f"(SELECT sum(revenue) FROM store_products) = {REVENUE}",
    *[
        f"(SELECT (sum(total_revenue), sum(returned_revenue), sum(returned_quantity)) FROM {table}) = "
        "(SELECT (sum(daily_revenue), sum(returned_revenue), sum(returned_quantity)) FROM daily_sales_summary)"
        for table in ("product_performance", "store_performance")
    ],
    "NOT EXISTS (FROM daily_sales_summary WHERE daily_revenue + returned_revenue < 0 OR daily_transactions < 0)",
    "NOT EXISTS (FROM store_products WHERE line_count <= 0 OR revenue + returned_revenue < 0 OR unit_price_total < 0)",
    *[f"NOT EXISTS (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1)" for table, key in KEYS.items()],
]
WARNINGS = [
    f"(SELECT sum(unmatched_lines) FROM daily_sales_summary) <= 0.05 * {LINES}",
    f"(SELECT count(*) FROM lines ANTI JOIN stores USING (store_id)) <= 0.05 * {LINES}",
]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    with duckdb.connect(f"{options.out}/warehouse.duckdb") as connection:
        connection.execute("SET VARIABLE blanks = ?", [BLANKS])
        for name, byte in (("inner_block", 0x36), ("outer_block", 0x5C)):
            connection.execute(f"SET VARIABLE {name} = ?", [bytes(one ^ byte for one in KEY.ljust(64, b"\0"))])
        connection.begin()
        connection.execute(Template(WORK.read_text()).substitute(lake=options.lake, out=options.out))
        for check in CHECKS:
            if connection.execute(f"SELECT {check}").fetchone() != (True,):
                sys.exit(f"does not hold: {check}")
        for warning in WARNINGS:
            if connection.execute(f"SELECT {warning}").fetchone() != (True,):
                print(f"warning, does not hold: {warning}", file=sys.stderr)
        connection.commit()


if __name__ == "__main__":
    main()
