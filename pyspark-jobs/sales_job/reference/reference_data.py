"""Products and stores: read from the lake, checked, kept in PostgreSQL as typed tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from pyspark.sql import DataFrame, SparkSession

from database_utils import Database
from sales_job.base.errors import InputRefused
from sales_job.lake.lake import Lake, require_columns
from sales_job.reference.migrations import prepare_table
from sales_job.reference.reference_tables import COLUMN_TYPES, TABLES
from sales_job.tables import catalog, reference_columns
from sales_job.tables.reference_columns import ReferenceColumn, ReferenceTable


def prepare(database: Database) -> None:
    """Creates the tables, or adds the columns that they lack.

    Raises:
        ConfigurationError: a column was removed or retyped; both tables are as they were.
    """

    def work(connection: sa.Connection) -> None:
        for table in TABLES.values():
            prepare_table(connection, table)

    database.transaction(work)


def parse(name: str, text: str, declared: ReferenceTable) -> list[list[Any]]:
    """The rows of a reference file, with the values of all declared columns in order.

    Args:
        name: the file's name, for messages.
        text: the file's content; its header has every required column.
        declared: the columns. One that the header lacks, and an empty field, is None.

    Raises:
        InputRefused: a key is missing or repeated, or a value does not fit its column.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [column.strip() for column in next(reader, [])]
    positions = [header.index(column.name) if column.name in header else None for column in declared.columns]
    key = [column.name for column in declared.columns].index(declared.key)
    rows: list[list[Any]] = []
    seen: dict[str, int] = {}
    for fields in reader:
        if not fields:
            continue
        where = f"{name} line {reader.line_num}"
        row = [
            _value(where, column, _field(fields, position))
            for column, position in zip(declared.columns, positions, strict=True)
        ]
        if row[key] is None:
            raise InputRefused(f"{where}: {declared.key} is missing: give the row a key or remove it")
        if row[key] in seen:
            raise InputRefused(
                f"{where}: {declared.key} '{row[key]}' is repeated (first in line {seen[row[key]]}): keep one row"
            )
        seen[row[key]] = reader.line_num
        rows.append(row)
    return rows


def _field(fields: Sequence[str], position: int | None) -> str:
    return "" if position is None or position >= len(fields) else fields[position].strip()


def _value(where: str, column: ReferenceColumn, text: str) -> Any:
    if text == "":
        return None
    kind = COLUMN_TYPES[column.type]
    value = kind.parse(text)
    if value is None:
        raise InputRefused(f"{where}: {column.name} '{text}' is not {kind.rule}: correct it or leave it empty")
    return value


def load(lake: Lake, database: Database, warn: Callable[[str], None]) -> dict[str, int]:
    """Checks both reference files, then upserts both tables in one transaction.

    Args:
        warn: is called once for each file that lacks optional columns.

    Returns:
        Rows by table.

    Raises:
        InputRefused: a file is missing or wrong; the tables are as they were.
    """
    parsed = {}
    for declared in reference_columns.tables():
        file = lake.reference(f"{declared.name}.csv")
        require_columns([file], declared.required)
        if absent := [column.name for column in declared.columns if column.name not in file.header]:
            warn(f"{file.name}: the header lacks {', '.join(absent)}: read as empty")
        parsed[TABLES[declared.name]] = parse(file.name, lake.read(file), declared)
    database.upsert(parsed)
    return {table.name: len(rows) for table, rows in parsed.items()}


def read_products(spark: SparkSession, database: Database) -> DataFrame:
    """product_id and cost price of the listed products, as Spark joins them: ``cost_whole`` and the
    ``cost_millionths`` behind the point, both NULL where no cost is known.
    """
    return database.read(
        spark,
        "SELECT product_id, CAST(TRUNC(cost_price) AS BIGINT) AS cost_whole, "
        "CAST((cost_price - TRUNC(cost_price)) * 1000000 AS BIGINT) AS cost_millionths FROM products WHERE listed",
    )


def read_shown(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The key and the shown columns of the listed rows, by table: the rows of the staged products and stores."""

    def work(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for name, table in TABLES.items():
            columns = [table.c[column] for column in catalog.table("staged", name).column_names]
            rows = connection.execute(sa.select(*columns).where(table.c.listed)).mappings()
            found[name] = [dict(row) for row in rows]
        return found

    return database.transaction(work)
