"""The catalog's views in the local warehouse, against figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.tables import catalog
from sales_job.tables.view_catalog import View, views
from sales_job.warehouse import duckdb_tables, duckdb_views
from sales_job.warehouse.duckdb import DuckDbWarehouse

MONDAY, SUNDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 1)

DAILY = [
    # day, store, name, revenue, quantity, transactions, customers, profit
    (SUNDAY, "S1", "Harbor", "10.00", 4, 2, 1, "3.00"),
    (MONDAY, "S1", "Harbor", "20.00", 5, 3, 2, "7.00"),
    (dt.date(2026, 3, 8), "S1", "Old Harbor", "10.00", 1, 1, 1, "3.00"),
    (MONDAY, "S2", None, "0.00", 1, 1, 0, "0.00"),
    (FIRST_DAY, "S3", "First", "1.00", 1, 1, 0, "0.00"),
    (LAST_DAY, "S3", "Last", "2.00", 1, 1, 0, "0.00"),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    made = DuckDbWarehouse(tmp_path)
    made.prepare(made.changes())
    names = "transaction_date, store_id, store_name, daily_revenue, daily_quantity, daily_transactions, "
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.executemany(
            f"INSERT INTO daily_sales_summary ({names} unique_customers, gross_profit) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            DAILY,
        )
    return tmp_path


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    # As another program: without the job's own functions.
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_weeks_begin_on_monday_and_show_the_last_name(warehouse: Path) -> None:
    found = rows(warehouse, "SELECT * FROM weekly_sales WHERE store_id <> 'S3' ORDER BY store_id, week")
    assert found == [
        (dt.date(2026, 2, 23), "S1", "Harbor", D("10.00"), 4, 2, D("3.00"), D("0.3")),
        # 10 / 30, nine decimals.
        (MONDAY, "S1", "Old Harbor", D("30.00"), 6, 4, D("10.00"), D("0.333333333")),
        (MONDAY, "S2", None, D("0.00"), 1, 1, D("0.00"), None),
    ]


def test_months(warehouse: Path) -> None:
    found = rows(warehouse, "SELECT * FROM monthly_sales WHERE store_id = 'S1'")
    assert found == [(SUNDAY, "S1", "Old Harbor", D("40.00"), 10, 6, D("13.00"), D("0.325"))]


def test_days_over_all_stores_from_the_first_plausible_day_to_the_last(warehouse: Path) -> None:
    found = rows(
        warehouse, "SELECT transaction_date, revenue, quantity, gross_profit, stores FROM daily_revenue ORDER BY 1"
    )
    assert found == [
        (FIRST_DAY, D("1.00"), 1, D("0.00"), 1),
        (SUNDAY, D("10.00"), 4, D("3.00"), 1),
        (MONDAY, D("20.00"), 6, D("7.00"), 2),
        (dt.date(2026, 3, 8), D("10.00"), 1, D("3.00"), 1),
        (LAST_DAY, D("2.00"), 1, D("0.00"), 1),
    ]


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_view_has_the_columns_that_it_declares(warehouse: Path, view: View) -> None:
    types = {name: duckdb_tables.DUCKDB_TYPES[kind] for name, kind in view.types.items()}
    found = {name: kind for name, kind, *_ in rows(warehouse, f"DESCRIBE {view.name}")}
    assert found == types
    names = {table.name for table in catalog.published()} | {other.name for other in views()}
    assert set(view.sources) <= names


def test_views_follow_their_declaration(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        connection.execute("CREATE OR REPLACE VIEW monthly_sales AS SELECT 1 AS one")
        connection.execute("CREATE VIEW gone AS SELECT 1 AS one")
    made = DuckDbWarehouse(warehouse)
    made.prepare(made.changes())
    assert len(rows(warehouse, "FROM monthly_sales WHERE store_id = 'S1'")) == 1
    assert rows(warehouse, "SELECT view_name FROM duckdb_views() WHERE view_name = 'gone'") == []

    def none_is_outdated(view: View) -> str:
        raise AssertionError(f"{view.name} is made again")

    monkeypatch.setattr(duckdb_views, "translated", none_is_outdated)
    made.prepare(made.changes())


def test_views_are_made_again_when_a_table_grows(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        connection.execute("DROP VIEW daily_revenue")
        connection.execute("ALTER TABLE etl_runs DROP COLUMN files_passed_over")
    made = DuckDbWarehouse(warehouse)
    made.prepare(made.changes())
    assert rows(warehouse, "SELECT COUNT(*) FROM daily_revenue") == [(5,)]
