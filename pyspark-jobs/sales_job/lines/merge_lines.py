"""From classified rows to lines, and their counts. Pure DataFrame -> DataFrame functions.

Good rows that are equal in all values are one line, however often they were delivered. ``processed/`` keeps each
line of a day once, with the set of arrivals that brought it (:mod:`arrival_sets`) and its product's cost at the run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from sales_job.base.sales_columns import SALES_COLUMNS
from sales_job.lines import arrival_sets

KEY = [
    "transaction_id",
    "product_id",
    "store_id",
    "quantity_units",
    "price_units",
    "transaction_date",
    "customer_id",
    "line_number",
]
"""The values of a line: ``quantity_units`` is its quantity in thousandths, negative for a return, ``price_units`` its
price in ten-thousandths; ``line_number`` is NULL where its file has none.
"""

LINES = {
    "transaction_id": "string",
    "product_id": "string",
    "store_id": "string",
    "quantity_units": "bigint",
    "price_units": "bigint",
    "customer_id": "string",
    "line_number": "string",
    "bitmap_index": "int",
    "bitmap": "bigint",
    "first_arrival": "struct<day_offset: int, carried_over: boolean>",
    "delivered": "bigint",
    "maybe_damaged": "boolean",
    "cost_whole": "bigint",
    "cost_millionths": "bigint",
    "product_known": "boolean",
    "bad_line": "array<string>",
    "transaction_date": "date",
}
"""Columns of written lines and their Spark types.

``bitmap_index`` and ``bitmap``: the arrivals that brought the line. ``first_arrival``: the first of them, and whether
the line was stored before by it (``carried_over``) rather than read by this run. ``delivered``: how often this run read
the line. ``maybe_damaged``: a file that brought it may be damaged. ``cost_whole`` and ``cost_millionths``: the
product's cost. ``bad_line``: the values named in :data:`BAD_LINE`; such a row has no day, and only ``delivered`` and
``maybe_damaged`` beside it.
"""

BAD_LINE = (*SALES_COLUMNS, "reason", "source", "arrival")
"""Texts of a bad line, its reason, file and arrival: one column in files, instead of ten that nearly no row has."""

BAD_LINE_PARTS = 64
"""Number of parts that bad lines are spread over."""


def merge(classified: DataFrame, stored: DataFrame, taken: DataFrame, products: DataFrame, buckets: int) -> DataFrame:
    """The lines of the touched days as they are now, and this run's bad lines: the columns of :data:`LINES`.

    Args:
        classified: this run's rows, with ``arrival``, ``reason`` and ``doubtful_file``.
        stored: lines of the touched days as published last.
        taken: the arrivals of this run, which replace what they brought before (:func:`arrival_sets.bitmaps_of_run`).
        products: product_id, ``cost_whole`` and ``cost_millionths``.
        buckets: number of parts that the lines of one day are spread over; 1 except for very large days.
    """
    bad_line = F.col("bad_line").isNotNull()
    bucket = F.when(bad_line, F.pmod(F.hash("bad_line"), F.lit(BAD_LINE_PARTS))).otherwise(
        # Equal lines have equal values, and so the same part.
        F.pmod(F.hash(*KEY), F.lit(buckets)) if buckets > 1 else F.lit(0)
    )
    # One value to copy and to compare instead of nine.
    line = F.struct(*[name for name in KEY if name != "transaction_date"], "bad_line", "bitmap_index").alias("line")
    merged = (
        _new_rows(classified)
        .unionByName(_kept_rows(stored, taken))
        .select("transaction_date", bucket.alias("bucket"), line, "new", "kept", "delivered", "maybe_damaged")
        # The only shuffle of lines: by day, so that equal ones meet and few tasks write a day's folder.
        .repartition("transaction_date", "bucket")
        .groupBy("transaction_date", "bucket", "line")
        .agg(
            F.bit_or("new").alias("new"),
            F.bit_or("kept").alias("kept"),
            F.sum("delivered").alias("delivered"),
            F.max("maybe_damaged").alias("maybe_damaged"),
        )
        .select("transaction_date", "line.*", "new", "kept", "delivered", "maybe_damaged")
        .withColumn("bitmap", F.col("new").bitwiseOR(F.col("kept")))
        .withColumn("first_arrival", _first_arrival())
    )
    known = products.withColumn("product_known", F.lit(True))
    joined = merged.join(F.broadcast(known), "product_id", "left")
    return joined.withColumn("product_known", F.col("product_known").isNotNull()).select(*LINES)


def _new_rows(classified: DataFrame) -> DataFrame:
    """This run's rows, each with its arrival as the bitmap ``new``."""
    bad = F.col("reason").isNotNull()
    day = F.when(~bad, F.col("transaction_date"))
    offset = arrival_sets.day_offset(F.col("arrival"), day)
    text = F.coalesce(F.col("arrival").cast("string"), F.lit(""))
    return classified.select(
        *[name for name in KEY if name != "transaction_date"],
        day.alias("transaction_date"),
        F.when(bad, F.array(*[f"raw.{name}" for name in SALES_COLUMNS], "reason", "source", text)).alias("bad_line"),
        F.when(bad, 0).otherwise(arrival_sets.bitmap_index(offset)).alias("bitmap_index"),
        F.when(bad, 0).otherwise(arrival_sets.bitmap(offset)).alias("new"),
        F.lit(0).cast("bigint").alias("kept"),
        F.lit(1).cast("bigint").alias("delivered"),
        F.col("doubtful_file").isNotNull().alias("maybe_damaged"),
    )


