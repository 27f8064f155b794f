"""Column lineage from tables to views, held to DuckDB: which columns of a view move when one of a table changes."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import job_lineage
import pytest
from column_moves import moved

from sales_job.tables import catalog
from sales_job.tables.view_catalog import View, views
from sales_job.warehouse import duckdb_division, duckdb_tables, duckdb_views

VIEWS = [view for view in views() if view.name in job_lineage.view_relations()]
"""Not those of messages, which no run makes."""

LAST = dt.date(2026, 3, 18)
DAYS = [LAST - dt.timedelta(days) for days in (0, 1, 7, 28, 31, 52, 364, 365)]
"""In the last 28 days and the 28 before; the same place in the week, the month and the year before."""

ROWS_OF_KEYS = {"products": "product_id", "stores": "store_id", "customers": "customer_key"}
"""Tables of one row a key."""

VALUES = {
    "BIGINT": ["0", "{} + 40", "NULL"],
    "DECIMAL(38,9)": ["0", "-{}", "{} * 1000", "{} + 0.5", "NULL"],
    "BOOLEAN": ["NOT {}"],
    "DATE": ["{} + 1", "{} - 29", "{} - 400", "{} + 40", "NULL"],
    "VARCHAR": ["{} || '-other'", "NULL"],
}
"""Other values of a column of each type."""


def value(column: catalog.Column, row: int, rng: random.Random) -> Any:
    name = column.name
    if name == "transaction_date":
        return DAYS[row % len(DAYS)]
    if name in ROWS_OF_KEYS.values():
        return f"{name[0].upper()}{row // len(DAYS)}"
    if name == "quantity" and row % 4 == 1:
        return Decimal(-2)
    return {
        "STRING": f"{name} {row // len(DAYS) % 2}",
        "INTEGER": rng.randint(1, 9),
        "NUMERIC": Decimal(rng.randint(100, 900)) / 100,
        "BOOLEAN": row % 2 == 0,
        "DATE": LAST - dt.timedelta(row),
    }[column.type]


def rows_of(table: catalog.Table) -> list[tuple[Any, ...]]:
    rng = random.Random(table.name)
    every = len(DAYS) if table.name in ROWS_OF_KEYS else 1
    return [tuple(value(column, row, rng) for column in table.columns) for row in range(0, 5 * len(DAYS), every)]


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that views read, with made-up rows; the view ``customers``, which others read, is a table here."""
    with duckdb.connect() as connection:
        duckdb_division.define(connection)
        read = {source for view in VIEWS for source in view.sources} - {"customers"}
        for name in read:
            table = catalog.table("published", name)
            columns = ", ".join(f'"{key}" {kind}' for key, kind in duckdb_tables.column_types(table).items())
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" for _ in table.columns)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows_of(table))
        customers = next(view for view in views() if view.name == "customers")
        connection.execute(f"CREATE TABLE customers AS {duckdb_views.translated(customers)}")
        yield connection


def changes(table: str, column: str, kind: str) -> Iterator[str]:
    """Updates of a column: in one row, in all rows of the last day or of a key, and in all rows."""
    key = ROWS_OF_KEYS.get(table, "transaction_date")
    # A table has one row a key, and its day is never NULL.
    values = [one for one in VALUES[kind] if column not in (key, "transaction_date") or one != "NULL"]
    for where in (
        "TRUE",
        "rowid = 0",
        f"{key} = (SELECT max({key}) FROM {table})",
        f"rowid < {len(DAYS)}",
        "rowid = 14",
    ):
        for one in values:
            changed = one.format(f'"{column}"')
            yield f'UPDATE {table} SET "{column}" = {changed} WHERE {where}'


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_moves_with_exactly_the_columns_that_its_lineage_names(
    view: View, tables: duckdb.DuckDBPyConnection
) -> None:
    relation = job_lineage.view_relations()[view.name]
    sql = duckdb_views.translated(view)

    def shown() -> list[dict[str, Any]]:
        rows = tables.execute(sql)
        names = [name for name, *_ in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]

    before = shown()
    wrong = {}
    for source in view.sources:
        described = tables.execute(f"DESCRIBE {source}").fetchall()
        for name, kind, *_ in described:
            named = {one for one in view.types if f"{source}.{name}" in job_lineage.depends(relation, one)}
            found: set[str] = set()
            for number, change in enumerate(changes(source, name, kind)):
                # A column that nothing names is changed twice, any other until all that it should move has moved.
                if number > (2 if named else 1) and found >= named:
                    break
                tables.begin()
                tables.execute(change)
                found |= moved(before, shown())
                tables.rollback()
            if found != named:
                wrong[f"{source}.{name}"] = {"named": sorted(named - found), "moved": sorted(found - named)}
    assert wrong == {}
