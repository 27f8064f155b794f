"""The catalog's views in a DuckDB file, translated from BigQuery's SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache

import duckdb

from sales_job.tables.view_catalog import View, views
from sales_job.warehouse import duckdb_division
from sales_job.warehouse.duckdb_tables import DUCKDB_TYPES

EXISTING = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"


def update(connection: duckdb.DuckDBPyConnection, tables_changed: bool) -> None:
    """Makes the views that are missing or have another query, and removes those that are declared no more.

    Args:
        tables_changed: whether a table has got other columns; DuckDB refuses views that were made before.
    """
    existing = dict(connection.execute(EXISTING).fetchall())
    declared = {view.name: _hash(view) for view in views()}
    for name in existing.keys() - declared.keys():
        connection.execute(f'DROP VIEW "{name}"')
    outdated = [view for view in views() if tables_changed or existing.get(view.name) != declared[view.name]]
    if not outdated:
        return
    duckdb_division.define_for_readers(connection)
    for view in outdated:
        connection.execute(f"CREATE OR REPLACE VIEW {view.name} AS {translated(view)}")
        connection.execute(f"COMMENT ON VIEW {view.name} IS '{declared[view.name]}'")


def translate_all() -> None:
    """Translates every view ahead, for a warehouse that has none yet: it takes half a second."""
    for view in views():
        translated(view)


def _hash(view: View) -> str:
    return hashlib.sha256(view.sql.encode()).hexdigest()


def translated(view: View) -> str:
    """A view's query in DuckDB's SQL; its columns have the declared types, which DuckDB would choose otherwise."""
    return translate(view.query(), view.types)


def translate(query: str, types: Mapping[str, str] | None = None) -> str:
    """A query of BigQuery's SQL in DuckDB's.

    Args:
        types: the columns of the result, and their types by BigQuery's names; without them as DuckDB has them.
    """
    sql = _in_duckdb(query)
    if types is None:
        return sql
    columns = ", ".join(f"CAST({name} AS {DUCKDB_TYPES[kind]}) AS {name}" for name, kind in types.items())
    return f"SELECT {columns} FROM ({sql})"


@cache
def _in_duckdb(query: str) -> str:
    # Imported where a view is made: most runs make none.
    import sqlglot
    from sqlglot import expressions

    def exact(node: expressions.Expression) -> expressions.Expression:
        # DuckDB divides decimals as floats.
        if not isinstance(node, expressions.SafeDivide):
            return node
        return expressions.Anonymous(this="safe_divide", expressions=[node.this, node.expression])

    return sqlglot.parse_one(query, read="bigquery").transform(exact).sql(dialect="duckdb", comments=False)
