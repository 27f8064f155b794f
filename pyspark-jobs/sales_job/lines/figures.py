"""From stored lines to those that the warehouse gets, which adds them up. Pure DataFrame -> DataFrame functions."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sales_job.lines.customer_key import keyed
from sales_job.lines.merge_lines import KEY

ON_TIME = 1
"""A line that arrives on its day or so many days later is on time; flat files always are."""

COSTS = ("cost_whole", "cost_millionths", "product_known")


def lines(rows: DataFrame, several_rows: bool) -> DataFrame:
    """One row a good line: its values, its product's cost, ``is_loaded``, whether the run takes its first arrival,
    and ``is_late``, whether that is later than the day after its own.

    Args:
        rows: good lines as stored.
        several_rows: whether a line may have several rows (:func:`merge_lines.has_lines_in_several_rows`).
    """
    if several_rows:
        # One run wrote all rows of a day: their costs are the same.
        first = F.min("first_arrival").alias("first_arrival")
        rows = rows.groupBy(*KEY).agg(first, *[F.max(name).alias(name) for name in COSTS])
    return rows.select(
        *KEY,
        *COSTS,
        (~F.col("first_arrival.carried_over")).alias("is_loaded"),
        (F.col("first_arrival.day_offset") > ON_TIME).alias("is_late"),
    )


def sales_lines(lines: DataFrame) -> DataFrame:
    """The lines with their customers' keys (:mod:`customer_key`); the warehouse makes decimals of the whole numbers."""
    return lines.select(
        *[name for name in KEY if name != "customer_id"],
        keyed(F.col("customer_id")).alias("customer_key"),
        *COSTS,
        "is_loaded",
        "is_late",
    )
