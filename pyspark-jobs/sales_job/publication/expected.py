"""Figures that a run computes itself, from its lines: the checks compare them with the warehouse's tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sales_job.lines import figures, merge_lines

EXACT = Context(prec=38)
"""As many digits as the warehouses' decimals have; Python rounds to 28 otherwise."""


@dataclass(frozen=True)
class LineTotals:
    """Totals of the lines of some days: how many lines, how many with a customer, their revenue."""

    lines: int
    with_customer: int
    revenue: Decimal


@dataclass(frozen=True)
class Expected:
    """The run's own figures.

    ``now`` totals the lines of the touched days, ``before`` those of the same days as published last.
    ``unmatched_products`` and ``unmatched_stores`` count loaded lines.
    """

    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_quarantined: int
    unmatched_products: int
    unmatched_stores: int
    now: LineTotals
    before: LineTotals
    max_bad_ratio: float


def line_totals(census: Sequence[Row], lines: DataFrame, bounds: merge_lines.Bounds) -> LineTotals:
    """The totals of written lines.

    Args:
        census: the counts of ``lines`` (:func:`merge_lines.census`).
        lines: the lines themselves. They are read only where the counts do not suffice: the counts add in 64 bits, and
            count a line that has several rows several times.
    """
    if bounds.narrow and not bounds.split:
        days: Iterable[Row] = [row for row in census if row.transaction_date is not None]
    else:
        good = figures.lines(lines.where(F.col("transaction_date").isNotNull()), bounds)
        sums = good.agg(
            F.count("*").alias("rows"),
            F.count("customer_id").alias("with_customer"),
            F.coalesce(F.sum("revenue"), F.lit(0)).alias("revenue"),
        )
        days = sums.collect()
    return LineTotals(
        sum(row.rows for row in days),
        sum(row.with_customer for row in days),
        EXACT.scaleb(sum(int(row.revenue) for row in days), -4),
    )
