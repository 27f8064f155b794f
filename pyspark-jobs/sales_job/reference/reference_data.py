"""Products and stores: read from the lake, checked, kept in PostgreSQL as typed tables."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from pyspark.sql import DataFrame, SparkSession

from database_utils import Database
from sales_job.base.errors import InputRefused
from sales_job.lake.lake import Lake, require_columns
from sales_job.warehouse.protocol import Names

METADATA = sa.MetaData()

MONEY = sa.Numeric(20, 6)


def _table(name: str, *columns: tuple[str, Any]) -> sa.Table:
    """A reference table: the first column is its key; ``listed`` is false for rows that are delivered no longer."""
    key, *others = columns
    return sa.Table(
        name,
        METADATA,
        sa.Column(key[0], key[1], primary_key=True),
        *[sa.Column(column, kind) for column, kind in others],
        sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.true()),
    )


PRODUCTS = _table(
    "products",
    ("product_id", sa.Text()),
    ("product_name", sa.Text()),
    ("category", sa.Text()),
    ("subcategory", sa.Text()),
    ("brand", sa.Text()),
    ("unit_price", MONEY),
    ("cost_price", MONEY),
    ("supplier_id", sa.Text()),
    ("weight_kg", MONEY),
    ("dimensions_cm", sa.Text()),
    ("color", sa.Text()),
    ("material", sa.Text()),
    ("launch_date", sa.Date()),
    ("discontinued", sa.Boolean()),
)

STORES = _table(
    "stores",
    ("store_id", sa.Text()),
    ("store_name", sa.Text()),
    ("store_type", sa.Text()),
    ("address", sa.Text()),
    ("city", sa.Text()),
    ("state", sa.Text()),
    ("zip_code", sa.Text()),
    ("country", sa.Text()),
    ("region", sa.Text()),
    ("manager_name", sa.Text()),
    ("manager_email", sa.Text()),
    ("phone", sa.Text()),
    ("opening_date", sa.Date()),
    ("store_size_sqft", sa.BigInteger()),
    ("parking_spaces", sa.BigInteger()),
    ("24_hour_store", sa.Boolean()),
    ("store_location", sa.Text()),
)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,14}(\.[0-9]{1,6})?", text) else None


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _yes_no(text: str) -> bool | None:
    return {"Y": True, "N": False}.get(text.upper())


PARSERS: dict[type, tuple[Callable[[str], Any], str]] = {
    sa.Numeric: (_number, "a plain decimal of at least 0 (14 digits and 6 decimals at most)"),
    sa.BigInteger: (_whole, "a whole number"),
    sa.Date: (_day, "a date written yyyy-MM-dd"),
    sa.Boolean: (_yes_no, "Y or N"),
}


def parse(name: str, text: str, table: sa.Table) -> list[list[Any]]:
    """The rows of a reference file, typed; empty fields are NULL.

    Args:
        name: the file's name, for messages.
        text: the file's content; the header is known to hold every column.
        table: what the columns are; its first one is the key.

    Raises:
        InputRefused: a key is missing or stands twice, or a value does not fit its column.
    """
    columns = list(table.columns)[:-1]
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [column.strip() for column in next(reader, [])]
    positions = [header.index(column.name) for column in columns]
    rows: list[list[Any]] = []
    seen: dict[str, int] = {}
    for fields in reader:
        if not fields:
            continue
        where = f"{name} line {reader.line_num}"
        row = [
            _value(where, column, _field(fields, position)) for column, position in zip(columns, positions, strict=True)
        ]
        key = row[0]
        if key is None:
            raise InputRefused(f"{where}: {columns[0].name} is missing: give the row a key or remove it")
        if key in seen:
            raise InputRefused(
                f"{where}: {columns[0].name} '{key}' stands twice (first in line {seen[key]}): keep one row"
            )
        seen[key] = reader.line_num
        rows.append(row)
    return rows


def _field(fields: Sequence[str], position: int) -> str:
    return fields[position].strip() if position < len(fields) else ""


def _value(where: str, column: sa.Column[Any], text: str) -> Any:
    if text == "":
        return None
    if type(column.type) not in PARSERS:
        if "\0" in text:
            raise InputRefused(f"{where}: {column.name} holds a zero byte: remove it")
        return text
    parser, rule = PARSERS[type(column.type)]
    value = parser(text)
    if value is None:
        raise InputRefused(f"{where}: {column.name} '{text}' is not {rule}: correct it or leave it empty")
    return value


def load(lake: Lake, database: Database) -> dict[str, int]:
    """Checks both reference files, then upserts both tables in one transaction.

    Returns:
        Rows by table.

    Raises:
        InputRefused: a file is missing or wrong; the tables are as they were.
    """
    parsed = {}
    for table in (PRODUCTS, STORES):
        file = lake.reference(f"{table.name}.csv")
        require_columns([file], [column.name for column in table.columns][:-1])
        parsed[table] = parse(file.name, lake.read(file), table)
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


def read_names(database: Database) -> Names:
    """The names that the tables show, of listed rows."""

    def work(connection: sa.Connection) -> Names:
        products = sa.select(PRODUCTS.c.product_id, PRODUCTS.c.product_name, PRODUCTS.c.category).where(
            PRODUCTS.c.listed
        )
        stores = sa.select(STORES.c.store_id, STORES.c.store_name, STORES.c.store_location).where(STORES.c.listed)
        return Names(*[[tuple(row) for row in connection.execute(query)] for query in (products, stores)])

    return database.transaction(work)
