"""Column lineage from files to tables, held to the job: two lakes that differ in one column of each group of lines.

A group has its own days, products, stores and customers, so that all groups share two runs.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import job_lineage
from column_moves import moved
from harness import Sandbox
from pyspark.sql import SparkSession

from database_utils import Database
from sales_job.base.sales_columns import READ_COLUMNS
from sales_job.tables import catalog, reference_columns

ARRIVAL = "2026-06-30"
FIRST = dt.date(2026, 1, 1)

LINES = [
    # transaction, product, store, quantity, price, day, customer, number
    ["T1", "P1", "S1", "5", "10.00", "0", "C1", "1"],
    ["T1", "P2", "S1", "2", "7.00", "0", "C1", "2"],
    ["T2", "P1", "S1", "3", "9.00", "0", "C2", "1"],
    ["T3", "P1", "S2", "4", "8.00", "0", "C1", "1"],
    ["T4", "P1", "S1", "1", "6.00", "1", "C3", "1"],
    ["T5", "P2", "S1", "-1", "7.00", "0", "C2", "1"],
    ["T6", "P2", "S2", "2", "3.00", "1", "", "1"],
    ["T7", "P1", "S1", "many", "3.00", "1", "C1", "1"],
]
BAD = 7
"""The place of the bad line among them."""

CHANGES = {
    "transaction_id": {2: "T1", BAD: ""},
    "product_id": {0: "P3", BAD: ""},
    "store_id": {0: "S3", BAD: ""},
    # Sold, then given back: nobody else bought in this transaction, and nobody else this product in S2.
    "quantity": {0: "8", 2: "-3", 3: "-4", BAD: ""},
    "unit_price": {0: "20.00", 5: "9.00", BAD: ""},
    "transaction_date": {0: "2", BAD: ""},
    "customer_id": {1: "", 2: "C1", BAD: "C\n1"},
    "line_number": {0: "7", BAD: "1\n1"},
}
"""The new values of a column, by the places of the lines."""

OTHER = {"quantity": "2", "unit_price": "2.00", "transaction_date": "2027-01-02", "line_number": "2"}
BROKEN = {"customer_id": "C\n1", "line_number": "1\n1"}
"""Texts that break a rule; any other column does so where it is empty."""

REFERENCE_CHANGES = {"STRING": "changed", "NUMERIC": "7.75", "INTEGER": "99", "BOOLEAN": "N", "DATE": "2020-02-02"}
REFERENCE_VALUES = {"NUMERIC": "{}.50", "INTEGER": "10", "BOOLEAN": "Y", "DATE": "2019-01-01"}


class Group(NamedTuple):
    """The lines in which one column of a file changes."""

    number: int
    file: str
    column: str

    @property
    def token(self) -> str:
        return f"g{self.number}-"

    def day(self, offset: str) -> str:
        # What no day shows shares its days with others.
        number = self.number if self.file == "sales_data" or self.column in ("product_id", "category") else 20
        return str(FIRST + dt.timedelta(3 * number + int(offset)))


FILES = {"sales_data": [*READ_COLUMNS, "dt"]} | {
    one.name: [column.name for column in one.columns] for one in reference_columns.tables()
}
GROUPS = [
    Group(number, *place)
    for number, place in enumerate((file, column) for file, columns in FILES.items() for column in columns)
]


def sales(group: Group, change: bool) -> Iterator[list[str]]:
    for place, line in enumerate(LINES):
        values = dict(zip(READ_COLUMNS, line, strict=True))
        if change and group.file == "sales_data" and place in CHANGES.get(group.column, {}):
            values[group.column] = CHANGES[group.column][place]
        for name in ("transaction_id", "product_id", "store_id", "customer_id"):
            values[name] = values[name] and group.token + values[name]
        values["transaction_date"] = values["transaction_date"] and group.day(values["transaction_date"])
        yield list(values.values())


def coming_and_going(change: bool) -> Iterator[list[str]]:
    """For each column, two lines that it alone tells apart, and a third; after the change, one good line of three."""
    for number, column in enumerate(READ_COLUMNS):
        token = f"r{number}-"
        texts = [f"{token}T1", f"{token}P1", f"{token}S1", "1", "1.00", "2027-01-01", f"{token}C1", "1"]
        line = dict(zip(READ_COLUMNS, texts, strict=True))
        third = {**line, "transaction_id": f"{token}T3"}
        yield list(line.values())
        yield list({**line, column: line[column] if change else OTHER.get(column, f"{token}X")}.values())
        yield list({**third, column: BROKEN.get(column, "") if change else third[column]}.values())


def reference(table: reference_columns.ReferenceTable, group: Group, change: bool) -> Iterator[list[str]]:
    for number in (1, 2, 3):
        values = {}
        for column in table.columns:
            values[column.name] = REFERENCE_VALUES.get(column.type, f"{column.name} {{}}").format(number)
            if column.name == table.key:
                values[column.name] = f"{group.token}{table.key[0].upper()}{number}"
            if change and (group.file, group.column, number) == (table.name, column.name, 1):
                values[column.name] = group.token + "X" if column.name == table.key else REFERENCE_CHANGES[column.type]
        yield list(values.values())


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def run(folder: Path, spark: SparkSession, database: Database, change: bool) -> dict[str, list[dict[str, Any]]]:
    """The published tables of one of the lakes."""
    folder.mkdir()
    sandbox = Sandbox(folder, spark, database)
    for table in reference_columns.tables():
        rows = [row for group in GROUPS for row in reference(table, group, change)]
        write(sandbox.lake / f"reference_data/{table.name}.csv", [column.name for column in table.columns], rows)
    for arrival, groups in ((ARRIVAL, [one for one in GROUPS if one.column != "dt"]), ("", GROUPS)):
        rows = [row for group in groups if arrival or group.column == "dt" for row in sales(group, change)]
        moving = next(one for one in GROUPS if one.column == "dt")
        rows += coming_and_going(change) if arrival else []
        day = arrival or (ARRIVAL if change else moving.day("1"))
        write(sandbox.lake / f"sales_data/dt={day}/{'all' if arrival else 'moving'}.csv", list(READ_COLUMNS), rows)
    sandbox.run("--max-bad-ratio", "1")
    with duckdb.connect(str(folder / "warehouse/warehouse.duckdb"), read_only=True) as connection:
        shown = {}
        for name in job_lineage.published_tables():
            found = connection.execute(f"SELECT * FROM {name}")
            names = [column for column, *_ in found.description or ()]
            shown[name] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return shown


def of(group: Group, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a group."""
    days = {dt.date.fromisoformat(group.day(offset)) for offset in "012"}
    ignored = {"run_id", "quarantined_at"}

    def belongs(row: dict[str, Any]) -> bool:
        tokens = {found[0] for value in row.values() if (found := re.match(r"[gr]\d+-", str(value)))}
        return group.token in tokens if tokens else row["transaction_date"] in days

    return [{name: value for name, value in row.items() if name not in ignored} for row in rows if belongs(row)]


