"""How a warehouse writes what its SQL names: the statements of a run are the same in DuckDB and BigQuery otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

MOST_PARTITIONS = 4000
"""How many partitions BigQuery lets a statement of a transaction change."""


@dataclass(frozen=True)
class SqlNaming:
    """How a warehouse writes its tables (``table``), a run's staged tables (``staged``), a column of any name
    (``quoted``), the type of exact numbers (``numeric``), a column of whole numbers as a decimal whose last of so many
    places they count (``decimal``), and a text without case, invisible characters and Unicode form (``folded``).

    Sums over lines: ``number(column, places, of)`` is a column of whole numbers that count its last of so many places,
    with ``of`` places; numbers of as many places can be added, and those of a product's factors add up.
    ``total(sum, places)`` is a sum of such numbers as ``numeric``; one that does not fit is an error.
    """

    table: Callable[[str], str]
    staged: Callable[[str], str]
    quoted: Callable[[str], str]
    numeric: str
    decimal: Callable[[str, int], str]
    folded: Callable[[str], str]
    number: Callable[[str, int, int], str]
    total: Callable[[str, int], str]


def parts(days: Collection[dt.date]) -> list[list[dt.date]]:
    """The days in order, as many together as one statement may change partitions."""
    ordered = sorted(days)
    return [ordered[first : first + MOST_PARTITIONS] for first in range(0, len(ordered), MOST_PARTITIONS)]


def between(part: Sequence[dt.date]) -> str:
    """A condition on transaction_date: from the first of some ordered days to the last."""
    return f"transaction_date BETWEEN DATE '{part[0]}' AND DATE '{part[-1]}'"


def touched(naming: SqlNaming, days: Collection[dt.date]) -> str:
    """A condition on transaction_date: one of the touched days. Its bounds let BigQuery prune partitions."""
    first, last = min(days, default=dt.date.min), max(days, default=dt.date.min)
    listed = f"SELECT transaction_date FROM {naming.staged('line_versions')}"
    return f"{between([first, last])} AND transaction_date IN ({listed})"
