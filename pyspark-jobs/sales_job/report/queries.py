"""The queries of the report: BigQuery's SQL, one file each in ``queries/``, and the types of their columns.

Standard library only: Airflow runs them in BigQuery, and the local command translates them for DuckDB.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any

PLACE = re.compile(r"\$\{(\w+)\}")
"""How a query names a table, or a value that the caller fills in."""

TABLE = re.compile(r"`(\w+)`")
"""How a query names a table or view once it is filled in."""

SALES = {"revenue": "NUMERIC", "gross_profit": "NUMERIC", "returned_revenue": "NUMERIC"}

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "period": {"first_day": "DATE", "last_day": "DATE", "newest_day": "DATE", "stores": "INTEGER"},
    "sold_lines": {"transaction_date": "DATE", "lines": "INTEGER"},
    "extent": dict.fromkeys(("stores", "regions", "products", "categories"), "INTEGER"),
    "stores": {
        "store_id": "STRING",
        "store_name": "STRING",
        "store_location": "STRING",
        "store_type": "STRING",
        "region": "STRING",
        "store_size_sqft": "INTEGER",
    },
    "products": {"product_id": "STRING", "product_name": "STRING", "category": "STRING", "brand": "STRING"},
    "store_days": {"transaction_date": "DATE", "store_id": "STRING", "transactions": "INTEGER", **SALES},
    "today": {
        "transaction_date": "DATE",
        "store_id": "STRING",
        "transactions": "INTEGER",
        "customers": "INTEGER",
        "last_message": "STRING",
        **SALES,
    },
    "closed_days": {"transaction_date": "DATE"},
    "category_days": {
        "transaction_date": "DATE",
        "area": "STRING",
        "category": "STRING",
        "transactions": "INTEGER",
        **SALES,
    },
    "category_totals": {"transaction_date": "DATE", "category": "STRING", **SALES},
    "product_days": {
        "transaction_date": "DATE",
        "store_id": "STRING",
        "product_id": "STRING",
        "quantity": "NUMERIC",
        **SALES,
    },
    "product_spans": {
        "first_day": "DATE",
        "last_day": "DATE",
        "product_id": "STRING",
        "quantity": "NUMERIC",
        **SALES,
    },
    "customers": {
        "first_day": "DATE",
        "last_day": "DATE",
        "area": "STRING",
        "name": "STRING",
        "customers": "INTEGER",
    },
    "forecast": {
        "store_id": "STRING",
        "forecast_date": "DATE",
        "revenue": "NUMERIC",
        "lower": "NUMERIC",
        "upper": "NUMERIC",
        "trained_through": "DATE",
    },
    "accuracy": {
        "store_id": "STRING",
        "days": "INTEGER",
        "model_error": "NUMERIC",
        "naive_error": "NUMERIC",
        "coverage": "NUMERIC",
        "model": "STRING",
        "reason": "STRING",
    },
    "segments": {
        "segment": "STRING",
        "as_of": "DATE",
        "customers": "INTEGER",
        "transactions": "INTEGER",
        "revenue": "NUMERIC",
        "gross_profit": "NUMERIC",
    },
    "cohorts": {
        "cohort_month": "DATE",
        "months_since": "INTEGER",
        "cohort_customers": "INTEGER",
        "customers": "INTEGER",
        "revenue": "NUMERIC",
    },
    "signals": {"signal": "STRING", "products": "INTEGER", "with_stock": "INTEGER"},
    "inventory": {
        "list": "STRING",
        "product_id": "STRING",
        "product_name": "STRING",
        "pieces_per_day": "NUMERIC",
        "previous_pieces_per_day": "NUMERIC",
        "days_since_last_sale": "INTEGER",
        "stock_quantity": "NUMERIC",
        "days_of_cover": "NUMERIC",
    },
    "profiles": {
        "transaction_date": "DATE",
        "line_count": "INTEGER",
        "revenue": "NUMERIC",
        "guest_lines": "INTEGER",
        "late_lines": "INTEGER",
        "transactions_by_store": "STRING",
        "lines_by_category": "STRING",
    },
    "runs": {
        "run_id": "STRING",
        "status": "STRING",
        "started_at": "STRING",
        "finished_at": "STRING",
        "rows_read": "INTEGER",
        "rows_loaded": "INTEGER",
        "rows_duplicate": "INTEGER",
        "rows_quarantined": "INTEGER",
        "unmatched_products": "INTEGER",
        "unmatched_stores": "INTEGER",
        "files_passed_over": "INTEGER",
        "seconds": "FLOAT",
        "bytes_billed": "INTEGER",
        "slot_seconds": "FLOAT",
        "worker_seconds": "FLOAT",
        "cost_usd": "FLOAT",
    },
    "checks": {
        "run_id": "STRING",
        "checked_at": "STRING",
        "check_name": "STRING",
        "rule": "STRING",
        "severity": "STRING",
        "passed": "BOOLEAN",
        "value": "NUMERIC",
        "relation": "STRING",
        "expected": "NUMERIC",
        "latest": "BOOLEAN",
    },
    "reasons": {"reason": "STRING", "lines": "INTEGER"},
    "quarantined": {
        name: "STRING"
        for name in (
            "reason",
            "source_file",
            "transaction_id",
            "product_id",
            "store_id",
            "quantity",
            "unit_price",
            "transaction_date",
        )
    },
}


@dataclass(frozen=True)
class Query:
    """A query in BigQuery's SQL; its tables have no dataset: the default one holds them."""

    name: str
    sql: str
    types: Mapping[str, str]


Row = dict[str, Any]
Select = Callable[[Query], Iterable[Mapping[str, Any]]]
"""Runs a query and returns its rows by column name, with values as a client of the warehouse gives them."""


def query(name: str, **values: str | int) -> Query:
    """The query of a file, with values filled in; every other name in ``${}`` is a table's."""
    text = (resources.files("sales_job.report") / "queries" / f"{name}.sql").read_text("utf-8").strip()
    return Query(name, PLACE.sub(lambda match: str(values.get(match[1], match[1])), text), COLUMNS[name])


def rows(select: Select, asked: Query) -> list[Row]:
    """The rows of a query as plain Python values, whichever client read them."""
    readers = [(column, READERS[kind]) for column, kind in asked.types.items()]
    return [
        {column: None if row[column] is None else read(row[column]) for column, read in readers}
        for row in select(asked)
    ]


def _date(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else value == "true"


READERS: Mapping[str, Callable[[Any], Any]] = {
    "STRING": str,
    "INTEGER": int,
    "FLOAT": float,
    "NUMERIC": Decimal,
    "BOOLEAN": _boolean,
    "DATE": _date,
}
