"""Rows of files that ``datapackage.json`` describes, written as the job's own files are.

A value that does not fit its description stays as it came, and its line is quarantined. Where the job itself would read
such a value, :data:`UNLIKE` follows it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from sales_job.base.errors import ConfigurationError
from sales_job.base.sales_columns import TIME_OF_DAY
from sales_job.lake import file_integrity
from sales_job.lake.data_package import NAME, Field, Resource
from sales_job.lake.header import column_name
from sales_job.tables import reference_columns

Convert = Callable[[str], str]

PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
DECORATED = re.compile(
    r"(?P<before>(?:[^0-9.,]|(?<=[^\W\d_])[.,])*)(?P<core>[.,]?[0-9](?:.*[0-9])?[.,]?)(?P<after>[^0-9]*)"
)
"""A number with what may be around it: a currency, a unit, a sign."""
MINUS = "[-\u2212]"
UTC_BY_NAME = re.compile(" ?(UTC|GMT|Z)$")
ISO_DATE = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({TIME_OF_DAY})?")

UNLIKE = f" (unlike {NAME})"


def decode(name: str, data: bytes, resource: Resource) -> str:
    """The text of a file in the described encoding."""
    if resource.encoding is None:
        return file_integrity.as_text(name, data)
    try:
        return data.decode(resource.encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise file_integrity.not_text(name, error) from None


def translate(name: str, text: str, resource: Resource) -> str:
    """A whole file as CSV with the resource's columns, in UTF-8 whose lines end with LF.

    Raises:
        ConfigurationError: the file lacks a field or a column, or two fields bring one.
        InputRefused: a quote is never closed.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(resource.columns)
    writer.writerows(_rows(name, text, resource))
    return out.getvalue()


def _rows(name: str, text: str, resource: Resource) -> Iterator[list[str]]:
    rows = (
        row
        for _, row in file_integrity.rows_of(name, text, resource.csv, empty=True)
        if not (resource.comment and row and row[0].startswith(resource.comment))
    )
    if resource.header:
        for _ in range(resource.header_row - 1):
            next(rows, None)
        # As in the job's own form, empty rows above the header are none.
        header = [field.strip() for field in next(filter(any, rows), [])]
    else:
        header = [field.name for field in resource.fields]
    places = _places(name, header, resource)
    returns, quantity = resource.returns, resource.columns.index("quantity") if resource.returns else 0
    flag = header.index(returns.field) if returns else 0
    missing = resource.missing_values
    names = [column_name(field) for field in header]
    for row in rows:
        fields = [field.strip() for field in row]
        if not any(fields) or [column_name(field) for field in fields] == names:
            continue
        line = [
            constant if place is None else _convert(fields, place, convert, missing)
            for place, convert, constant in places
        ]
        if returns and flag < len(fields) and fields[flag] in returns.values:
            line[quantity] = _negative(line[quantity])
        # More fields than the header: the line keeps one more than it should, and is quarantined.
        yield [*line, "surplus"] if any(fields[len(header) :]) else line


def _negative(text: str) -> str:
    """A quantity as that of a return; what is not a number, or has the sign, stays as it is."""
    return text if text.startswith("-") or not PLAIN.fullmatch(text) else f"-{text.removeprefix('+')}"


def _convert(fields: Sequence[str], place: int, convert: Convert | None, missing: frozenset[str]) -> str:
    text = fields[place] if place < len(fields) else ""
    return "" if text in missing else convert(text) if convert else text


