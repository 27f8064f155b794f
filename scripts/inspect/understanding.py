"""What the fields of a file mean, and what only the user can answer."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from sales_job.base.errors import ConfigurationError
from sales_job.lake.header import visible
from sales_job.lake.translate import kind_of
from scripts.inspect import conversion
from scripts.inspect.dates import read_date
from scripts.inspect.names import NAMES, columns_of, propose, required, similar
from scripts.inspect.numbers import Reading, read_number
from scripts.inspect.reading import trimmed

MISSING_WORDS = ("NULL", "null", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "(null)")
"""What programs write for an empty value. They are taken so where a customer or a number is meant."""


@dataclass(frozen=True)
class Question:
    """What only the user can answer. ``option`` is what answers it, with ``{}`` for the answer."""

    text: str
    option: str
    column: str | None = None
    choices: Sequence[str] = ()

    def __str__(self) -> str:
        if self.column is None:
            return f"{self.text}: {self.option.format('|'.join(self.choices) or 'ZONE')}"
        fields = f" ({', '.join(f'{visible(c)!r}' for c in self.choices[:6])}?)" if self.choices else ""
        name = self.column
        return f"{self.text}{fields} --column {name}=FIELD, or --constant {name}=VALUE"


@dataclass
class Understood:
    """What a file's fields mean: ``fields`` by column, how each is written, and constants."""

    table: str
    source: str
    header: Sequence[str]
    fields: dict[str, str] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    questions: list[Question] = field(default_factory=list)
    returns: tuple[str, list[str]] | None = None
    """The field and its values that mark a return."""

    @property
    def zoned(self) -> bool:
        """Whether its times have a zone."""
        return any(reading.zoned for reading in self.readings.values())

    def place(self, column: str) -> str:
        """The name of a column's field in the database."""
        return self.place_of(self.fields[column])

    def place_of(self, name: str) -> str:
        """The name of a field in the database."""
        return f"c{list(self.header).index(name)}"


