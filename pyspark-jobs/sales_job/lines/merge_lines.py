"""From classified rows to lines, and what is counted of them. Pure DataFrame -> DataFrame functions.

A *line* is what counts: good rows that are equal in all seven values are one line, however often they were delivered.
``processed/`` keeps each line of a day once, with the set of arrivals that brought it (see arrivals.py), its product's
cost at the run, and which arrival owns it: the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sales_job.lines import arrival_sets
from sales_job.lines.rules import SALES_COLUMNS

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
        taken: the arrivals of this run; what they brought before is replaced (:func:`arrival_sets.taken_sets`).
        products: product_id, ``cost_whole`` and ``cost_millionths``.
        buckets: into how many parts the stores of one day are spread; 1 but for very large days.
    """
    bad = F.col("reason").isNotNull()
    day = F.when(~bad, F.col("transaction_date"))
    rank = arrival_sets.rank(F.col("arrival"), day)
    text = F.coalesce(F.col("arrival").cast("string"), F.lit(""))
    fresh = classified.select(
        *[name for name in KEY if name != "transaction_date"],
        day.alias("transaction_date"),
        F.when(bad, F.array(*[f"raw.{name}" for name in SALES_COLUMNS], "reason", "source", text)).alias("rejected"),
        F.when(bad, 0).otherwise(arrival_sets.word(rank)).alias("word"),
        F.when(bad, 0).otherwise(arrival_sets.bit(rank)).alias("arrivals"),
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
            (arrival_sets.first_rank(F.col("word"), F.col("arrivals")) * 2 + 1).alias("owner"),
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
