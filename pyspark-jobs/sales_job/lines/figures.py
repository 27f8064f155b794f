"""From stored lines to those that the warehouse gets, which adds them up: SQL that Spark and DuckDB both understand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from sales_job.lines.customer_key import CustomerKey, keyed
from sales_job.lines.merge_lines import KEY

ON_TIME = 1
"""A line that arrives on its day or so many days later is on time; flat files always are."""

COSTS = ("cost_whole", "cost_millionths", "product_known")


@dataclass(frozen=True)
class StoredLines:
    """The good lines of a run as they are in the line store: ``rows`` for Spark, and the ``folders`` with them.

    ``several_rows``: whether a line may have several rows (:func:`merge_lines.has_lines_in_several_rows`).
    """

    rows: DataFrame
    folders: Sequence[str]
    several_rows: bool


def lines_query(rows: str, several_rows: bool) -> str:
    """A query of one row a good line: its values, its product's cost, ``is_loaded``, whether the run takes its first
    arrival, and ``is_late``, whether that is later than the day after its own.

    Args:
        rows: what follows FROM: good lines as stored.
        several_rows: as of :class:`StoredLines`.
    """
    values, costs = ", ".join(KEY), ", ".join(COSTS)
    if several_rows:
        # One run wrote all rows of a day: their costs are the same.
        same = ", ".join(f"MAX({name}) AS {name}" for name in COSTS)
        rows = f"(SELECT {values}, MIN(first_arrival) AS first_arrival, {same} FROM {rows} GROUP BY {values}) each_once"
    return (
        f"SELECT {values}, {costs}, NOT first_arrival.carried_over AS is_loaded, "
        f"first_arrival.day_offset > {ON_TIME} AS is_late FROM {rows}"
    )


def sales_lines_query(lines: str, customer_key: str) -> str:
    """A query of the staged table ``sales_lines``; the warehouse makes decimals of the whole numbers.

    Args:
        lines: what follows FROM: the rows of :func:`lines_query`.
        customer_key: the SQL of the key of a line's customer.
    """
    values = ", ".join(name for name in KEY if name != "customer_id")
    return f"SELECT {values}, {customer_key} AS customer_key, {', '.join(COSTS)}, is_loaded, is_late FROM {lines}"


def lines(rows: DataFrame, several_rows: bool) -> DataFrame:
    """The rows of :func:`lines_query`, by Spark."""
    return rows.sparkSession.sql(lines_query("{rows}", several_rows), rows=rows)


def sales_lines(lines: DataFrame, key: CustomerKey) -> DataFrame:
    """The rows of :func:`sales_lines_query`, by Spark."""
    key.open(lines.sparkSession)
    return lines.sparkSession.sql(sales_lines_query("{lines}", keyed("customer_id")), lines=lines)
