"""Which arrivals brought a line: a set of days, kept as a bitmap.

A line may be delivered again by any arrival, and stays as long as one of them brings it, so each stored line keeps the
set of its arrivals. A *day offset* is the number of days from the line's own day to an arrival. Bit ``b`` of the bitmap
with index ``i`` stands for day offset ``62 i + b``: nearly all lines arrive within 62 days and have bitmap 0 alone; a
line whose arrivals are further apart has one row for each bitmap. The flat files count as one arrival, before all
others.

Bits rather than an array of dates: Spark combines them in the one hash grouping of all lines, whereas arrays need a
sort (docs/decisions/0020-arrival-sets-as-bitmaps.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

BITS = 62
"""Bits of a bitmap: all of a 64-bit number but the sign, and one spare, so that no bitmap is negative."""

FLAT_FILES_INDEX = -100_000
FLAT_FILES = FLAT_FILES_INDEX * BITS
"""Day offset of the flat files: more days than any calendar day can precede another, and bit 0 of its own bitmap."""


def day_offset(arrival: Column, day: Column) -> Column:
    """Days from a line's day to its arrival; :data:`FLAT_FILES` where the arrival is NULL."""
    return F.coalesce(F.datediff(arrival, day), F.lit(FLAT_FILES))


def bitmap_index(day_offset: Column) -> Column:
    """Index of the bitmap that holds a day offset."""
    return F.floor(day_offset / BITS).cast("int")


def bitmap(day_offset: Column) -> Column:
    """The bitmap with this day offset alone."""
    return F.call_function("shiftleft", F.lit(1).cast("bigint"), F.pmod(day_offset, F.lit(BITS)))


def lowest_bit(bitmap: Column) -> Column:
    """The bitmap with the first arrival alone; 0 of an empty one."""
    return bitmap.bitwiseAND(-bitmap)


def first_day_offset(bitmap_index: Column, bitmap: Column) -> Column:
    """Day offset of the first arrival of a bitmap that is not empty."""
    return (bitmap_index * BITS + F.bit_count(lowest_bit(bitmap) - 1)).cast("int")


def bitmap_position(arrival: str, day: dt.date) -> tuple[int, int]:
    """Index and bitmap of one arrival of a line of ``day``.

    Args:
        arrival: the arrival day, yyyy-MM-dd, or "" for the flat files.
    """
    offset = (dt.date.fromisoformat(arrival) - day).days if arrival else FLAT_FILES
    return offset // BITS, 1 << offset % BITS


def arrivals_in(day: dt.date, bitmap_index: int, bitmap: int) -> list[str]:
    """The arrivals of a bitmap of lines of ``day``, written as in :func:`bitmap_position`."""
    if bitmap_index == FLAT_FILES_INDEX:
        return [""]
    return [str(day + dt.timedelta(days=bitmap_index * BITS + bit)) for bit in range(BITS) if bitmap >> bit & 1]


def bitmaps_of_run(spark: SparkSession, days: Iterable[dt.date], arrivals: Iterable[str]) -> DataFrame:
    """The arrivals that a run takes, relative to each of some days: transaction_date, bitmap_index, ``taken_bitmap``.

    One row for each day and bitmap, so small enough to broadcast.
    """
    taken = list(arrivals)
    bitmaps: dict[tuple[dt.date, int], int] = {}
    for day in days:
        for arrival in taken:
            index, bit = bitmap_position(arrival, day)
            bitmaps[day, index] = bitmaps.get((day, index), 0) | bit
    rows = ", ".join(f"(DATE '{day}', {index}, {bits}L)" for (day, index), bits in bitmaps.items())
    rows = rows or "(CAST(NULL AS DATE), 0, 0L)"
    return spark.sql(f"SELECT * FROM VALUES {rows} AS bitmaps(transaction_date, bitmap_index, taken_bitmap)")