def _places(name: str, header: Sequence[str], resource: Resource) -> list[tuple[int | None, Convert | None, str]]:
    """For each column: its field's place in the file and how its texts are converted; or a constant."""
    described = {}
    for field in resource.fields:
        if header.count(field.name) != 1:
            how = "lacks" if field.name not in header else "has twice"
            raise ConfigurationError(f"{name}: {how} the field '{field.name}' of {NAME}: it has {', '.join(header)}")
        if field.column:
            described[field.column] = field
    if resource.returns and header.count(resource.returns.field) != 1:
        how = "lacks" if resource.returns.field not in header else "has twice"
        raise ConfigurationError(f"{name}: {how} the field '{resource.returns.field}' of returns in {NAME}")
    taken = {field.name for field in resource.fields}
    by_rule = {column_name(text): text for text in header if text not in taken}
    places: list[tuple[int | None, Convert | None, str]] = []
    for column in resource.columns:
        if column in described:
            convert = _converter(column, described[column], resource)
            places.append((header.index(described[column].name), convert, ""))
        elif column in resource.constants:
            places.append((None, None, resource.constants[column]))
        elif column in by_rule:
            places.append((header.index(by_rule[column]), None, ""))
        elif column in resource.required:
            raise ConfigurationError(f"{name}: no field of it brings {column}: add `column` to one of {NAME}")
        else:
            places.append((None, None, ""))
    return places


def zoned_time(text: str) -> dt.datetime:
    """A time of ISO 8601, also with UTC by its name and a blank before the zone.

    Raises:
        ValueError: it is none.
    """
    return dt.datetime.fromisoformat(re.sub(" (?=[+-][0-9:]+$)", "", UTC_BY_NAME.sub("+00:00", text)))


def kind_of(column: str, table: str) -> str:
    """The type of a column: NUMERIC, INTEGER, DATE, BOOLEAN or STRING."""
    if table == "sales":
        return {"quantity": "NUMERIC", "unit_price": "NUMERIC", "transaction_date": "DATE"}.get(column, "STRING")
    return next(c.type for c in reference_columns.table(table).columns if c.name == column)


def _converter(column: str, field: Field, resource: Resource) -> Convert | None:
    kind = kind_of(column, resource.name)
    if kind in ("NUMERIC", "INTEGER"):
        return cache(number_converter(field))
    if kind == "DATE":
        return cache(_date(field, resource))
    if kind == "BOOLEAN":
        return lambda text: "Y" if text in field.true_values else "N" if text in field.false_values else text
    return None


def number_converter(field: Field) -> Convert:
    """A function that writes a number as a plain decimal; other texts stay as they are."""
    group, point = re.escape(field.group_char), re.escape(field.decimal_char)
    if field.group_char.isspace():
        group = r"[\s\u00a0\u202f]"
    whole = rf"[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|[0-9]*" if group else "[0-9]*"
    digits = re.compile(rf"({whole})(?:{point}([0-9]*))?")

    def convert(text: str) -> str:
        parts = DECORATED.fullmatch(text)
        sign = None if parts is None else _sign(parts["before"], parts["core"], parts["after"], field.bare_number)
        found = None if parts is None or sign is None else digits.fullmatch(parts["core"])
        if found is None:
            return text + UNLIKE if PLAIN.fullmatch(text) else text
        plain = f"{sign}{re.sub('[^0-9]', '', found[1])}" + (f".{found[2]}" if found[2] else "")
        return plain if PLAIN.fullmatch(plain) else text

    return convert


def _sign(before: str, core: str, after: str, bare: bool) -> str | None:
    """ "-" for a negative number, "" for another; None where the signs around it contradict each other."""
    if bare:
        return {"": "", "+": "", "-": "-"}.get(before) if not after else None
    # In `12,-` the dash stands for the cents.
    after = "" if core[-1] in ".," else after
    signs = len(re.findall(MINUS, before + after)) + ("(" in before and ")" in after)
    return ("", "-")[signs] if signs < 2 else None


def _date(field: Field, resource: Resource) -> Convert:
    def convert(text: str) -> str:
        plain = ISO_DATE.fullmatch(text)
        if field.format == "default" and plain:
            return text[:10]
        try:
            if field.format == "default":
                moment = zoned_time(text)
            else:
                moment = dt.datetime.strptime(text, field.format)  # noqa: DTZ007
                if "%Z" in field.format and UTC_BY_NAME.search(text):
                    moment = moment.replace(tzinfo=dt.UTC)
        except ValueError:
            return text + UNLIKE if plain else text
        if moment.tzinfo is not None:
            if resource.timezone is None:
                return text
            moment = moment.astimezone(resource.timezone)
        return str(moment.date())

    return convert
