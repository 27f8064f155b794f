"""The columns of a loaded file as the job's own texts, in SQL: what :mod:`sales_job.lake.translate` makes of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb

from sales_job.base.sales_columns import TIME_OF_DAY
from sales_job.lake.data_package import Field
from sales_job.lake.translate import PLAIN, UNLIKE, number_converter
from scripts.inspect.names import RETURNS, YES, plain_name
from scripts.inspect.numbers import Value
from scripts.inspect.reading import trimmed

ISO = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({TIME_OF_DAY})?"

MANY_KINDS = 20
"""From how many values on a field is none that tells kinds of lines."""

SHAPED_LINES = 200_000
"""From which line on every sixteenth is looked at for the shapes of dates."""


def values(connection: duckdb.DuckDBPyConnection, source: str, place: str, limit: int = 200_000) -> list[Value]:
    """The texts of a column, the first line of each, and how many lines have it; empty ones are left out."""
    found = connection.execute(
        f"SELECT v, min(line) AS first, count(*) FROM (SELECT {trimmed(place)} AS v, line FROM {source}) "
        f"WHERE v <> '' GROUP BY v ORDER BY first LIMIT {limit}"
    ).fetchall()
    return [Value(*row) for row in found]


def shapes(connection: duckdb.DuckDBPyConnection, source: str, place: str) -> list[tuple[str, int]]:
    """A value of each of the most frequent shapes of a column, digits aside, and how many lines have that shape."""
    return connection.execute(
        f"SELECT arg_min(v, line), count(*) FROM (SELECT {trimmed(place)} AS v, line FROM {source}) WHERE v <> '' "
        f"AND (line <= {SHAPED_LINES} OR line % 16 = 0) "
        "GROUP BY translate(v, '012345678', '999999999') ORDER BY 2 DESC, 1 LIMIT 24"
    ).fetchall()


def deciding_dates(connection: duckdb.DuckDBPyConnection, source: str, place: str) -> dict[str, Value | None]:
    """For each order of day and month: the first value that cannot be the other, and how many there are."""
    found: dict[str, Value | None] = {}
    for order, number in (("day-first", "a"), ("month-first", "b")):
        row = connection.execute(
            f"WITH p AS (SELECT {trimmed(place)} AS v, line, "
            r"regexp_extract(v, '^([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]', ['a', 'b']) AS p "
            f"FROM {source}) "
            f"SELECT arg_min(v, line), min(line), count(*) FROM p WHERE try_cast(p.{number} AS INT) BETWEEN 13 AND 31"
        ).fetchone()
        found[order] = Value(*row) if row is not None and row[2] else None
    return found


def missing_as_empty(text: str, missing: Collection[str]) -> str:
    """The SQL of a text that is empty where it stands for a missing value."""
    if not missing:
        return text
    listed = ", ".join(quoted(value) for value in missing)
    return f"CASE WHEN {text} IN ({listed}) THEN '' ELSE {text} END"


def number_table(
    connection: duckdb.DuckDBPyConnection, source: str, place: str, properties: Mapping[str, Any]
) -> str | None:
    """A table ``(v, plain)`` of the numbers of a column as plain decimals; None: they are plain already."""
    if not properties.keys() & {"decimalChar", "groupChar", "bareNumber"}:
        return None
    convert = number_converter(
        Field(
            "",
            None,
            decimal_char=properties.get("decimalChar", "."),
            group_char=properties.get("groupChar", ""),
            bare_number=properties.get("bareNumber", True),
        )
    )
    texts = [value.text for value in values(connection, source, place, limit=100_000_000)]
    name = f"numbers_{place}"
    # Parameters that are lists take DuckDB seconds.
    connection.execute(
        f"CREATE OR REPLACE TABLE {name} AS SELECT p.v, p.plain FROM (SELECT unnest(from_json(?, ?)) AS p)",
        [json.dumps([{"v": text, "plain": convert(text)} for text in texts]), '[{"v": "VARCHAR", "plain": "VARCHAR"}]'],
    )
    return name


def returned(quantity: str, flag: str, values: Collection[str]) -> str:
    """The SQL of a quantity that is negative where ``flag`` has one of some values."""
    listed = ", ".join(map(quoted, values))
    plain = f"regexp_full_match({quantity}, {quoted(PLAIN.pattern)}) AND NOT starts_with({quantity}, '-')"
    return f"CASE WHEN {flag} IN ({listed}) AND {plain} THEN '-' || ltrim({quantity}, '+') ELSE {quantity} END"


def mark_of_returns(
    connection: duckdb.DuckDBPyConnection, source: str, header: Sequence[str]
) -> tuple[str, str] | None:
    """A field, with one of its values, that seems to mark returns."""
    for number, field in enumerate(header):
        values = connection.execute(
            f"SELECT DISTINCT {trimmed(f'c{number}')} FROM (FROM {source} LIMIT 100000) LIMIT {MANY_KINDS}"
        ).fetchall()
        marks = (YES if plain_name(field) in RETURNS.split() else RETURNS).split()
        found = sorted(value for (value,) in values if plain_name(value) in marks)
        # Of a field with many values, one is there by chance.
        if found and len(values) < MANY_KINDS:
            return field, found[0]
    return None


def date(text: str, properties: Mapping[str, Any], timezone: str | None) -> str:
    """The SQL of a day written yyyy-MM-dd; texts of another form stay as they are."""
    form = properties.get("format")
    if form is None:
        if timezone is None:
            return text
        moment = f"regexp_replace({text}, ' ?(UTC|GMT|Z)$', '+00:00')"
        moment = rf"regexp_replace({moment}, ' ([+-][0-9]{{2}}:?[0-9]{{2}})$', '\1')"
        day = f"CAST(CAST(TRY_CAST({moment} AS TIMESTAMPTZ) AT TIME ZONE {quoted(timezone)} AS DATE) AS VARCHAR)"
        return f"CASE WHEN regexp_full_match({text}, '{ISO}') THEN {text} ELSE coalesce({day}, {text}) END"
    pattern, source = form, text
    if "%Z" in form:
        pattern, source = form.replace("%Z", "%z"), f"regexp_replace({text}, '(UTC|GMT)$', '+00:00')"
    elif "%z" in form:
        source = f"regexp_replace({text}, 'Z$', '+00:00')"
    moment = f"try_strptime({source}, {quoted(pattern)})"
    if timezone is not None and pattern.endswith("%z"):
        moment = f"{moment} AT TIME ZONE {quoted(timezone)}"
    # Unlike Python, DuckDB takes 10 for the year 10.
    day = f"CASE WHEN year({moment}) >= 1000 THEN CAST(CAST({moment} AS DATE) AS VARCHAR) END"
    unlike = f"CASE WHEN regexp_full_match({text}, '{ISO}') THEN {text} || '{UNLIKE}' ELSE {text} END"
    return f"coalesce({day}, {unlike})"


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def words(connection: duckdb.DuckDBPyConnection, source: str, place: str, known: Collection[str]) -> set[str]:
    """Those of some words that are values of a column."""
    listed = ", ".join(quoted(word) for word in known)
    found = connection.execute(f"SELECT DISTINCT trim({place}) FROM {source} WHERE trim({place}) IN ({listed})")
    return {row[0] for row in found.fetchall()}
