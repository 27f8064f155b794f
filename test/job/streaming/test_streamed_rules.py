"""The rules of a message are those of a line of a file: the view and the job read the same from each text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from odd_lines import Texts, corpus
from pyspark.sql import SparkSession

from sales_job.base.sales_columns import READ_COLUMNS
from sales_job.lines.rules import classify
from sales_job.tables.view_catalog import views
from sales_job.warehouse import duckdb_views
from sales_job.warehouse.duckdb import DuckDbWarehouse


def by_the_job(spark: SparkSession, lines: list[Texts]) -> list[tuple[Any, ...]]:
    schema = ", ".join(f"{name} string" for name in ("message_id", *READ_COLUMNS))
    numbered = [(str(number), *line) for number, line in enumerate(lines)]
    # A line with a line break in a text comes from a doubtful file always.
    rows = spark.createDataFrame(numbered, schema).selectExpr("*", "FALSE AS surplus", "'file' AS doubtful_file")
    found = {int(row.message_id): row for row in classify(rows).collect()}
    return [
        (
            row.transaction_id,
            row.product_id,
            row.store_id,
            row.customer_id,
            row.line_number,
            row.quantity_units,
            row.price_units,
            row.transaction_date,
            row.reason,
        )
        for row in (found[number] for number in range(len(lines)))
    ]


def by_the_view(folder: Path, lines: list[Texts]) -> list[tuple[Any, ...]]:
    warehouse = DuckDbWarehouse(folder)
    warehouse.prepare(warehouse.changes())
    quarantine = next(view for view in views() if view.name == "streamed_quarantine")
    fragment = quarantine.query().split("JOIN (", 1)[1].rsplit(") AS lines", 1)[0]
    types = {name: "STRING" for name in ("transaction_id", "product_id", "store_id", "customer_id", "line_number")}
    types |= {"quantity": "NUMERIC", "unit_price": "NUMERIC", "transaction_date": "DATE", "reason": "STRING"}
    query = duckdb_views.translate(fragment, {"message_id": "INTEGER", **types})
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        names = ", ".join(("message_id", *READ_COLUMNS))
        connection.executemany(
            f"INSERT INTO streamed_sales ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(str(number), *line) for number, line in enumerate(lines)],
        )
        rows = connection.execute(f"SELECT * EXCLUDE message_id FROM ({query}) ORDER BY message_id").fetchall()
    return [
        (
            *row[:5],
            None if row[5] is None else int(row[5] * 1000),
            None if row[6] is None else int(row[6] * 10_000),
            *row[7:],
        )
        for row in rows
    ]


def test_a_message_is_read_as_a_line_of_a_file(spark: SparkSession, tmp_path: Path) -> None:
    lines = corpus()
    job, view = by_the_job(spark, lines), by_the_view(tmp_path, lines)
    assert [(line, one, other) for line, one, other in zip(lines, job, view, strict=True) if one != other] == []
    # Both kinds are there, and every rule is broken.
    reasons = [row[-1] for row in job]
    assert reasons.count(None) > 150
    assert len(set(reasons)) > 60
