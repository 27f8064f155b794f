"""Makes a large lake from a seed: the same bytes for the same arguments, on any number of cores.

Lines follow the week and the season, stores differ in size, one line in three hundred comes twice, one in a thousand is
bad, two in a hundred are late by up to five days, one in forty is a return, and one product in fifty is sold by weight.
Memory is what the lines of one round take: a round makes one file of each day.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pyspark-jobs"))

from sales_job.tables import reference_columns

STORES, PRODUCTS, CUSTOMERS, DAYS = 200, 2_000, 200_000, 365

LINES = """
CREATE OR REPLACE TABLE numbers AS
SELECT n,
    hash(n * 7 + 1) AS a, hash(n * 7 + 2) AS b, hash(n * 7 + 3) AS c, hash(n * 7 + 4) AS d, hash(n * 7 + 5) AS e
FROM range({first}, {end}) AS t(n);
CREATE OR REPLACE TABLE lines AS
SELECT
    -- Two and a half lines a transaction, which keeps its day, store and customer.
    (n * 2 // 5) AS basket, a, b, d, e,
    hash((n * 2 // 5) * 11 + 1) AS day_hash, hash((n * 2 // 5) * 11 + 2) AS store_hash,
    hash((n * 2 // 5) * 11 + 3) AS customer_hash
FROM numbers;
CREATE OR REPLACE TABLE sales AS
SELECT
    DATE '2025-01-01' + CAST(day_hash % {days} AS INTEGER) AS transaction_date,
    'T' || lpad(CAST(basket AS VARCHAR), 9, '0') AS transaction_id,
    'P' || lpad(CAST(1 + a % {products} AS VARCHAR), 5, '0') AS product_id,
    -- The square of an even spread: the largest stores sell many times what the smallest do.
    'S' || lpad(CAST(1 + CAST(floor(pow((store_hash % 1000003) / 1000003.0, 2) * {stores}) AS INTEGER) AS VARCHAR),
        4, '0') AS store_id,
    CASE WHEN d % 1000 = 0 THEN 'two' ELSE concat(
        CASE WHEN d % 40 = 7 THEN '-' END,
        -- Kilograms with three decimals, or pieces.
        CASE WHEN a % {products} % 50 = 3 THEN concat(b % 3, '.', lpad(CAST(1 + b % 998 AS VARCHAR), 3, '0'))
            ELSE CAST(1 + b % 5 AS VARCHAR) END) END AS quantity,
    CAST(CAST(1 + a % {products} % 97 AS DECIMAL(9, 2)) + CAST(a % 100 AS DECIMAL(9, 2)) / 100 AS DECIMAL(9, 2))
        AS unit_price,
    CASE WHEN customer_hash % 5 = 0 THEN '' ELSE 'C' || lpad(CAST(customer_hash % {customers} AS VARCHAR), 7, '0') END
        AS customer_id,
    CASE WHEN e % 50 = 0 THEN CAST(1 + d % 5 AS INTEGER) ELSE 0 END AS late
FROM lines;
"""

ARRIVALS = """
SELECT transaction_id, product_id, store_id, quantity, unit_price, transaction_date, customer_id,
    least(transaction_date + late, DATE '2025-01-01' + {days} - 1) AS dt
FROM sales
UNION ALL
SELECT transaction_id, product_id, store_id, quantity, unit_price, transaction_date, customer_id,
    least(transaction_date + late + 1, DATE '2025-01-01' + {days} - 1)
FROM sales WHERE hash(transaction_id || product_id) % 300 = 0
-- A day's rows lie together: each file reads its own, not all.
ORDER BY dt
"""

EMPTY = "''"
REFERENCE = {
    "products": (
        {
            "product_id": "'P' || lpad(CAST(n AS VARCHAR), 5, '0')",
            "product_name": "'Product ' || n",
            "category": "'Category ' || n % 20",
            "unit_price": "CAST(n % 97 + 1 AS DECIMAL(9, 2))",
            "cost_price": "CAST((n % 97 + 1) * 0.6 AS DECIMAL(9, 2))",
            "discontinued": "'N'",
        },
        PRODUCTS,
    ),
    "stores": (
        {
            "store_id": "'S' || lpad(CAST(n AS VARCHAR), 4, '0')",
            "store_name": "'Store ' || n",
            "24_hour_store": "'N'",
            "store_location": "'City ' || n",
        },
        STORES,
    ),
}
"""By file: the SQL of the columns that are not empty, for row ``n``, and the number of rows."""


def make(lake: Path, lines: int, days: int, files: int) -> None:
    """Writes ``lake`` with about ``lines`` sales lines over ``days`` arrival days of ``files`` files each."""
    sizes = {"days": days, "stores": STORES, "products": PRODUCTS, "customers": CUSTOMERS}
    (lake / "reference_data").mkdir(parents=True)
    with duckdb.connect() as connection:
        for file in range(files):
            share = {"first": lines * file // files, "end": lines * (file + 1) // files}
            connection.execute(LINES.format(**sizes, **share))
            connection.execute(f"CREATE OR REPLACE TABLE arrivals AS {ARRIVALS.format(**sizes)}")
            for n in range(days):
                (day,) = connection.execute(f"SELECT DATE '2025-01-01' + {n}").fetchone() or ()
                folder = lake / f"sales_data/dt={day}"
                folder.mkdir(parents=True, exist_ok=True)
                connection.execute(
                    f"COPY (SELECT * EXCLUDE dt FROM arrivals WHERE dt = '{day}' ORDER BY ALL) "
                    f"TO '{folder}/sales{file or ''}.csv' (HEADER, DELIMITER ',')"
                )
        for name, (values, count) in REFERENCE.items():
            columns = [column.name for column in reference_columns.table(name).columns]
            listed = ", ".join(f'{values.get(column, EMPTY)} AS "{column}"' for column in columns)
            target = lake / "reference_data" / f"{name}.csv"
            connection.execute(f"COPY (SELECT {listed} FROM range(1, {count + 1}) AS t(n)) TO '{target}' (HEADER)")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--files", type=int, default=1, help="files a day; each is made alone, so memory is bounded")
    options = parser.parse_args()
    make(options.lake, options.lines, options.days, options.files)


if __name__ == "__main__":
    main()
