"""Which arrivals brought a line: a set of days in one whole number.

A line may be delivered again by any arrival, and must stay as long as one of them brings it. What a line keeps is
therefore the set of its arrivals, as bits: bit ``b`` of word ``w`` stands for the arrival ``62 w + b`` days after the
line's own day. Nearly all lines arrive within 62 days and have word 0 alone; a line whose arrivals lie further apart
has a row for each word. The flat files are one arrival, before all others, with a word of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

BITS = 62
FLAT = -1_000_000
"""Rank of the flat files, in days; the calendar from year 1 to 9999 lies within three million days, an arrival that
precedes its lines by more than 2,700 years is none.
"""
FLAT_WORD = -100_000


def rank(arrival: Column, day: Column) -> Column:
    """Days from a line's day to its arrival (NULL: the flat files), or :data:`FLAT`."""
    return F.coalesce(F.datediff(arrival, day), F.lit(FLAT))


def word(rank: Column) -> Column:
    """The word that holds a rank."""
    return F.when(rank == FLAT, F.lit(FLAT_WORD)).otherwise(F.floor(rank / BITS).cast("int"))


def bit(rank: Column) -> Column:
    """The set of one rank, within its word."""
    return F.when(rank == FLAT, F.lit(1).cast("bigint")).otherwise(
        F.call_function("shiftleft", F.lit(1).cast("bigint"), F.pmod(rank, F.lit(BITS)))
    )


def first_rank(word: Column, arrivals: Column) -> Column:
    """The smallest rank of a set that is not empty."""
    lowest = F.bit_count(arrivals.bitwiseAND(-arrivals) - 1)
    return F.when(word == FLAT_WORD, F.lit(FLAT)).otherwise(word * BITS + lowest).cast("int")


def place(arrival: str, day: dt.date) -> tuple[int, int]:
    """Word and bit of an arrival, yyyy-MM-dd or "" for the flat files, among those of a day's lines."""
    if not arrival:
        return FLAT_WORD, 1
    apart = (dt.date.fromisoformat(arrival) - day).days
    return apart // BITS, 1 << apart % BITS


def members(day: dt.date, word: int, arrivals: int) -> list[str]:
    """The arrivals of a set, by the names of :func:`place`."""
    if word == FLAT_WORD:
        return [""]
    return [str(day + dt.timedelta(days=word * BITS + b)) for b in range(BITS) if arrivals >> b & 1]


def taken_sets(spark: SparkSession, days: Iterable[dt.date], taken: Iterable[str]) -> DataFrame:
    """Columns transaction_date, word and ``taken``: the arrivals that a run takes, as sets beside those of lines.

    One row for each day and word with such an arrival: small, and joined by broadcast.
    """
    arrivals = list(taken)
    sets: dict[tuple[dt.date, int], int] = {}
    for day in days:
        for arrival in arrivals:
            key, bits = place(arrival, day)
            sets[day, key] = sets.get((day, key), 0) | bits
    rows = ", ".join(f"(DATE '{day}', {key}, {bits}L)" for (day, key), bits in sets.items())
    rows = rows or "(CAST(NULL AS DATE), 0, 0L)"
    return spark.sql(f"SELECT * FROM VALUES {rows} AS sets(transaction_date, word, taken)")
