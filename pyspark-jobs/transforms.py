"""From classified lines to the figures of the tables. Pure DataFrame -> DataFrame functions.

A *line* is what counts: good rows that are equal in all seven values are one line, however often they were delivered.
``processed/`` keeps each line of a day once, with the set of arrivals that brought it (see arrivals.py), its product's
cost at the run, and which arrival owns it: the first.

The figures are a function of such lines. Those of touched days are computed whole; those over all time change by the
figures of the touched days as they are now less those of the same days as they were published last.

Money is added up as whole numbers: ten-thousandths of a price, millionths of a cost, 64 bits wide where the sums
provably fit (:class:`Bounds`), as decimals of 38 digits where they might not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import arrivals
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F
from rules import SALES_COLUMNS

KEY = ["transaction_id", "product_id", "store_id", "quantity", "price_units", "transaction_date", "customer_id"]
"""The seven values of a line, its price in ten-thousandths."""

LINES = {
    "transaction_id": "string",
    "product_id": "string",
    "store_id": "string",
    "quantity": "bigint",
    "price_units": "bigint",
    "customer_id": "string",
    "word": "int",
    "arrivals": "bigint",
    "owner": "int",
    "delivered": "bigint",
    "doubtful": "boolean",
    "cost_whole": "bigint",
    "cost_millionths": "bigint",
    "product_known": "boolean",
    "rejected": "array<string>",
    "transaction_date": "date",
}
"""What a run writes: columns and Spark's types.

``owner``: twice the first arrival's rank, and 1 where the run did not take that arrival itself. ``delivered``: how
often the run read the line. ``doubtful``: its file may be damaged. ``cost_whole`` and ``cost_millionths``: the
product's cost.
``rejected``: what :data:`REJECTED` names, of a bad line; such a row has no day, and nothing else but ``delivered``.
"""

REJECTED = (*SALES_COLUMNS, "reason", "source", "arrival")
"""A bad line's texts, why it is bad, and where from: in files one column instead of ten that nearly no row has."""

MONEY = "decimal(38,9)"
"""BigQuery's NUMERIC: what every money column is stored as."""

MILLION = 1_000_000

REJECTED_PARTS = 64
"""Into how many parts bad lines are spread."""


@dataclass(frozen=True)
class Bounds:
    """What the lines of a run amount to at most: ``quantity`` and ``units`` of one, ``rows`` and ``pieces`` of all."""

    rows: int
    quantity: int
    pieces: int
    units: int
    words: frozenset[int]

    @property
    def narrow(self) -> bool:
        """Whether no sum of quantity times price, or times cost in millionths, leaves 64 bits."""
        # The sum of pieces can be trusted where it cannot have left 64 bits itself.
        return self.rows * self.quantity < 2**63 and self.pieces * self.units < 2**63

    @property
    def split(self) -> bool:
        """Whether a line may stand in more rows than one."""
        return len(self.words) > 1


