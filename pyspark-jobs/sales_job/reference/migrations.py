"""PostgreSQL tables that exist are brought to their declared columns: see :mod:`sales_job.tables.changes`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from sales_job.tables.changes import ColumnForm, compare_columns

EXISTING_COLUMNS = sa.text(
    "SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute "
    "WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped"
)


def prepare_table(connection: sa.Connection, table: sa.Table) -> None:
    """Creates a table, or adds the columns that it lacks.

    Raises:
        ConfigurationError: a column was removed, retyped or narrowed; the table is as it was.
    """
    rows = connection.execute(EXISTING_COLUMNS, {"table": table.name})
    existing = {name: ColumnForm(kind, nullable) for name, kind, nullable in rows}
    if not existing:
        table.create(connection, checkfirst=True)
        return
    declared = {column.name: ColumnForm(_type(column), bool(column.nullable)) for column in table.columns}
    added, relaxed, _ = compare_columns(table.name, existing, declared)
    changes = [f'ADD COLUMN IF NOT EXISTS "{name}" {declared[name].type}' for name in added]
    changes += [f'ALTER COLUMN "{name}" DROP NOT NULL' for name in relaxed]
    if changes:
        connection.execute(sa.text(f"ALTER TABLE {table.name} {', '.join(changes)}"))


def _type(column: sa.Column[object]) -> str:
    """A column's type as PostgreSQL's ``format_type`` writes it."""
    return str(column.type.compile(dialect=postgresql.dialect())).lower().replace(", ", ",")  # type: ignore[no-untyped-call]
