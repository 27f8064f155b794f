"""The warehouse's tables: one schema source (``schemas/*.json``, BigQuery's format) for the stack, the job and the
local warehouse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

SCHEMAS = resources.files(__package__) / "schemas"

PUBLISHED = (
    "daily_sales_summary",
    "product_performance",
    "store_performance",
    "quarantined_sales",
    "etl_runs",
    "quality_checks",
)
"""What readers use; in the cloud these are made by the stack."""

STATE = ("store_products", "store_customers", "arrival_dates", "line_versions")
"""What the job keeps for itself so that a day costs a day."""

STAGED = {
    "daily_figures": (
        "transaction_date DATE",
        "store_id STRING",
        "daily_revenue NUMERIC",
        "daily_quantity INT64",
        "daily_transactions INT64",
        "gross_profit NUMERIC",
        "loaded_lines INT64",
        "unmatched_lines INT64",
    ),
    "daily_customers": (
        "transaction_date DATE",
        "store_id STRING",
        "unique_customers INT64",
    ),
    "store_products": (
        "store_id STRING",
        "product_id STRING",
        "line_count INT64",
        "quantity INT64",
        "revenue NUMERIC",
        "gross_profit NUMERIC",
        "unit_price_total NUMERIC",
    ),
    "store_customers": (
        "store_id STRING",
        "customer_id STRING",
        "line_count INT64",
    ),
    "quarantined_sales": (
        "transaction_id STRING",
        "product_id STRING",
        "store_id STRING",
        "quantity STRING",
        "unit_price STRING",
        "transaction_date STRING",
        "customer_id STRING",
        "reason STRING",
        "source_file STRING",
        "run_id STRING",
        "quarantined_at TIMESTAMP",
        "arrival STRING",
    ),
    "products": (
        "product_id STRING",
        "product_name STRING",
        "category STRING",
    ),
    "stores": (
        "store_id STRING",
        "store_name STRING",
        "store_location STRING",
    ),
    "taken_arrivals": ("arrival STRING",),
    "arrival_dates": (
        "arrival STRING",
        "transaction_date DATE",
    ),
    "line_versions": (
        "transaction_date DATE",
        "version STRING",
    ),
}
"""What a run brings before it publishes: its columns, in the SQL that DuckDB and BigQuery share."""

DUCKDB_TYPES = {
    "STRING": "VARCHAR",
    "INTEGER": "BIGINT",
    "INT64": "BIGINT",
    "FLOAT": "DOUBLE",
    "NUMERIC": "DECIMAL(38, 9)",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
}


@dataclass(frozen=True)
class Column:
    """A column: BigQuery's type name, and whether it may be NULL."""

    name: str
    type: str
    nullable: bool


def schema(table: str) -> list[dict[str, str]]:
    """A table's fields as BigQuery's API writes them."""
    path = (SCHEMAS / "state" if table in STATE else SCHEMAS) / f"{table}.json"
    fields: list[dict[str, str]] = json.loads(path.read_text())
    return fields


def columns(table: str) -> list[Column]:
    """The columns of a table, in order."""
    return [Column(f["name"], f["type"], f["mode"] != "REQUIRED") for f in schema(table)]


def duckdb_ddl(table: str) -> str:
    """The CREATE TABLE statement of a table for DuckDB."""
    parts = [f'"{c.name}" {DUCKDB_TYPES[c.type]}{"" if c.nullable else " NOT NULL"}' for c in columns(table)]
    return f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(parts)})"


def duckdb_columns(staged: str) -> dict[str, str]:
    """The columns of a staging table with DuckDB's types."""
    pairs = (column.split(" ") for column in STAGED[staged])
    return {name: DUCKDB_TYPES.get(kind, kind) for name, kind in pairs}