def merge(classified: DataFrame, stored: DataFrame, taken: DataFrame, products: DataFrame, buckets: int) -> DataFrame:
    """The lines of the touched days as they are now, and this run's bad lines: the columns of :data:`LINES`.

    Args:
        classified: this run's rows, with ``arrival``, ``reason`` and ``doubtful_file``.
        stored: lines of the touched days as published last.
        taken: the arrivals of this run; what they brought before is replaced (:func:`arrivals.taken_sets`).
        products: product_id, ``cost_whole`` and ``cost_millionths``.
        buckets: into how many parts the stores of one day are spread; 1 but for very large days.
    """
    bad = F.col("reason").isNotNull()
    day = F.when(~bad, F.col("transaction_date"))
    rank = arrivals.rank(F.col("arrival"), day)
    text = F.coalesce(F.col("arrival").cast("string"), F.lit(""))
    fresh = classified.select(
        *[name for name in KEY if name != "transaction_date"],
        day.alias("transaction_date"),
        F.when(bad, F.array(*[f"raw.{name}" for name in SALES_COLUMNS], "reason", "source", text)).alias("rejected"),
        F.when(bad, 0).otherwise(arrivals.word(rank)).alias("word"),
        F.when(bad, 0).otherwise(arrivals.bit(rank)).alias("arrivals"),
        F.when(bad, 0).otherwise(rank * 2).alias("owner"),
        F.lit(1).cast("bigint").alias("delivered"),
        F.col("doubtful_file").isNotNull().alias("doubtful"),
    )
    left = F.col("arrivals").bitwiseAND(F.bitwise_not(F.coalesce(F.col("taken"), F.lit(0).cast("bigint"))))
    kept = (
        stored.join(F.broadcast(taken), ["transaction_date", "word"], "left")
        .withColumn("arrivals", left)
        .where("arrivals <> 0")
        .select(
            *KEY,
            F.lit(None).cast(LINES["rejected"]).alias("rejected"),
            "word",
            "arrivals",
            (arrivals.first_rank(F.col("word"), F.col("arrivals")) * 2 + 1).alias("owner"),
            F.lit(0).cast("bigint").alias("delivered"),
            F.lit(False).alias("doubtful"),
        )
    )
    bucket = F.when(F.col("rejected").isNotNull(), F.pmod(F.hash("rejected"), F.lit(REJECTED_PARTS))).otherwise(
        F.pmod(F.hash("store_id"), F.lit(buckets)) if buckets > 1 else F.lit(0)
    )
    # One value to copy and to compare, where ten columns would be ten.
    line = F.struct(*[name for name in KEY if name != "transaction_date"], "rejected", "word").alias("line")
    merged = (
        fresh.unionByName(kept)
        .select("transaction_date", bucket.alias("bucket"), line, "arrivals", "owner", "delivered", "doubtful")
        # The only shuffle of lines: by day, so that equal ones meet and a day's folder is written by few tasks.
        .repartition("transaction_date", "bucket")
        .groupBy("transaction_date", "bucket", "line")
        .agg(
            F.bit_or("arrivals").alias("arrivals"),
            F.min("owner").alias("owner"),
            F.sum("delivered").alias("delivered"),
            F.max("doubtful").alias("doubtful"),
        )
        .select("transaction_date", "line.*", "arrivals", "owner", "delivered", "doubtful")
    )
    known = products.withColumn("product_known", F.lit(True))
    joined = merged.join(F.broadcast(known), "product_id", "left")
    return joined.withColumn("product_known", F.col("product_known").isNotNull()).select(*LINES)


def census(lines: DataFrame) -> DataFrame:
    """What lies in written lines, one row a day (NULL: the bad lines) and word: as many rows as there are days."""
    return lines.groupBy("transaction_date", "word").agg(
        F.bit_or("arrivals").alias("arrivals"),
        F.sum("delivered").alias("delivered"),
        F.max("doubtful").alias("doubtful"),
        F.count("*").alias("rows"),
        F.count("customer_id").alias("with_customer"),
        F.max("quantity").alias("quantity"),
        F.sum("quantity").alias("pieces"),
        F.max("price_units").alias("price_units"),
        # In ten-thousandths; true where the bounds are narrow.
        F.sum(F.col("quantity") * F.col("price_units")).alias("revenue"),
        F.max("cost_whole").alias("cost_whole"),
    )


def bounds(*parts: Iterable[Row]) -> Bounds:
    """The bounds of what :func:`census` counted."""
    days = [row for part in parts for row in part if row.transaction_date is not None]
    return Bounds(
        rows=sum(row.rows for row in days),
        quantity=max((row.quantity for row in days), default=0),
        pieces=sum(row.pieces for row in days),
        units=max((max(row.price_units, MILLION * ((row.cost_whole or 0) + 1)) for row in days), default=0),
        words=frozenset(row.word for row in days),
    )


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


def quarantined(rejected: DataFrame, run_id: str) -> DataFrame:
    """The bad lines with their texts as they came, why, and where from.

    Args:
        rejected: rows with ``rejected`` and ``delivered``, how often the same bad line came.
    """
    # Spark's URI of a file has its special characters escaped.
    path = F.expr("reflect('java.net.URLDecoder', 'decode', replace(source, '+', '%2B'), 'UTF-8')")
    each = rejected.select("rejected", F.explode(F.sequence(F.lit(1).cast("bigint"), "delivered"))).select(
        *[F.col("rejected")[place].alias(name) for place, name in enumerate(REJECTED)]
    )
    return each.select(
        *[name for name in REJECTED if name not in ("source", "arrival")],
        F.concat(F.lit("sales_data/"), F.substring_index(path, "/sales_data/", -1)).alias("source_file"),
        F.lit(run_id).alias("run_id"),
        F.current_timestamp().alias("quarantined_at"),
        "arrival",
    )