def _kept_rows(stored: DataFrame, taken: DataFrame) -> DataFrame:
    """Stored lines that an arrival brought which the run does not take, with these arrivals as the bitmap ``kept``."""
    nothing = F.lit(0).cast("bigint")
    kept = F.col("bitmap").bitwiseAND(F.bitwise_not(F.coalesce(F.col("taken_bitmap"), nothing)))
    return (
        stored.join(F.broadcast(taken), ["transaction_date", "bitmap_index"], "left")
        .withColumn("kept", kept)
        .where("kept <> 0")
        .select(
            *KEY,
            F.lit(None).cast(LINES["bad_line"]).alias("bad_line"),
            "bitmap_index",
            nothing.alias("new"),
            "kept",
            nothing.alias("delivered"),
            F.lit(False).alias("maybe_damaged"),
        )
    )


def _first_arrival() -> Column:
    """The first arrival of a bitmap, NULL for a bad line. No arrival is both new and kept: the run replaces its own."""
    bitmap = F.col("bitmap")
    first = F.struct(
        arrival_sets.first_day_offset(F.col("bitmap_index"), bitmap).alias("day_offset"),
        (arrival_sets.lowest_bit(bitmap) == arrival_sets.lowest_bit(F.col("kept"))).alias("carried_over"),
    )
    return F.when(F.col("bad_line").isNull(), first)


def is_sale() -> Column:
    """Whether a line is a sale line; the others are returns."""
    return F.col("quantity_units") > 0


def of_sales(name: str) -> Column:
    """A column of sale lines; NULL for returns, which counts leave out."""
    return F.when(is_sale(), F.col(name))


def counts_by_day(lines: DataFrame) -> DataFrame:
    """Counts and sums of written lines by day and bitmap index; this run's bad lines are the row with a NULL day.

    ``revenue`` is in ten-millionths, and right where :func:`money.fits_in_64_bits` says so by ``all_revenue``, the sum
    of its magnitudes as a floating-point number, which never overflows.
    """
    quantity, price = F.col("quantity_units"), F.col("price_units")
    return lines.groupBy("transaction_date", "bitmap_index").agg(
        F.bit_or("bitmap").alias("bitmap"),
        F.sum("delivered").alias("delivered"),
        F.max("maybe_damaged").alias("maybe_damaged"),
        F.count("*").alias("lines"),
        F.count(of_sales("customer_id")).alias("with_customer"),
        F.sum(quantity * price).alias("revenue"),
        F.sum(F.abs(quantity).cast("double") * price).alias("all_revenue"),
    )


def has_lines_in_several_rows(counts: Sequence[Row]) -> bool:
    """Whether a line may have several rows, one for each of its bitmaps.

    Args:
        counts: of :func:`counts_by_day`.
    """
    return len({row.transaction_date for row in counts}) < len(counts)


def quarantined(bad_lines: DataFrame, run_id: str, stand_ins: Mapping[str, str]) -> DataFrame:
    """Rows of ``quarantined_sales``: bad lines with their raw texts, reason, file and arrival.

    Args:
        bad_lines: rows with ``bad_line`` and ``delivered``, how often the same bad line came.
        stand_ins: names of files in the lake that were read from others, by the last part of the others' paths.
    """
    # Spark's URI of a file has its special characters escaped.
    path = F.expr("reflect('java.net.URLDecoder', 'decode', replace(source, '+', '%2B'), 'UTF-8')")
    each = bad_lines.select("bad_line", F.explode(F.sequence(F.lit(1).cast("bigint"), "delivered"))).select(
        *[F.col("bad_line")[position].alias(name) for position, name in enumerate(BAD_LINE)]
    )
    name = F.concat(F.lit("sales_data/"), F.substring_index(path, "/sales_data/", -1))
    if stand_ins:
        # One text, where a literal for each of thousands would be a plan of its own.
        names = F.from_json(F.lit(json.dumps(stand_ins)), "map<string,string>")
        name = F.coalesce(names[F.substring_index("source", "/", -1)], name)
    return each.select(
        *[column for column in BAD_LINE if column not in ("source", "arrival")],
        name.alias("source_file"),
        F.lit(run_id).alias("run_id"),
        F.current_timestamp().alias("quarantined_at"),
        "arrival",
    )
