"""The same three tables in DuckDB, straight from the CSV: how fast one machine can be without Spark, or a check."""

from __future__ import annotations

import argparse

import duckdb

JOINED = """
CREATE TABLE joined AS
SELECT s.*, p.product_name, p.category, t.store_name, t.store_location,
    quantity * s.unit_price AS amount, quantity * (s.unit_price - p.cost_price) AS profit
FROM (SELECT * REPLACE (TRY_CAST(quantity AS DECIMAL(18, 3)) AS quantity,
          CAST(unit_price AS DECIMAL(18, 4)) AS unit_price)
      FROM read_csv('{lake}/sales_data/*/*.csv', all_varchar = true)) AS s
LEFT JOIN (SELECT product_id, product_name, category, CAST(cost_price AS DECIMAL(18, 4)) AS cost_price
           FROM read_csv('{lake}/reference_data/products.csv', all_varchar = true)) AS p USING (product_id)
LEFT JOIN (SELECT store_id, store_name, store_location
           FROM read_csv('{lake}/reference_data/stores.csv', all_varchar = true)) AS t USING (store_id)
"""

TABLES = {
    "daily_sales_summary": "SELECT transaction_date, store_id, store_name, store_location, SUM(amount), SUM(quantity), "
    "COUNT(DISTINCT transaction_id), COUNT(DISTINCT customer_id), SUM(profit) FROM joined GROUP BY ALL",
    "product_performance": "SELECT product_id, product_name, category, SUM(amount), SUM(quantity), AVG(unit_price), "
    "COUNT(DISTINCT store_id), SUM(profit) FROM joined GROUP BY ALL",
    "store_performance": "SELECT store_id, store_name, store_location, SUM(amount), SUM(quantity), "
    "COUNT(DISTINCT product_id), COUNT(DISTINCT customer_id), SUM(profit) FROM joined GROUP BY ALL",
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    with duckdb.connect() as connection:
        connection.execute(JOINED.format(lake=options.lake))
        for name, query in TABLES.items():
            connection.execute(f"COPY ({query}) TO '{options.out}/{name}.parquet' (FORMAT parquet)")


if __name__ == "__main__":
    main()