def chosen(options: argparse.Namespace, tables: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    """The options ``--column`` and ``--constant`` by table.

    Raises:
        ConfigurationError: one names no column of these tables.
    """
    found: dict[str, dict[str, dict[str, str]]] = {t: {"column": {}, "constant": {}} for t in tables}
    for option in ("column", "constant"):
        for text in getattr(options, option):
            name, equals, value = text.partition("=")
            table, dot, column = name.rpartition(".")
            fitting = [t for t in tables if column in columns_of(t) and (not dot or t == table)]
            if not equals or not fitting:
                listed = ", ".join(dict.fromkeys(c for t in tables for c in required(t)))
                raise ConfigurationError(
                    f"--{option} {text}: write --{option} COLUMN=..., with a column of {', '.join(tables)}: {listed}"
                )
            found[fitting[0]][option][column] = value
    return found


def understand(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    source: str,
    header: Sequence[str],
    given: Mapping[str, Mapping[str, str]],
    options: argparse.Namespace,
) -> Understood:
    """Finds the columns by their names, and the forms of dates and numbers by their values.

    Args:
        table: sales, products or stores.
        source: the table or view of the file's rows.
        given: the options ``column`` and ``constant`` for this table.
    """
    found = Understood(table, source, header, constants=dict(given["constant"]))
    if table == "sales" and options.returns:
        found.returns = _returns(options.returns, header)
    fields = {**propose(header, table), **given["column"]}
    # The order of the names' table: what matters most first.
    columns = [*NAMES[table], *(column for column in columns_of(table) if column not in NAMES[table])]
    for column in (c for c in columns if c in columns_of(table) and c not in found.constants):
        name = fields.get(column)
        if name is not None and name not in header:
            raise ConfigurationError(f"--column {column}={name}: the file has {', '.join(map(visible, header))}")
        if name is not None and header.count(name) > 1:
            raise ConfigurationError(f"the file has two fields '{visible(name)}': rename one, or name another field")
        if name is not None:
            found.fields[column] = name
        elif column in required(table):
            found.questions.append(_which(found, column, table))
    _read_forms(connection, found, options)
    return found


def _returns(given: str, header: Sequence[str]) -> tuple[str, list[str]]:
    name, _, values = given.partition("=")
    if not values or header.count(name) != 1:
        fields = ", ".join(map(visible, header))
        raise ConfigurationError(f"--returns {given}: write FIELD=VALUE,... with one of the file's fields: {fields}")
    return name, [value.strip() for value in values.split(",")]


def _which(found: Understood, column: str, table: str) -> Question:
    free = [name for name in found.header if name not in found.fields.values()]
    name = column if table == "sales" else f"{table}.{column}"
    text = f"which field is {column}?"
    if column == "unit_price" and any(f for f in similar(column, free)):
        text += " the price of one piece; an amount of the whole line counts with --constant quantity=1"
    if column == "cost_price":
        text += " --constant products.cost_price= leaves it empty: no profit is computed;"
    return Question(text, f"--column {name}={{}}", name, similar(column, free))


def _read_forms(connection: duckdb.DuckDBPyConnection, found: Understood, options: argparse.Namespace) -> None:
    numbers = [column for column in found.fields if kind_of(column, found.table) in ("NUMERIC", "INTEGER")]
    dates = [column for column in found.fields if kind_of(column, found.table) == "DATE"]
    missing: set[str] = set()
    for column in [*numbers, *dates, *(c for c in found.fields if c == "customer_id")]:
        missing |= conversion.words(connection, found.source, found.place(column), MISSING_WORDS)
    found.missing = tuple(sorted(missing))
    _read_numbers(connection, found, numbers, options.decimal)
    for column in dates:
        found.readings[column] = _date(connection, found, column, options)
    for column, reading in found.readings.items():
        # A value that fits no form is read as empty in columns that no figure needs.
        if reading.option and column in required(found.table):
            found.questions.append(_how(found.fields[column], reading))


def _read_numbers(
    connection: duckdb.DuckDBPyConnection, found: Understood, columns: Sequence[str], decimal: str | None
) -> None:
    values = {
        column: [
            value
            for value in conversion.values(connection, found.source, found.place(column))
            if value.text not in found.missing
        ]
        for column in columns
    }
    found.readings |= {column: read_number(values[column], decimal) for column in columns}
    clear = {
        str(reading.properties.get("decimalChar", "."))
        for reading in found.readings.values()
        if reading.option is None and ": decimal" in reading.evidence
    }
    # What one column leaves open, the others of the same file decide.
    if len(clear) == 1:
        other = clear.pop()
        for column in columns:
            if found.readings[column].option is not None:
                found.readings[column] = read_number(values[column], decimal, other)


def _date(
    connection: duckdb.DuckDBPyConnection, found: Understood, column: str, options: argparse.Namespace
) -> Reading:
    place = found.place(column)
    shapes = [s for s in conversion.shapes(connection, found.source, place) if s[0] not in found.missing]
    reading = read_date(shapes, options.dates, conversion.deciding_dates(connection, found.source, place))
    if reading.zoned and not options.timezone and reading.option is None:
        return Reading(reading.properties, reading.evidence, "--timezone ZONE, in which days are counted", zoned=True)
    return reading


def _how(name: str, reading: Reading) -> Question:
    option = reading.option or ""
    flag, _, choices = option.partition(" ")
    text = f"{visible(name)}: {reading.evidence}"
    if flag == "--timezone":
        return Question(f"{text}: in which zone are days counted, such as Europe/Berlin?", "--timezone {}")
    if flag == "--column":
        return Question(f"{text}: which field is the date?", "--column transaction_date={}", "transaction_date")
    return Question(text, f"{flag} {{}}", None, tuple(choices.split("|")))


def texts_in_sql(
    connection: duckdb.DuckDBPyConnection, found: Understood, timezone: str | None
) -> tuple[dict[str, str], str]:
    """The SQL of each column as the job's text, and the joins that it needs behind the rows."""
    texts: dict[str, str] = {}
    joins = ""
    for column in found.fields:
        place = found.place(column)
        reading = found.readings.get(column)
        text = conversion.missing_as_empty(trimmed(place), found.missing)
        properties: Mapping[str, Any] = reading.properties if reading else {}
        if kind_of(column, found.table) == "DATE":
            text = conversion.date(text, properties, timezone if found.zoned else None)
        elif reading is not None:
            numbers = conversion.number_table(connection, found.source, place, properties)
            if numbers is not None:
                joins += f" LEFT JOIN {numbers} ON {numbers}.v = {trimmed(place)}"
                text = conversion.missing_as_empty(f"coalesce({numbers}.plain, '')", found.missing)
        texts[column] = text
    if found.returns is not None:
        name, values = found.returns
        quantity = texts.get("quantity") or conversion.quoted(found.constants["quantity"])
        texts["quantity"] = conversion.returned(quantity, trimmed(found.place_of(name)), values)
    return texts, joins
