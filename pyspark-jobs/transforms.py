"""From classified lines to the figures of the tables. Pure DataFrame -> DataFrame functions.

Two kinds of rows travel here. A *delivery* is a good line as one arrival brought it, once an arrival; this is what
``processed/`` keeps. A *line* is what counts: deliveries that are equal in all seven values are one line, which
belongs to the earliest arrival that brings it.

The figures of the touched days are computed whole. Figures over all time are kept up to date by difference: what the
touched days amount to now, less what they amounted to when they were last published. ``is_now`` and ``was_before``
say to which of the two a row belongs.

Rows are shuffled once, by day and ``bucket``; every grouping below names both, so that Spark finds equal rows
together already.
"""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from rules import SALES_COLUMNS

LINE = list(SALES_COLUMNS)
MONEY = "decimal(38,9)"
"""BigQuery's NUMERIC: what every money column is stored as."""

COST = "decimal(20,6)"


def merge_deliveries(classified: DataFrame, stored: DataFrame, taken: Collection[str], buckets: int) -> DataFrame:
    """Puts what this run brought beside what the touched days held.

    Args:
        classified: lines of this run's arrivals, with ``arrival`` and ``reason``.
        stored: deliveries of the touched days as last published, with the ``unit_cost`` of then.
        taken: the arrivals that this run takes; what they brought before is replaced.
        buckets: into how many parts the stores of one day are spread; 1 but for very large days.

    Returns:
        Deliveries: a line's columns, ``arrival``, ``bucket``, ``is_now``, ``was_before``, ``is_taken`` (this run
            takes the arrival) and ``old_cost`` (the unit cost by which the delivery was last published).
    """
    fresh = classified.where(F.col("reason").isNull()).select(
        *LINE,
        "arrival",
        F.lit(True).alias("is_now"),
        F.lit(False).alias("was_before"),
        F.lit(True).alias("is_taken"),
        F.lit(None).cast(COST).alias("old_cost"),
    )
    is_taken = F.col("arrival").isin(list(taken))
    before = stored.select(
        *LINE,
        "arrival",
        (~is_taken).alias("is_now"),
        F.lit(True).alias("was_before"),
        is_taken.alias("is_taken"),
        F.col("unit_cost").alias("old_cost"),
    )
    return (
        fresh.unionByName(before)
        .withColumn("bucket", F.pmod(F.hash("store_id"), F.lit(buckets)))
        .repartition("transaction_date", "bucket")
        .groupBy(*LINE, "arrival", "bucket")
        .agg(*[F.max(name).alias(name) for name in ("is_now", "was_before", "is_taken", "old_cost")])
    )


def with_costs(merged: DataFrame, products: DataFrame) -> DataFrame:
    """Adds ``unit_cost``, the product's cost at this run (NULL if not known), and ``product_known``."""
    reference = products.select(
        "product_id", F.col("cost_price").cast(COST).alias("unit_cost"), F.lit(True).alias("product_known")
    )
    joined = merged.join(F.broadcast(reference), "product_id", "left")
    return joined.withColumn("product_known", F.col("product_known").isNotNull())


def lines(merged: DataFrame) -> DataFrame:
    """Deliveries that are equal in all seven values become one line, owned by the earliest arrival that brings it now.

    Adds ``amount``, ``profit`` and ``old_profit`` (0 where no cost is known); ``is_loaded`` says that this run takes
    the owner.
    """
    # Days as numbers, the flat files before all of them, and in the lowest bit whether this run does not take the
    # arrival: the smallest of these is the owner. A minimum of numbers stays in a hash aggregation, one of texts
    # would sort.
    day = F.coalesce(F.datediff(F.col("arrival").cast("date"), F.lit("1970-01-01").cast("date")), F.lit(-1_000_000))
    rank = F.when(F.col("is_now"), day * 2 + (~F.col("is_taken")).cast("int"))
    # Costs are equal for all deliveries of a day and product: one run wrote them.
    largest = ("is_now", "was_before", "old_cost", "unit_cost", "product_known")
    merged_lines = (
        merged.withColumn("rank", rank)
        .groupBy(*LINE, "bucket")
        .agg(*[F.max(name).alias(name) for name in largest], F.min("rank").alias("rank"))
    )
    return merged_lines.select(
        *LINE,
        "bucket",
        "is_now",
        "was_before",
        "product_known",
        F.coalesce(F.expr("rank & 1") == 0, F.lit(False)).alias("is_loaded"),
        (F.col("quantity") * F.col("unit_price")).cast("decimal(38,6)").alias("amount"),
        _profit(F.col("unit_cost")).alias("profit"),
        _profit(F.col("old_cost")).alias("old_profit"),
    )


