"""The revenue of lines, added up exactly by Spark, to compare the warehouse's tables with.

Amounts are whole numbers: thousandths of a quantity, ten-thousandths of a price. They are 64 bits wide where the
magnitudes of the lines prove that every sum fits, which is nearly always, and decimals of 38 digits where they do not;
64 bits take part of the time only (docs/decisions/0004-money-in-64-bits.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

MONEY = "decimal(38,9)"
"""BigQuery's NUMERIC, the type of every column of money and of quantities."""

SAFE = 2.0**62
"""Half of what 64 bits hold: the magnitudes are added as floating-point numbers, which are off by far less."""


def fits_in_64_bits(counts: Iterable[Row]) -> bool:
    """Whether no sum of these lines' revenue, or of part of it, leaves 64 bits.

    Args:
        counts: of :func:`merge_lines.counts_by_day`.
    """
    magnitudes = [float(row.all_revenue) for row in counts if row.transaction_date is not None]
    return sum(magnitudes) < SAFE


def revenue() -> Column:
    """The sum of the revenue of lines of any size, as :data:`MONEY`; NULL of no line.

    A sum that no table can hold makes the query fail with a message that says so.
    """
    units = F.sum(F.col("quantity_units").cast("decimal(18,0)") * F.col("price_units").cast("decimal(18,0)"))
    # A text, because a product of decimals keeps six decimals where it has 38 digits.
    fits = F.concat(units.cast("string"), F.lit("e-7")).cast(MONEY)
    # A sum that does not fit would otherwise be NULL.
    problem = "a sum of money or quantities has more than 29 digits before the point, which no table holds"
    return F.coalesce(fits, F.raise_error(F.lit(f"{problem}: look for lines with absurd quantities or prices")))
