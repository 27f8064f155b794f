"""From lines to the figures of the tables. Pure DataFrame -> DataFrame functions.

Figures of touched days are computed whole. All-time figures change by the figures of the touched days' lines as they
are now, less those of the same days' lines as published last.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sales_job.lines.customer_key import keyed
from sales_job.lines.merge_lines import KEY, is_sale, of_sales
from sales_job.lines.money import Bounds, totals

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


def daily_figures(lines: DataFrame, bounds: Bounds) -> DataFrame:
    """One row a (transaction_date, store_id); transactions are counted over sale lines.

    Includes, for the run's own counts, ``loaded_lines`` and how many of them have no product row, ``unmatched_lines``.
    """
    loaded = F.col("is_loaded").cast("bigint")
    total = totals(bounds)
    return lines.groupBy("transaction_date", "store_id").agg(
        total["revenue"].alias("daily_revenue"),
        total["quantity"].alias("daily_quantity"),
        F.countDistinct(of_sales("transaction_id")).alias("daily_transactions"),
        total["gross_profit"].alias("gross_profit"),
        total["returned_quantity"].alias("returned_quantity"),
        total["returned_revenue"].alias("returned_revenue"),
        F.sum(loaded).alias("loaded_lines"),
        F.sum(F.when(F.col("product_known"), 0).otherwise(loaded)).alias("unmatched_lines"),
        F.sum(F.col("is_late").cast("bigint")).alias("late_lines"),
    )


def sales_lines(lines: DataFrame) -> DataFrame:
    """The lines with their customers' keys (:mod:`customer_key`); the warehouse makes decimals of the whole numbers."""
    return lines.select(
        *[name for name in KEY if name != "customer_id"],
        keyed(F.col("customer_id")).alias("customer_key"),
        "cost_whole",
        "cost_millionths",
    )


def changes(now: DataFrame, before: DataFrame) -> DataFrame:
    """Lines to add to the all-time figures, with ``sign`` 1, and lines to subtract from them, with ``sign`` -1."""
    return now.withColumn("sign", F.lit(1).cast("bigint")).unionByName(
        before.withColumn("sign", F.lit(-1).cast("bigint"))
    )


def store_product_changes(changes: DataFrame, bounds: Bounds) -> DataFrame:
    """Changes of the totals of each (store_id, product_id): ``line_count`` lines, ``sale_line_count`` of them sale
    lines, ``quantity``, ``revenue``, ``gross_profit``, what of it was returned, and ``unit_price_total``, the sum of
    the sale lines' prices. Only rows with a change.
    """
    total = totals(bounds, F.col("sign"))
    figures = changes.groupBy("store_id", "product_id").agg(
        F.sum("sign").alias("line_count"),
        total["quantity"].alias("quantity"),
        total["revenue"].alias("revenue"),
        total["gross_profit"].alias("gross_profit"),
        total["unit_price"].alias("unit_price_total"),
        F.sum(F.when(is_sale(), F.col("sign")).otherwise(0)).alias("sale_line_count"),
        total["returned_quantity"].alias("returned_quantity"),
        total["returned_revenue"].alias("returned_revenue"),
    )
    return figures.where(" or ".join(f"{name} <> 0" for name in figures.columns[2:]))
