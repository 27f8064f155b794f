"""Compares two warehouses row by row: the rehearsed dataset and the DuckDB file of a local run.

Every published table and view of the catalog is compared. The rehearsed dataset was filled day by day and the local
file in one run, so tables about runs are compared in another form: ``etl_runs`` as sums of counts, ``quality_checks``
as the checks and their verdicts. Not compared are the columns in :data:`NOT_COMPARED`
and the tables in :data:`OTHER_MODELS`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from sales_job.tables import catalog
from sales_job.tables.catalog import Table
from sales_job.tables.view_catalog import View, views

COSTS = {"bytes_billed", "slot_seconds", "worker_seconds", "cost_usd"}
"""Columns of ``etl_runs`` that are empty where nobody bills a run."""

NOT_COMPARED = {
    "quarantined_sales": {"run_id", "quarantined_at"},
    "etl_runs": {"run_id", "status", "started_at", "finished_at", "start_date", "end_date", "seconds", *COSTS},
    "quality_checks": {"run_id", "checked_at", "value", "expected"},
}
"""Columns that differ between runs by their meaning: ids, times, days of a run, and figures of its own lines."""

OTHER_MODELS = ("revenue_forecast", "forecast_accuracy")
"""Tables that each warehouse fills by forecasting of its own."""

if TYPE_CHECKING:
    from google.cloud import bigquery

Row = tuple[Any, ...]


def _plain(value: Any) -> Any:
    """A value without what clients add: time zones and trailing zeros."""
    if isinstance(value, Decimal):
        return Decimal(f"{value:f}".rstrip("0").rstrip(".")) if "." in f"{value:f}" else value
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return value


def _sums(rows: list[Row]) -> list[Row]:
    return [tuple(sum(column) for column in zip(*rows, strict=True))]


def _distinct(rows: list[Row]) -> list[Row]:
    return list(set(rows))


SUMMARIES: dict[str, Callable[[list[Row]], list[Row]]] = {"etl_runs": _sums, "quality_checks": _distinct}
"""What is compared instead of the rows of a table."""


def columns(table: Table) -> list[str]:
    """Names of the compared columns."""
    return [column.name for column in table.columns if column.name not in NOT_COMPARED.get(table.name, ())]


def compared() -> dict[str, list[str]]:
    """The compared columns of every published table and view, by its name."""
    tables = [table for table in catalog.published() if table.name not in OTHER_MODELS]
    return {table.name: columns(table) for table in tables} | {v.name: list(v.types) for v in views() if not _alone(v)}


def _alone(view: View) -> bool:
    """Whether a view is of messages alone: it is in another dataset, and a rehearsal has none."""
    return set(view.sources) <= {table.name for table in catalog.streamed()}


def view_query(view: View, dataset: str) -> str:
    """The query of a view's rows."""
    # The emulator truncates dates to times; in BigQuery the casts change nothing.
    listed = [f"CAST({name} AS DATE) AS {name}" if kind == "DATE" else name for name, kind in view.types.items()]
    return f"SELECT {', '.join(listed)} FROM `{dataset}.{view.name}`"


def rehearsed(dataset: str, client: bigquery.Client) -> dict[str, list[Row]]:
    """The compared columns of all published tables and views in ``project.dataset``."""
    queries = {view.name: view_query(view, dataset) for view in views()}
    tables = {}
    for name, listed in compared().items():
        # A table that requires a filter can be listed, but not queried without one; a view can only be queried.
        query = queries.get(name)
        rows = client.query(query) if query else client.list_rows(client.get_table(f"{dataset}.{name}"))
        tables[name] = [tuple(_plain(row[column]) for column in listed) for row in rows]
    return tables


def own_tables(dataset: str, client: bigquery.Client) -> dict[str, list[str]]:
    """The rows, as texts, of the tables that the job keeps for itself, staged ones too if a run left any."""
    found = [table.table_id for table in client.list_tables(dataset) if table.table_type == "TABLE"]
    own = [name for name in found if name not in {table.name for table in catalog.published()}]
    return {name: [str(row.values()) for row in client.list_rows(f"{dataset}.{name}")] for name in own}


def differences(tables: dict[str, list[Row]], warehouse: Path) -> list[str]:
    """Rows that only one of ``tables`` and a DuckDB file has: one line each, the first three of each table."""
    lines = []
    with duckdb.connect(str(warehouse), read_only=True) as database:
        for table, names in compared().items():
            summary = SUMMARIES.get(table, list)
            listed = ", ".join(f'"{name}"' for name in names)
            found = database.execute(f"SELECT {listed} FROM {table}").fetchall()
            cloud = Counter(summary(tables[table]))
            local = Counter(summary([tuple(map(_plain, row)) for row in found]))
            for where, left in (("rehearsed", cloud - local), ("local", local - cloud)):
                lines += [f"{table}: only {where}: {_described(names, row)}" for row in list(left)[:3]]
    return lines


def _described(names: list[str], row: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))


def as_json(tables: dict[str, list[Row]]) -> str:
    """Tables as JSON: a list of rows each, values as text where JSON has no type for them."""
    named = {
        table: [dict(zip(names, row, strict=True)) for row in tables[table]] for table, names in compared().items()
    }
    return json.dumps(named, default=str, indent=1)