def named(table: str, group: Group) -> set[str]:
    """The columns of a table that depend on the group's column, by way of the line store or not."""
    lines = job_lineage.line_store().columns
    changed = f"{group.file}.{group.column}"
    through = {f"lines.{name}" for name, column in lines.items() if changed in column.depends} | {changed}
    relation = job_lineage.published_tables()[table]
    return {name for name in relation.columns if through & job_lineage.depends(relation, name).keys()}


def test_tables_move_with_exactly_the_columns_that_their_lineage_names(
    tmp_path: Path, spark: SparkSession, database: Database
) -> None:
    before, after = (run(tmp_path / name, spark, database, name == "changed") for name in ("as-it-was", "changed"))
    wrong = {}
    for group in GROUPS:
        for table, rows in before.items():
            one, other = of(group, rows), of(group, after[table])
            found, expected = moved(one, other), named(table, group)
            if found != expected:
                key = f"{group.file}.{group.column} > {table}"
                wrong[key] = {"named": sorted(expected - found), "moved": sorted(found - expected)}
    assert wrong == {}
    # Which lines there are: the columns that the line store's lineage names for all its columns.
    for number in range(len(READ_COLUMNS)):
        counts = [
            sum(
                row["product_id"].startswith(f"r{number}-") or row["store_id"].startswith(f"r{number}-") for row in rows
            )
            for rows in (before["sales_lines"], after["sales_lines"])
        ]
        assert counts == [3, 1], READ_COLUMNS[number]
    assert job_lineage.line_store().rows == {
        f"sales_data.{column}": frozenset({"FILTER", "GROUP_BY"}) for column in READ_COLUMNS
    }


def test_every_published_column_has_a_lineage() -> None:
    for table, relation in job_lineage.published_tables().items():
        assert list(relation.columns) == catalog.table("published", table).column_names
