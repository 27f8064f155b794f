"""Figures that a run computes itself, from its lines: the checks compare them with the warehouse's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sales_job.lines import figures
from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.lines.merge_lines import has_lines_in_several_rows, of_sales
from sales_job.lines.money import fits_in_64_bits, revenue
from sales_job.publication.unusual_days import Verdict

EXACT = Context(prec=38)
"""As many digits as the warehouses' decimals have; Python rounds to 28 otherwise."""


@dataclass(frozen=True)
class LineTotals:
    """Totals of the lines of some days: how many lines, how many sale lines with a customer, the revenue of all."""

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
    doubtful_customers: DoubtfulCustomers = field(default_factory=DoubtfulCustomers)
    unusual: Verdict = field(default_factory=Verdict)


def line_totals(counts: Sequence[Row], written: DataFrame) -> LineTotals:
    """The totals of the good lines among written ones.

    Args:
        counts: of the lines (:func:`merge_lines.counts_by_day`).
        written: the lines. They are read only where the counts do not suffice: the counts add in 64 bits, and count a
            line that has several rows several times.
    """
    several_rows = has_lines_in_several_rows(counts)
    if fits_in_64_bits(counts) and not several_rows:
        days = [row for row in counts if row.transaction_date is not None]
        return LineTotals(
            sum(row.lines for row in days),
            sum(row.with_customer for row in days),
            EXACT.scaleb(sum(row.revenue for row in days), -7),
        )
    good = written.where(F.col("transaction_date").isNotNull())
    (all_lines,) = (
        figures.lines(good, several_rows)
        .agg(
            F.count("*").alias("lines"),
            F.count(of_sales("customer_id")).alias("with_customer"),
            # The sum of no line is NULL, which `revenue` takes for one that does not fit.
            F.when(F.count("*") > 0, revenue()).otherwise(0).alias("revenue"),
        )
        .collect()
    )
    return LineTotals(all_lines.lines, all_lines.with_customer, Decimal(all_lines.revenue))
