"""The catalog's tables in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Collection

from sales_job.tables.catalog import Table
from sales_job.tables.changes import ColumnForm, TableChange

DUCKDB_TYPES = {
    "STRING": "VARCHAR",
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
}

EXISTING_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
    "WHERE database_name = current_database() AND schema_name = 'main'"
)
"""Rows for :func:`existing_columns`."""


def existing_columns(rows: list[tuple[str, str, str, bool]]) -> dict[str, dict[str, ColumnForm]]:
    """The columns of every table in a file."""
    tables: dict[str, dict[str, ColumnForm]] = {}
    for table, column, kind, nullable in rows:
        tables.setdefault(table, {})[column] = ColumnForm(kind, nullable)
    return tables


def statements(change: TableChange) -> list[str]:
    """The statements that make a table as it is declared."""
    table = change.table
    if not change.exists:
        columns = [
            f'"{column.name}" {DUCKDB_TYPES[column.type]}{"" if column.nullable else " NOT NULL"}'
            for column in table.columns
        ]
        drop = [f"DROP TABLE IF EXISTS {table.replaces}"] if table.replaces else []
        return [*drop, f"CREATE TABLE {table.name} ({', '.join(columns)})"]
    return [
        *[f'ALTER TABLE {table.name} ADD COLUMN "{c.name}" {DUCKDB_TYPES[c.type]}' for c in change.added],
        *[f'ALTER TABLE {table.name} ALTER COLUMN "{c.name}" DROP NOT NULL' for c in change.relaxed],
        *[f'ALTER TABLE {table.name} ALTER COLUMN "{c.name}" TYPE {DUCKDB_TYPES[c.type]}' for c in change.widened],
        *[f'UPDATE {table.name} SET "{c.name}" = {c.fill} WHERE "{c.name}" IS NULL' for c in change.filled],
    ]


def column_types(table: Table) -> dict[str, str]:
    """The types of a table's columns, by name."""
    return {column.name: DUCKDB_TYPES[column.type] for column in table.columns}


def create_staged_table(table: Table) -> str:
    """The statement that makes a staged table, which goes with the connection."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in column_types(table).items())
    return f"CREATE TEMPORARY TABLE staged_{table.name} ({columns})"


def create_staged_view(table: Table, source: str, written: Collection[str]) -> str:
    """The statement that makes a view of staged rows in files, which goes with the connection; columns that are not
    ``written`` are NULL.
    """
    values = {name: f'"{name}"' if name in written else "NULL" for name in column_types(table)}
    columns = ", ".join(f'CAST({values[name]} AS {kind}) AS "{name}"' for name, kind in column_types(table).items())
    return f"CREATE TEMPORARY VIEW staged_{table.name} AS SELECT {columns} FROM {source}"
