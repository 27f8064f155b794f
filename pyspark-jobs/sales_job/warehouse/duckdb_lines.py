"""Reads the lines of a run for DuckDB from the line store's files: Spark would read and write each once more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import duckdb

from sales_job.lines import doubtful_customers, figures
from sales_job.lines.customer_key import CustomerKey
from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.publication.sql_naming import SqlNaming

DAY = "CAST(regexp_extract(filename, 'transaction_date=([0-9-]+)/[^/]+/[^/]+$', 1) AS DATE)"
"""The day of a file of the line store: DuckDB's own way would make columns of folders above, too."""

LINES, KEYS = "good_lines", "customer_keys"
"""A view and a table that go with the connection."""

SALES_LINES = figures.sales_lines_query(f"{LINES} LEFT JOIN {KEYS} USING (customer_id)", "customer_key")
"""The query of the staged table ``sales_lines``."""


def literal(path: Path) -> str:
    """A path in SQL, where DuckDB expects a pattern: in brackets, a sign of a pattern stands for itself."""
    return "'" + re.sub(r"([*?\[])", r"[\1]", str(path).replace("'", "''")) + "'"


def read(connection: duckdb.DuckDBPyConnection, files: Iterable[Path], several_rows: bool, key: CustomerKey) -> None:
    """Makes :data:`LINES` of some Parquet files, and :data:`KEYS`, the key of each of their customers."""
    listed = ", ".join(map(literal, files))
    rows = f"read_parquet([{listed}], filename = true, hive_partitioning = false)"
    stored = f"(SELECT *, {DAY} AS transaction_date FROM {rows}) stored"
    connection.execute(f"CREATE TEMPORARY VIEW {LINES} AS {figures.lines_query(stored, several_rows)}")
    # Each id once: a hash takes longer than to look it up.
    ids = f"(SELECT DISTINCT customer_id FROM {LINES} WHERE customer_id IS NOT NULL) ids"
    keyed = "sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode(customer_id))))"
    inner, outer = key.blocks
    connection.execute(
        f"CREATE TEMPORARY TABLE {KEYS} AS SELECT customer_id, {keyed} AS customer_key FROM {ids}",
        {"inner": inner, "outer": outer},
    )


def doubtful(connection: duckdb.DuckDBPyConnection, naming: SqlNaming) -> DoubtfulCustomers:
    """What is remarkable about the ids of the lines' customers."""
    row = connection.execute(doubtful_customers.query(LINES, naming.folded)).fetchone()
    assert row is not None  # an aggregate without GROUP BY always has a row
    return DoubtfulCustomers.of_row(row)
