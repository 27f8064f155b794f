"""What `npm run bench` compares the job with does the same work: on one lake the same rows come out.

The lake has returns, weights, duplicates within and across arrivals, late lines, guests, an unknown product and store,
and bad lines.
"""

import importlib
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import Sandbox

from sales_job.base.sales_columns import SALES_COLUMNS

BENCH = Path(__file__).resolve().parents[3] / "scripts/bench"

LINES = [
    f"T{n // 3},P{n % 4},S{n % 5 % 3},{quantity},{price},2026-01-0{1 + n // 3 % 4},{customer}"
    for n in range(240)
    for quantity, price, customer in [
        (
            ["1", " 2 ", "-1", "0.250", "+3.0", "-0.125"][n % 6],
            ["1.10", "2.5", ".99", "0.0001", "+7."][n % 5],
            ["", "C1", "C2 ", "C3"][n % 4],
        )
    ]
]
AGAIN = LINES[::17]
BAD = [
    "T900,P1,S1,0,1.00,2026-01-01,C1",
    "T900,P1,S1,1.0001,1.00,2026-01-01,C1",
    "T900,P1,S1,two,1.00,2026-01-01,C1",
    "T900,P1,S1,1,-1.00,2026-01-01,C1",
    "T900,P1,S1,1,1.00,2026-02-30,C1",
    "T900,P1,S1,1,1.00,1959-12-31,",
    " ,P1,S1,1,1.00,2026-01-01,C1",
]
FIGURES = "gross_profit, returned_quantity, returned_revenue"
TABLES = {
    "daily_sales_summary": f"transaction_date, store_id, store_name, store_location, daily_revenue, daily_quantity, "
    f"daily_transactions, unique_customers, {FIGURES}",
    "product_performance": f"product_id, product_name, category, total_revenue, total_quantity_sold, avg_unit_price, "
    f"stores_sold_in, {FIGURES}",
    "store_performance": f"store_id, store_name, store_location, total_revenue, total_items_sold, unique_products, "
    f"unique_customers, {FIGURES}",
}
STATE = {
    "store_products": "store_id, product_id, line_count, sale_line_count",
    "customer_stores": "customer_key, store_id, line_count",
    "sales_lines": "transaction_date, transaction_id, product_id, store_id, customer_key, quantity, unit_price, "
    "amount, cost_price, profit",
    "daily_product_sales": f"transaction_date, product_id, revenue, quantity, transactions, stores_sold_in, {FIGURES}",
    "arrival_dates": "arrival, transaction_date",
}


@pytest.fixture
def lake(sandbox: Sandbox) -> Sandbox:
    """A lake of two arrivals, and the job's tables of it."""
    sandbox.products([(f"P{n}", f"Product {n}", "Food", f"{n}.05") for n in range(3)])
    sandbox.stores([("S0", "North", "Austin, TX"), ("S1", "South", "Boston, MA")])
    sandbox.sales("dt=2026-01-02/a.csv", [*LINES[:150], *AGAIN, *BAD[:3]])
    sandbox.sales("dt=2026-01-03/b.csv", [*LINES[150:], *AGAIN, *BAD[3:]])
    done = sandbox.run()
    assert (done["rows_loaded"], done["rows_duplicate"], done["rows_quarantined"]) == (
        len(LINES),
        2 * len(AGAIN),
        len(BAD),
    )
    return sandbox


def rounded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Numbers as decimals; averages have more of them in one than in the other."""
    return [
        tuple(round(Decimal(value), 6) if isinstance(value, Decimal | float | int) else value for value in row)
        for row in rows
    ]


def assert_same(sandbox: Sandbox, connection: duckdb.DuckDBPyConnection, computed: Mapping[str, str]) -> None:
    """Holds a baseline's tables to the job's.

    Args:
        computed: the columns that the baseline computes of each of its tables.
    """
    for table, columns in computed.items():
        query = f"SELECT {columns} FROM {table} ORDER BY ALL"
        assert rounded(connection.execute(query).fetchall()) == rounded(sandbox.query(query)), table
    texts = ", ".join(f"coalesce({name}, '')" for name in SALES_COLUMNS)
    bad = f"SELECT {texts} FROM quarantined_sales ORDER BY ALL"
    assert connection.execute(bad).fetchall() == sandbox.query(bad)


def test_duckdb_with_the_same_duties_makes_the_same_tables(lake: Sandbox) -> None:
    out = lake.folder / "out"
    out.mkdir()
    command = [sys.executable, str(BENCH / "duckdb_same_work.py"), "--lake", str(lake.lake), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(out / "warehouse.duckdb"), read_only=True) as connection:
        margins = {name: f"{TABLES[name]}, profit_margin" for name in ("product_performance", "store_performance")}
        assert_same(lake, connection, {**TABLES, **margins, **STATE})
        assert connection.execute(f"SELECT count(*) FROM '{out}/processed/*/*.parquet'").fetchall() == [(len(LINES),)]


def test_the_usual_way_with_the_same_duties_makes_the_same_tables(
    lake: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    usual = importlib.import_module("usual_same_work")
    out = lake.folder / "out"
    usual.run(lake.spark, str(lake.lake), str(out))
    with duckdb.connect() as connection:
        computed = {**TABLES, **{name: STATE[name] for name in ("sales_lines", "daily_product_sales")}}
        for name in (*computed, "quarantined_sales"):
            connection.execute(f"CREATE VIEW {name} AS FROM '{out}/{name}/*.parquet'")
        assert_same(lake, connection, computed)
        assert connection.execute(f"SELECT count(*) FROM '{out}/lines/*/*.parquet'").fetchall() == [(len(LINES),)]
