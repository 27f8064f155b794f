"""Ids of customers that look like mistakes of an export, counted before only their keys are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

EMPTY_WORDS = ("NULL", "(NULL)", "N/A", "#N/A", "NA", "NONE", "NAN", "UNDEFINED", "\\N")
"""What programs write for an empty value, in upper case."""


@dataclass(frozen=True)
class DoubtfulCustomers:
    """How many groups of ids are equal but for their form, ``twins``, and how many ids are ``rounded`` numbers; the
    ``empty_words`` among the ids.
    """

    twins: int = 0
    rounded: int = 0
    empty_words: tuple[str, ...] = ()

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> DoubtfulCustomers:
        """What the row of :func:`query` says."""
        twins, rounded, words = row
        return cls(int(twins), int(rounded), tuple(sorted(words or ())))


def query(lines: str, folded: Callable[[str], str]) -> str:
    """A query of one row, for :meth:`DoubtfulCustomers.of_row`, that Spark and DuckDB understand: the ids that the run
    loads, each once; others of the touched days only as what they are like.

    Args:
        lines: what follows FROM: the rows of :func:`figures.lines_query`.
        folded: the SQL of a text without case, invisible characters and Unicode form.
    """
    # The two read a backslash in a text differently.
    words = ", ".join("'" + word.replace("\\", "' || CHR(92) || '") + "'" for word in EMPTY_WORDS)
    ids = (
        "SELECT customer_id AS id, MAX(is_loaded) AS is_loaded, UPPER(customer_id) AS upper_id "
        f"FROM {lines} WHERE customer_id IS NOT NULL AND quantity_units > 0 GROUP BY customer_id"
    )
    # No id has only these characters and E+ but a number that a spreadsheet has rounded.
    rounded = "upper_id LIKE '_%E+%' AND TRANSLATE(upper_id, '0123456789.,E+', '') = ''"
    groups = (
        "SELECT CASE WHEN MAX(is_loaded) AND COUNT(*) > 1 THEN 1 ELSE 0 END AS twins, "
        f"SUM(CASE WHEN is_loaded AND {rounded} THEN 1 ELSE 0 END) AS rounded, "
        f"MAX(CASE WHEN is_loaded AND upper_id IN ({words}) THEN upper_id END) AS empty_word "
        f"FROM ({ids}) ids GROUP BY {folded('id')}"
    )
    return (
        "SELECT COALESCE(SUM(twins), 0), COALESCE(SUM(rounded), 0), "
        f"ARRAY_AGG(DISTINCT empty_word) FILTER (WHERE empty_word IS NOT NULL) FROM ({groups}) by_form"
    )


def find(lines: DataFrame) -> DoubtfulCustomers:
    """The doubtful ids of lines, by Spark.

    Args:
        lines: each good line once (:func:`figures.lines`).
    """
    (row,) = lines.sparkSession.sql(query("{lines}", _folded), lines=lines).collect()
    return DoubtfulCustomers.of_row(row)


def _folded(text: str) -> str:
    """A text without case and, where it is not plain ASCII, without invisible characters and accents: Spark has no
    function that brings texts to one Unicode form, and accents go with it. Braces are doubled: the query is a format.
    """
    visible = f"regexp_replace({text}, r'\\p{{{{Cf}}}}', '')"
    plain = f"reflect('org.apache.commons.lang3.StringUtils', 'stripAccents', {visible})"
    return f"lower(CASE WHEN {text} RLIKE r'[^\\x00-\\x7F]' THEN {plain} ELSE {text} END)"
