"""Money and quantities of lines, added up exactly.

Amounts are whole numbers: thousandths of a quantity, ten-thousandths of a price, millionths of a cost. They are 64 bits
wide where the magnitudes of the lines prove that every sum fits, which is nearly always, and decimals of 38 digits
where they do not; 64 bits take part of a backfill's time only (docs/decisions/0004-money-in-64-bits.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

MONEY = "decimal(38,9)"
"""BigQuery's NUMERIC, the type of every column of money and of quantities."""

MILLION = 1_000_000

WHOLE = "decimal(38,0)"

SAFE = 2.0**62
"""Half of what 64 bits hold: the bounds are floating-point sums, which are off by far less."""


@dataclass(frozen=True)
class Bounds:
    """Bounds of every sum over some lines, or over part of them: the sums of their magnitudes.

    ``units`` are of the quantities in thousandths, ``revenue`` in ten-millionths; ``cost`` in thousandths, without the
    decimals of the costs.
    """

    units: float
    revenue: float
    cost: float

    @classmethod
    def of(cls, counts: Iterable[Row]) -> Bounds:
        """The bounds of lines that :func:`merge_lines.counts_by_day` has counted."""
        days = [row for row in counts if row.transaction_date is not None]
        return cls(
            units=sum(row.all_units for row in days),
            revenue=sum(row.all_revenue for row in days),
            # NULL where no product of a day has a cost.
            cost=sum(row.all_cost or 0 for row in days),
        )

    @property
    def fits_in_64_bits(self) -> bool:
        """Whether no sum of quantities, of quantity x price, or of quantity x cost leaves 64 bits."""
        # The decimals of a cost are less than a million millionths. A price is at most its line's revenue in these
        # units, unless the line is of goods given back, whose prices are not added.
        return max(self.units * MILLION, self.revenue, self.cost) < SAFE


def totals(bounds: Bounds, sign: Column | None = None) -> dict[str, Column]:
    """Aggregate expressions over lines, as :data:`MONEY`: ``revenue``, ``gross_profit`` and ``quantity``, net of
    returns; ``returned_revenue`` and ``returned_quantity``, positive; ``unit_price``, the sum of sale lines' prices.

    A sum that no table can hold makes the query fail with a message that says so.

    Args:
        bounds: of all lines that are added.
        sign: 1 or -1, whether a line is added or subtracted; None adds all.
    """
    number = "bigint" if bounds.fits_in_64_bits else "decimal(18,0)"
    quantity, price, cost_whole, cost_millionths = [
        F.col(name).cast(number) for name in ("quantity_units", "price_units", "cost_whole", "cost_millionths")
    ]
    revenue = quantity * price
    sold, known = quantity > 0, cost_whole.isNotNull()
    # Zero a line, not a sum: a sum is NULL where it does not fit.
    zero = F.lit(0).cast("bigint" if bounds.fits_in_64_bits else "decimal(37,0)")

    def total(amount: Column) -> Column:
        return F.sum(amount if sign is None else sign * amount)

    # A product without a cost adds no profit.
    profit = (
        total(F.when(known, revenue).otherwise(zero)).cast(WHOLE) * 100
        - total(F.coalesce(quantity * cost_whole, zero)).cast(WHOLE) * MILLION
        - total(F.coalesce(quantity * cost_millionths, zero)).cast(WHOLE)
    )
    return {
        "revenue": _numeric(total(revenue), 7),
        "gross_profit": _numeric(profit, 9),
        "quantity": _numeric(total(quantity), 3),
        "returned_revenue": _numeric(total(F.when(sold, zero).otherwise(-revenue)), 7),
        "returned_quantity": _numeric(total(F.when(sold, zero).otherwise(-quantity)), 3),
        "unit_price": _numeric(total(F.when(sold, price).otherwise(zero)), 4),
    }


def _numeric(units: Column, decimals: int) -> Column:
    # A text, because a product of decimals keeps six decimals where it has 38 digits.
    fits = F.concat(units.cast("string"), F.lit(f"e-{decimals}")).cast(MONEY)
    # A sum that does not fit would otherwise be NULL.
    problem = "a sum of money or quantities has more than 29 digits before the point, which no table holds"
    return F.coalesce(fits, F.raise_error(F.lit(f"{problem}: look for lines with absurd quantities or prices")))
