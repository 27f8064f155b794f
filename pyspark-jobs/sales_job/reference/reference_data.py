"""Products and stores: read from the lake, checked, kept in PostgreSQL as typed tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from pyspark.sql import DataFrame, SparkSession

from database_utils import Database
from sales_job.base.errors import InputRefused
from sales_job.lake.file_integrity import rows_of
from sales_job.lake.header import column_name, require_columns
from sales_job.lake.lake import Lake
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


def parse(name: str, text: str, declared: ReferenceTable, warn: Callable[[str], None]) -> list[list[Any]]:
    """The rows of a reference file, with the values of all declared columns in order.

    Args:
        name: the file's name, for messages.
        text: the file's content; its header has every required column.
        declared: the columns. One that the header lacks, and an empty field, is None.
        warn: is called once for each column with values that do not fit it and are read as empty.

    Raises:
        InputRefused: a key is missing or repeated, a needed value does not fit its column, or a row has more fields
            than the header.
    """
    rows: list[list[Any]] = []
    seen: dict[str, int] = {}
    header: list[str] = []
    unfit: dict[str, list[str]] = defaultdict(list)
    for line, texts in rows_of(name, text):
        fields = [field.strip() for field in texts]
        names = [column_name(field.strip("\ufeff")) for field in fields]
        header = header or names
        if not any(fields) or names == header:
            continue
        where = f"{name} line {line}"
        if any(fields[len(header) :]):
            raise InputRefused(
                f"{where}: has {len(fields)} fields, the header {len(header)}: quote the value that holds a comma"
            )
        row: dict[str, Any] = {}
        for column in declared.columns:
            position = header.index(column.name) if column.name in header else len(fields)
            field = fields[position] if position < len(fields) else ""
            row[column.name] = _value(where, column, field)
            if field and row[column.name] is None:
                unfit[column.name].append(f"{where}: '{field}'")
        key = row[declared.key]
        if key is None:
            raise InputRefused(f"{where}: {declared.key} is missing: give the row a key or remove it")
        if key in seen:
            raise InputRefused(f"{where}: {declared.key} '{key}' is repeated (first in line {seen[key]}): keep one row")
        seen[key] = line
        rows.append(list(row.values()))
    for column in declared.columns:
        if found := unfit[column.name]:
            rule = COLUMN_TYPES[column.type].rule
            warn(f"{name}: {column.name} is not {rule} in {len(found)} rows, read as empty, such as in {found[0]}")
    return rows


def _value(where: str, column: ReferenceColumn, text: str) -> Any:
    if text == "":
        return None
    kind = COLUMN_TYPES[column.type]
    value = kind.parse(text)
    if value is None and column.required:
        raise InputRefused(f"{where}: {column.name} '{text}' is not {kind.rule}: correct it or leave it empty")
    return value


def load(lake: Lake, database: Database, warn: Callable[[str], None]) -> dict[str, int]:
    """Checks both reference files, then upserts both tables in one transaction.

    Args:
        warn: is called once for each file that lacks optional columns, and for each column with values that do not fit.

    Returns:
        Rows by table.

    Raises:
        InputRefused: a file is missing or wrong; the tables are as they were.
    """
    parsed: dict[sa.Table, list[list[Any]]] = {}
    for declared in reference_columns.tables():
        file = lake.reference(declared.name)
        if file is None:
            parsed[TABLES[declared.name]] = []
            continue
        require_columns(file.name, file.header, declared.required)
        absent = [column for column in declared.columns if column.name not in file.columns]
        if missed := [column.name for column in absent if column.warn_if_missing]:
            warn(f"{file.name}: the header lacks {', '.join(missed)}: read as empty")
        parsed[TABLES[declared.name]] = parse(file.name, lake.read(file), declared, warn)
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


def read_listed(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The listed rows, by table: the rows of the staged products and stores."""

    def work(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for name, table in TABLES.items():
            columns = [table.c[column] for column in catalog.table("staged", name).column_names]
            rows = connection.execute(sa.select(*columns).where(table.c.listed)).mappings()
            found[name] = [dict(row) for row in rows]
        return found

    return database.transaction(work)
