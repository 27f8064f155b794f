"""Publications written by hand, without Spark: the staged rows of two days, small enough to add up in the head.

Thursday's are taken first: T1, two P1 at 3.00, and T2, one P2 at 4.50, both in S1, so 10.50. Friday's are T3, one P1 at
3.00 in S1, and T4, two P2 at 4.50 in S2, so 12.00, of which every test spoils something.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from sales_job.publication.check_results import Result
from sales_job.publication.expected import Expected, LineTotals
from sales_job.publication.unusual_days import Profile
from sales_job.tables import catalog
from sales_job.warehouse.duckdb import DuckDbWarehouse
from sales_job.warehouse.duckdb_tables import column_types
from sales_job.warehouse.protocol import Publication

THURSDAY, FRIDAY = dt.date(2026, 1, 1), dt.date(2026, 1, 2)

Rows = dict[str, list[tuple[Any, ...]]]


def money(text: str) -> Decimal:
    return Decimal(text)


KEPT = (money("0"), money("0"))
"""``returned_quantity`` and ``returned_revenue`` where nothing came back."""


LOADED = (True, True, False)
"""``product_known``, ``is_loaded`` and ``is_late`` of a line that a run loads in time."""


def _expected(rows: int, revenue: str) -> Expected:
    return Expected(rows, rows, 0, 0, 0, 0, LineTotals(rows, rows, money(revenue)), LineTotals(0, 0, money("0")), 0.05)


@dataclass
class Day:
    """A day's staged rows by table, and the run's own figures."""

    day: dt.date
    staged: Rows
    expected: Expected
    brought: list[tuple[str, dt.date]] = field(init=False)

    def __post_init__(self) -> None:
        self.brought = [(str(self.day), self.day)]

    def expect(self, **changes: Any) -> None:
        self.expected = replace(self.expected, **changes)


def product_row(product_id: str, name: str, category: str) -> tuple[Any, ...]:
    """A row of products.csv, with a cost of 1.10; its other columns are empty."""
    return _row("products", product_id=product_id, product_name=name, category=category, cost_price=money("1.10"))


def store_row(store_id: str, name: str, location: str) -> tuple[Any, ...]:
    """A row of stores.csv that never closes; its other columns are empty."""
    return _row(
        "stores", **{"store_id": store_id, "store_name": name, "24_hour_store": True, "store_location": location}
    )


def _row(table: str, **values: Any) -> tuple[Any, ...]:
    return tuple(values.get(name) for name in catalog.table("staged", table).column_names)


NAMES: Rows = {
    "products": [product_row("P1", "Soap", "Home"), product_row("P2", "Tea", "Food")],
    "stores": [store_row("S1", "Main Street", "Austin"), store_row("S2", "Harbor", "Boston")],
}


def thursday() -> Day:
    staged: Rows = {
        "daily_figures": [(THURSDAY, "S1", money("10.50"), 3, 2, money("4"), *KEPT, 2, 0, 0)],
        "sales_lines": [
            (THURSDAY, "T1", None, "P1", "S1", "C1", 2000, 30000, 1, 500000, *LOADED),
            (THURSDAY, "T2", None, "P2", "S1", "C2", 1000, 45000, 3, 500000, *LOADED),
        ],
        "store_products": [
            ("S1", "P1", 1, 2, money("6"), money("3"), money("3"), 1, *KEPT),
            ("S1", "P2", 1, 1, money("4.50"), money("1"), money("4.50"), 1, *KEPT),
        ],
    }
    return Day(THURSDAY, {**NAMES, **staged}, _expected(2, "10.50"))


def friday() -> Day:
    staged: Rows = {
        "daily_figures": [
            (FRIDAY, "S1", money("3"), 1, 1, money("1"), *KEPT, 1, 0, 0),
            (FRIDAY, "S2", money("9"), 2, 1, money("2"), *KEPT, 1, 0, 0),
        ],
        "sales_lines": [
            (FRIDAY, "T3", None, "P1", "S1", "C1", 1000, 30000, 2, 0, *LOADED),
            (FRIDAY, "T4", None, "P2", "S2", "C1", 2000, 45000, 3, 500000, *LOADED),
        ],
        "store_products": [
            ("S1", "P1", 1, 1, money("3"), money("1"), money("3"), 1, *KEPT),
            ("S2", "P2", 1, 2, money("9"), money("2"), money("4.50"), 1, *KEPT),
        ],
    }
    return Day(FRIDAY, {**NAMES, **staged}, _expected(2, "12"))


def run_row(run_id: str, day: dt.date) -> dict[str, Any]:
    """A row of ``etl_runs``."""
    at = dt.datetime(2026, 1, 3, 4, 5, tzinfo=dt.UTC)
    names = ("read", "loaded", "duplicate", "quarantined")
    counts = {**{f"rows_{name}": 0 for name in names}, "unmatched_products": 0, "unmatched_stores": 0}
    times = {"started_at": at, "finished_at": at, "start_date": day, "end_date": day, "seconds": 1.0}
    return {"run_id": run_id, "status": "done", **times, **counts}


PROFILE = Profile(FRIDAY, 2, money("12"), 0, 0, {"S1": 1, "S2": 1}, {"Food": 1, "Home": 1})


def publication(run_id: str, day: Day) -> Publication:
    return Publication(
        days=frozenset({day.day}),
        versions={day.day: run_id},
        arrivals=[str(day.day)],
        days_by_arrival=day.brought,
        customer_key_id="k",
        profiles={day.day: replace(PROFILE, day=day.day)},
        rebuild=False,
        refill=False,
        expected=day.expected,
        run=run_row(run_id, day.day),
    )


def publish(folder: Path, run_id: str, day: Day) -> list[Result]:
    """Stages a day as Parquet, as Spark would, and publishes it in ``<folder>/warehouse.duckdb``."""
    warehouse = DuckDbWarehouse(folder)
    warehouse.prepare(warehouse.changes())
    with duckdb.connect() as connection:
        for name, rows in day.staged.items():
            target = folder / "staging" / name
            target.mkdir(parents=True)
            types = column_types(catalog.table("staged", name))
            listed = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
            connection.execute(f"CREATE TABLE {name} ({listed})")
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
            connection.execute(f"COPY {name} TO '{target}/part.parquet' (FORMAT parquet)")
    return warehouse.publish(publication(run_id, day))


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a query finds in the warehouse of a folder."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()
