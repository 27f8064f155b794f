"""Money and quantities of lines, added up exactly.

Amounts are whole numbers: ten-thousandths of a price, millionths of a cost. They are 64 bits wide where the counts of
the lines prove that every sum fits, which is nearly always, and decimals of 38 digits where they do not; 64 bits take
part of a backfill's time only (docs/decisions/0004-money-in-64-bits.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

MONEY = "decimal(38,9)"
"""BigQuery's NUMERIC, the type of every money column."""

MILLION = 1_000_000


@dataclass(frozen=True)
class Bounds:
    """Upper bounds of some lines: the largest ``quantity`` and ``price`` (or cost, in millionths) of one line, and the
    number of ``lines`` and pieces of all.
    """

    lines: int
    quantity: int
    pieces: int
    price: int

    @classmethod
    def of(cls, counts: Iterable[Row]) -> Bounds:
        """The bounds of lines that :func:`merge_lines.counts_by_day` has counted."""
        days = [row for row in counts if row.transaction_date is not None]
        return cls(
            lines=sum(row.lines for row in days),
            quantity=max((row.quantity for row in days), default=0),
            pieces=sum(row.pieces for row in days),
            price=max((max(row.price_units, MILLION * ((row.cost_whole or 0) + 1)) for row in days), default=0),
        )

    @property
    def fits_in_64_bits(self) -> bool:
        """Whether no sum of quantity x price, or of quantity x cost in millionths, leaves 64 bits."""
        # ``pieces`` was itself added in 64 bits: it is right where lines x quantity fits.
        return self.lines * self.quantity < 2**63 and self.pieces * self.price < 2**63


def totals(bounds: Bounds, sign: Column | None = None) -> dict[str, Column]:
    """Aggregate expressions over lines: ``revenue``, ``gross_profit``, ``unit_price`` (the sum of the prices) as
    :data:`MONEY`, and ``quantity`` as bigint.

    A sum that no table can hold makes the query fail with a message that says so.

    Args:
        bounds: of all lines that are added.
        sign: 1 or -1, whether a line is added or subtracted; None adds all.
    """
    whole = "bigint" if bounds.fits_in_64_bits else "decimal(18,0)"
    quantity, price, cost_whole = [F.col(name).cast(whole) for name in ("quantity", "price_units", "cost_whole")]
    revenue = quantity * price
    cost = quantity * (cost_whole * MILLION + F.col("cost_millionths"))

    def total(amount: Column) -> Column:
        return F.sum(amount if sign is None else sign * amount)

    # A product without a cost adds no profit. Zero a line, not a sum: a sum is NULL where it does not fit.
    zero = F.lit(0).cast("bigint" if bounds.fits_in_64_bits else "decimal(37,0)")
    known_revenue = total(F.when(cost_whole.isNotNull(), revenue).otherwise(zero))
    known_cost = total(F.coalesce(cost, zero))
    return {
        "revenue": _money(total(revenue), "0.0001"),
        "gross_profit": (_money(known_revenue, "0.0001") - _money(known_cost, "0.000001")).cast(MONEY),
        "unit_price": _money(total(price), "0.0001"),
        "quantity": _pieces(total(quantity)),
    }


def _money(units: Column, unit: str) -> Column:
    fits = (units.cast("decimal(38,0)") * F.lit(Decimal(unit))).cast(MONEY)
    return F.coalesce(fits, _fail("a sum of money has more than 29 digits before the point"))


def _pieces(units: Column) -> Column:
    return F.when(units <= 2**63 - 1, units.cast("bigint")).otherwise(_fail("a sum of quantities does not fit 64 bits"))


def _fail(problem: str) -> Column:
    # A sum that does not fit would otherwise be NULL, or come out negative.
    return F.raise_error(F.lit(f"{problem}, which no table holds: look for lines with absurd quantities or prices"))
