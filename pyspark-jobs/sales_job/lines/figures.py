"""From lines to the figures of the tables. Pure DataFrame -> DataFrame functions.

Those of touched days are computed whole; those over all time change by the figures of the touched days as they are now
less those of the same days as they were published last.

Money is added up as whole numbers: ten-thousandths of a price, millionths of a cost, 64 bits wide where the sums
provably fit (:class:`transforms.Bounds`), as decimals of 38 digits where they might not.
"""

from __future__ import annotations

from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sales_job.lines.merge_lines import KEY, MILLION, Bounds

MONEY = "decimal(38,9)"
"""BigQuery's NUMERIC: what every money column is stored as."""


def lines(rows: DataFrame, bounds: Bounds) -> DataFrame:
    """Rows of good lines, each line once, with what is added up.

    ``revenue`` in ten-thousandths; ``known_revenue`` and ``cost`` of products with a cost; ``is_loaded`` says that
    the run takes the owner.
    """
    if bounds.split:
        # One run wrote the rows of a day: their costs are the same.
        same = ("cost_whole", "cost_millionths", "product_known")
        rows = rows.groupBy(*KEY).agg(F.min("owner").alias("owner"), *[F.max(name).alias(name) for name in same])
    whole = "bigint" if bounds.narrow else "decimal(18,0)"
    quantity, price, cost_whole = [F.col(name).cast(whole) for name in ("quantity", "price_units", "cost_whole")]
    revenue = quantity * price
    cost = quantity * (cost_whole * MILLION + F.col("cost_millionths"))
    nothing = F.lit(0).cast("bigint" if bounds.narrow else "decimal(37,0)")
    return rows.select(
        *[name for name in KEY if name != "quantity"],
        quantity.alias("quantity"),
        revenue.alias("revenue"),
        F.when(F.col("cost_whole").isNotNull(), revenue).otherwise(nothing).alias("known_revenue"),
        F.coalesce(cost, nothing).alias("cost"),
        F.col("product_known"),
        (F.col("owner").bitwiseAND(1) == 0).alias("is_loaded"),
    )


def _money(units: Column, unit: str) -> Column:
    fits = (units.cast("decimal(38,0)") * F.lit(Decimal(unit))).cast(MONEY)
    return F.coalesce(fits, _refuse("a sum of money has more than 29 digits before the point"))


def _pieces(name: str) -> Column:
    fits = F.col(name) <= 2**63 - 1
    return F.when(fits, F.col(name).cast("bigint")).otherwise(_refuse("a sum of quantities does not fit 64 bits"))


def _refuse(what: str) -> Column:
    # A sum that does not fit would be NULL, or come out negative.
    return F.raise_error(F.lit(f"{what}, which no table holds: look for lines with absurd quantities or prices"))


def _revenue(name: str) -> Column:
    return _money(F.col(name), "0.0001")


def _profit() -> Column:
    return (_money(F.col("known_revenue"), "0.0001") - _money(F.col("cost"), "0.000001")).cast(MONEY)


def daily_figures(lines: DataFrame) -> DataFrame:
    """One row a (transaction_date, store_id).

    Beside the table's figures: ``loaded_lines`` of this run, and ``unmatched_lines`` of them without a product row.
    """
    loaded = F.col("is_loaded").cast("bigint")
    sums = lines.groupBy("transaction_date", "store_id").agg(
        *[F.sum(name).alias(name) for name in ("revenue", "known_revenue", "cost", "quantity")],
        F.countDistinct("transaction_id").alias("daily_transactions"),
        F.sum(loaded).alias("loaded_lines"),
        F.sum(F.when(F.col("product_known"), 0).otherwise(loaded)).alias("unmatched_lines"),
    )
    return sums.select(
        "transaction_date",
        "store_id",
        _revenue("revenue").alias("daily_revenue"),
        _pieces("quantity").alias("daily_quantity"),
        "daily_transactions",
        _profit().alias("gross_profit"),
        "loaded_lines",
        "unmatched_lines",
    )


def daily_customers(lines: DataFrame) -> DataFrame:
    """How many customers bought on each day in each store; guests are none."""
    return lines.groupBy("transaction_date", "store_id").agg(F.countDistinct("customer_id").alias("unique_customers"))


def changes(now: DataFrame, before: DataFrame) -> DataFrame:
    """Lines that count for the all-time figures, with ``sign`` 1, and those that count no more, with -1."""
    return now.withColumn("sign", F.lit(1).cast("bigint")).unionByName(
        before.withColumn("sign", F.lit(-1).cast("bigint"))
    )


def store_product_changes(changes: DataFrame) -> DataFrame:
    """By how much the totals of each (store_id, product_id) change; rows without a change are left out.

    ``line_count`` lines, ``quantity`` pieces, ``revenue`` and ``gross_profit`` in money, ``unit_price_total`` the sum
    of the lines' prices.
    """
    sums = changes.groupBy("store_id", "product_id").agg(
        F.sum("sign").alias("line_count"),
        *[
            F.sum(F.col("sign") * F.col(name)).alias(name)
            for name in ("quantity", "revenue", "known_revenue", "cost", "price_units")
        ],
    )
    figures = sums.select(
        "store_id",
        "product_id",
        "line_count",
        _pieces("quantity").alias("quantity"),
        _revenue("revenue").alias("revenue"),
        _profit().alias("gross_profit"),
        _revenue("price_units").alias("unit_price_total"),
    )
    return figures.where(
        "line_count <> 0 or quantity <> 0 or revenue <> 0 or gross_profit <> 0 or unit_price_total <> 0"
    )


def store_customer_changes(changes: DataFrame) -> DataFrame:
    """By how many lines what each customer bought in each store changes; rows without a change are left out."""
    bought = changes.where(F.col("customer_id").isNotNull()).groupBy("store_id", "customer_id")
    return bought.agg(F.sum("sign").alias("line_count")).where("line_count <> 0")