def _profit(cost: Column) -> Column:
    profit = F.col("quantity").cast("decimal(15,0)") * (F.col("unit_price") - cost)
    return F.coalesce(profit.cast("decimal(38,6)"), F.lit(0).cast("decimal(38,6)"))


def daily_figures(lines: DataFrame) -> DataFrame:
    """One row a (transaction_date, store_id) of the touched days.

    Beside the table's figures: ``loaded_lines`` of this run, and ``unmatched_lines`` of them without a product row.
    """
    loaded = F.col("is_loaded").cast("bigint")
    return (
        lines.where("is_now")
        .groupBy("transaction_date", "store_id", "bucket")
        .agg(
            F.sum("amount").cast(MONEY).alias("daily_revenue"),
            F.sum("quantity").alias("daily_quantity"),
            F.size(F.collect_set("transaction_id")).cast("bigint").alias("daily_transactions"),
            # collect_set leaves NULLs out: guests are not customers.
            F.size(F.collect_set("customer_id")).cast("bigint").alias("unique_customers"),
            F.sum("profit").cast(MONEY).alias("gross_profit"),
            F.sum(loaded).alias("loaded_lines"),
            F.sum(F.when(F.col("product_known"), 0).otherwise(loaded)).alias("unmatched_lines"),
        )
        .drop("bucket")
    )


def store_product_changes(lines: DataFrame) -> DataFrame:
    """By how much the totals of each (store_id, product_id) change; rows without a change are left out.

    ``line_count`` lines, ``quantity`` pieces, ``revenue`` and ``gross_profit`` in money, ``unit_price_total`` the sum
    of the lines' prices.
    """
    sign = F.col("is_now").cast("int") - F.col("was_before").cast("int")
    profit = F.when(F.col("is_now"), F.col("profit")).otherwise(0) - F.when(
        F.col("was_before"), F.col("old_profit")
    ).otherwise(0)
    changes = lines.groupBy("store_id", "product_id").agg(
        F.sum(sign).cast("bigint").alias("line_count"),
        F.sum(sign * F.col("quantity")).cast("bigint").alias("quantity"),
        F.sum(sign * F.col("amount")).cast(MONEY).alias("revenue"),
        F.sum(profit).cast(MONEY).alias("gross_profit"),
        F.sum(sign * F.col("unit_price")).cast(MONEY).alias("unit_price_total"),
    )
    return changes.where(
        "line_count <> 0 or quantity <> 0 or revenue <> 0 or gross_profit <> 0 or unit_price_total <> 0"
    )


def store_customer_changes(lines: DataFrame) -> DataFrame:
    """On how many days more (or fewer) each customer bought in each store; rows without a change are left out."""
    days = (
        lines.where(F.col("customer_id").isNotNull())
        .groupBy("transaction_date", "bucket", "store_id", "customer_id")
        .agg((F.max("is_now").cast("bigint") - F.max("was_before").cast("bigint")).alias("days"))
        .where("days <> 0")
    )
    return days.groupBy("store_id", "customer_id").agg(F.sum("days").alias("days")).where("days <> 0")


def quarantined(classified: DataFrame, run_id: str) -> DataFrame:
    """The bad lines with their texts as they came, why, and where from."""
    # Spark's URI of a file has its special characters escaped.
    path = F.expr("reflect('java.net.URLDecoder', 'decode', replace(source, '+', '%2B'), 'UTF-8')")
    return classified.where(F.col("reason").isNotNull()).select(
        "raw.*",
        "reason",
        F.concat(F.lit("sales_data/"), F.substring_index(path, "/sales_data/", -1)).alias("source_file"),
        F.lit(run_id).alias("run_id"),
        F.current_timestamp().alias("quarantined_at"),
        "arrival",
    )
