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
        return value.normalize()
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return value


def columns(schema: Path) -> list[str]:
    """The compared columns of a table."""
    return [field["name"] for field in json.loads(schema.read_text()) if field["name"] not in OF_THE_RUN]


def differences(dataset: str, client: bigquery.Client, warehouse: Path, schemas: Path) -> tuple[dict[str, int], list[str]]:
    """Compares all tables.

    Args:
        dataset: ``project.dataset`` of the rehearsed run.
        warehouse: the DuckDB file of the local run.
        schemas: the folder of the tables' schemas.

    Returns:
        Rows by table, and one line a difference (the first few of each table).
    """
    rows, lines = {}, []
    with duckdb.connect(str(warehouse), read_only=True) as local:
        for table in TABLES:
            names = columns(schemas / f"{table}.json")
            here = local.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            there = client.list_rows(client.get_table(f"{dataset}.{table}"))
            local_rows = Counter(tuple(map(_plain, row)) for row in here)
            cloud_rows = Counter(tuple(_plain(row[name]) for name in names) for row in there)
            rows[table] = cloud_rows.total()
            only = [("rehearsed", cloud_rows - local_rows), ("local", local_rows - cloud_rows)]
            for where, left in only:
                lines += [f"{table}: only {where}: {_told(names, row)}" for row in list(left)[:3]]
    return rows, lines


def _told(names: list[str], row: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
