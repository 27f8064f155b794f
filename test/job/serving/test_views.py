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

PERIOD = "{}, store_id, store_name, days, revenue, quantity, daily_transactions, gross_profit, profit_margin, "
PERIOD += "returned_quantity, returned_revenue, return_rate"

DAILY = [
    # day, store, name, revenue, quantity, transactions, customers, profit, returned quantity and revenue
    (SUNDAY, "S1", "Harbor", "10.00", 4, 2, 1, "3.00", 0, 0),
    (MONDAY, "S1", "Harbor", "20.00", "5.250", 3, 2, "7.00", "1.5", "6.00"),
    (dt.date(2026, 3, 8), "S1", "Old Harbor", "10.00", 1, 1, 1, "3.00", 2, "4.00"),
    (MONDAY, "S2", None, "0.00", 1, 1, 0, "0.00", 0, 0),
    # More came back than was sold.
    (SUNDAY, "S2", None, "-5.00", -1, 0, 0, "-2.00", 1, "5.00"),
    (FIRST_DAY, "S3", "First", "1.00", 1, 1, 0, "0.00", 0, 0),
    (LAST_DAY, "S3", "Last", "2.00", 1, 1, 0, "0.00", 0, 0),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    made = DuckDbWarehouse(tmp_path)
    made.prepare(made.changes())
    insert(tmp_path, DAILY)
    return tmp_path


def insert(folder: Path, days: list[tuple[Any, ...]]) -> None:
    names = (
        "transaction_date, store_id, store_name, daily_revenue, daily_quantity, daily_transactions, "
        "unique_customers, gross_profit, returned_quantity, returned_revenue"
    )
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.executemany(
            f"INSERT INTO daily_sales_summary ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            days,
        )


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    # As another program: without the job's own functions.
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_weeks_begin_on_monday_and_show_the_last_name(warehouse: Path) -> None:
    found = rows(
        warehouse, f"SELECT {PERIOD.format('week')} FROM weekly_sales WHERE store_id <> 'S3' ORDER BY store_id, week"
    )
    assert found == [
        (dt.date(2026, 2, 23), "S1", "Harbor", 1, D("10.00"), 4, 2, D("3.00"), D("0.3"), 0, 0, 0),
        # 10 / 30, nine decimals; 10 of the 40 that were sold came back.
        (
            MONDAY,
            "S1",
            "Old Harbor",
            2,
            D("30.00"),
            D("6.25"),
            4,
            D("10.00"),
            D("0.333333333"),
            D("3.5"),
            10,
            D("0.25"),
        ),
        # All that is known of came back, from a sale of another week.
        (dt.date(2026, 2, 23), "S2", None, 1, D("-5.00"), -1, 0, D("-2.00"), None, 1, 5, None),
        (MONDAY, "S2", None, 1, D("0.00"), 1, 1, D("0.00"), None, 0, 0, None),
    ]


def test_months(warehouse: Path) -> None:
    found = rows(warehouse, f"SELECT {PERIOD.format('month')} FROM monthly_sales WHERE store_id = 'S1'")
    assert found == [
        (SUNDAY, "S1", "Old Harbor", 3, D("40.00"), D("10.25"), 6, D("13.00"), D("0.325"), D("3.5"), 10, D("0.2"))
    ]


@pytest.mark.parametrize(
    ("view", "period", "days", "expected"),
    [
        # ISO week 10 of 2026 begins on 2 March; 52 weeks before is week 10 of 2025, from 3 March.
        (
            "weekly_sales",
            "week",
            {"2025-03-03": "8", "2025-03-09": "2", "2026-02-23": "20", "2026-03-02": "30", "2026-03-09": "15"},
            {
                "2025-03-03": (None, None, None, None),
                "2026-02-23": (None, None, None, None),
                "2026-03-02": (D(20), D("0.5"), D(10), D(2)),
                "2026-03-09": (D(30), D("-0.5"), None, None),
            },
        ),
        # A year before 29 February is February.
        (
            "monthly_sales",
            "month",
            {"2023-02-28": "4", "2024-01-31": "-3", "2024-02-29": "9", "2024-03-01": "6"},
            {
                "2023-02-01": (None, None, None, None),
                "2024-01-01": (None, None, None, None),
                # Nothing grows from a negative revenue.
                "2024-02-01": (D(-3), None, D(4), D("1.25")),
                # 6 / 9 - 1, nine decimals.
                "2024-03-01": (D(9), D("-0.333333333"), None, None),
            },
        ),
    ],
)
def test_a_period_beside_the_one_before_and_that_of_the_year_before(
    warehouse: Path, view: str, period: str, days: dict[str, str], expected: dict[str, Any]
) -> None:
    insert(
        warehouse,
        [(dt.date.fromisoformat(day), "S7", "New", revenue, 1, 1, 0, "0", 0, 0) for day, revenue in days.items()],
    )
    found = rows(
        warehouse,
        f"SELECT {period}::VARCHAR, previous_revenue, growth, year_before_revenue, year_growth FROM {view} "
        "WHERE store_id = 'S7'",
    )
    assert {row[0]: row[1:] for row in found} == expected


@pytest.mark.parametrize(
    ("view", "period", "days", "expected"),
    [
        # Wednesday 11 March is the last day with a sale, of another store: Monday to Wednesday count.
        (
            "weekly_sales",
            "week",
            {"2025-03-12": "4", "2025-03-13": "9", "2026-03-02": "10", "2026-03-04": "20", "2026-03-05": "40"}
            | {"2026-03-10": "45"},
            {
                "2025-03-10": (True, 2, 0, None, None, 0, None, None),
                "2026-03-02": (True, 3, 0, None, None, 0, None, None),
                "2026-03-09": (False, 1, 2, D(30), D("0.5"), 1, D(4), D("10.25")),
            },
        ),
        (
            "monthly_sales",
            "month",
            {"2025-03-11": "30", "2025-03-12": "9", "2026-02-12": "8", "2026-02-28": "9", "2026-03-10": "45"},
            {
                "2025-03-01": (True, 2, 0, None, None, 0, None, None),
                "2026-02-01": (True, 2, 0, None, None, 0, None, None),
                # Nothing was sold up to 11 February.
                "2026-03-01": (False, 1, 0, None, None, 1, D(30), D("0.5")),
            },
        ),
    ],
)
def test_a_period_that_is_not_over_beside_as_many_days(
    tmp_path: Path, view: str, period: str, days: dict[str, str], expected: dict[str, Any]
) -> None:
    made = DuckDbWarehouse(tmp_path)
    made.prepare(made.changes())
    found = [(dt.date.fromisoformat(day), "S7", "New", revenue, 1, 1, 0, "0", 0, 0) for day, revenue in days.items()]
    # A return on Thursday is no sale.
    others = [(dt.date(2026, 3, 11), "S8", "Other", "1", 1, 1, 0, "0", 0, 0)]
    others += [(dt.date(2026, 3, 12), "S8", "Other", "-1", -1, 0, 0, "0", 1, 1)]
    insert(tmp_path, found + others)
    shown = rows(
        tmp_path,
        f"SELECT {period}::VARCHAR, is_complete, days, previous_days, previous_revenue, growth, year_before_days, "
        f"year_before_revenue, year_growth FROM {view} WHERE store_id = 'S7'",
    )
    assert {row[0]: row[1:] for row in shown} == expected


def test_days_over_all_stores_from_the_first_plausible_day_to_the_last(warehouse: Path) -> None:
    found = rows(warehouse, "SELECT * FROM daily_revenue ORDER BY transaction_date")
    assert found == [
        (FIRST_DAY, D("1.00"), 1, D("0.00"), 1, 0, 0),
        (SUNDAY, D("5.00"), 3, D("1.00"), 2, 1, 5),
        (MONDAY, D("20.00"), D("6.25"), D("7.00"), 2, D("1.5"), 6),
        (dt.date(2026, 3, 8), D("10.00"), 1, D("3.00"), 1, 2, 4),
        (LAST_DAY, D("2.00"), 1, D("0.00"), 1, 0, 0),
    ]


def test_key_figures_of_a_day(warehouse: Path) -> None:
    found = rows(
        warehouse,
        f"SELECT * EXCLUDE (store_name) FROM kpis_daily WHERE transaction_date <= '{MONDAY}' AND store_id <> 'S3' "
        "ORDER BY transaction_date, store_id",
    )
    nothing = (None, None, None, None, None)
    assert found == [
        (SUNDAY, "S1", D(10), 2, 1, D(5), D(2), D(10), D("0.3"), D(0)),
        (SUNDAY, "S2", D(-5), 0, 0, *nothing),
        # 20 / 3, 5.25 / 3, 20 / 2, 7 / 20, 6 / 26.
        (MONDAY, "S1", D(20), 3, 2, D("6.666666667"), D("1.75"), D(10), D("0.35"), D("0.230769231")),
        (MONDAY, "S2", D(0), 1, 0, D(0), D(1), None, None, None),
    ]


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_view_has_the_columns_that_it_declares(warehouse: Path, view: View) -> None:
    types = {name: duckdb_tables.DUCKDB_TYPES[kind] for name, kind in view.types.items()}
    found = {name: kind for name, kind, *_ in rows(warehouse, f"DESCRIBE {view.name}")}
    assert found == types
    names = {table.name for table in (*catalog.published(), *catalog.streamed())} | {other.name for other in views()}
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
