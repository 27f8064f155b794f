"""Whether two warehouses hold the same: the rehearsed dataset and a local run's DuckDB file, row by row."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from google.cloud import bigquery

TABLES = ("daily_sales_summary", "product_performance", "store_performance", "quarantined_sales")
OF_THE_RUN = {"run_id", "quarantined_at"}
"""Columns that tell runs apart, and differ by their meaning."""

Row = tuple[Any, ...]


def _plain(value: Any) -> Any:
    """A value without what clients add: time zones and trailing zeros."""
    if isinstance(value, Decimal):
        return Decimal(f"{value:f}".rstrip("0").rstrip(".")) if "." in f"{value:f}" else value
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return value


def columns(schema: Path) -> list[str]:
    """The compared columns of a table."""
    return [field["name"] for field in json.loads(schema.read_text())["columns"] if field["name"] not in OF_THE_RUN]


def rehearsed(dataset: str, client: bigquery.Client, schemas: Path) -> dict[str, list[Row]]:
    """The rows of all tables in ``project.dataset``; ``schemas`` is the folder of their schemas."""
    tables = {}
    for table in TABLES:
        names = columns(schemas / f"{table}.json")
        rows = client.list_rows(client.get_table(f"{dataset}.{table}"))
        tables[table] = [tuple(_plain(row[name]) for name in names) for row in rows]
    return tables


def differences(tables: dict[str, list[Row]], warehouse: Path, schemas: Path) -> list[str]:
    """One line a row that ``tables`` or a local run's DuckDB file has alone; the first few of each table."""
    lines = []
    with duckdb.connect(str(warehouse), read_only=True) as local:
        for table, rows in tables.items():
            names = columns(schemas / f"{table}.json")
            here = local.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            cloud_rows, local_rows = Counter(rows), Counter(tuple(map(_plain, row)) for row in here)
            for where, left in (("rehearsed", cloud_rows - local_rows), ("local", local_rows - cloud_rows)):
                lines += [f"{table}: only {where}: {_told(names, row)}" for row in list(left)[:3]]
    return lines


def _told(names: list[str], row: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))


def as_json(tables: dict[str, list[Row]], schemas: Path) -> str:
    """Tables as JSON: a list of rows each, all values as text."""
    return json.dumps(
        {
            table: [dict(zip(columns(schemas / f"{table}.json"), row, strict=True)) for row in rows]
            for table, rows in tables.items()
        },
        default=str,
        indent=1,
    )
