"""What is printed for people."""

from __future__ import annotations

import duckdb

from sales_job.lake.header import visible
from scripts.inspect.conversion import missing_as_empty
from scripts.inspect.files import Group
from scripts.inspect.names import columns_of
from scripts.inspect.reading import trimmed
from scripts.inspect.understanding import Understood
from scripts.inspect.verdict import Verdict

SHOWN_ROWS = 20_000
"""Of how many rows the shares of empty values and the examples are."""


def form(group: Group) -> None:
    """Prints which file it is and how it is written."""
    more = f" and {len(group.files) - 1} more files" if len(group.files) > 1 else ""
    print(f"{group.table}: {group.files[0].path}{more}")
    separator = {"\t": "tab"}.get(group.form.delimiter, group.form.delimiter)
    row = f"header in row {group.form.header_row}"
    print(f"encoding {group.form.encoding}, separated by '{separator}', quoted by {group.form.quote}, {row}\n")


def fields(connection: duckdb.DuckDBPyConnection, group: Group, understood: Understood) -> None:
    """Prints the fields of the file, and the evidence for forms."""
    meanings = {field: column for column, field in understood.fields.items()}
    print(f"{'field':24} {'meaning':18} {'empty':>6}  examples")
    for number, field in enumerate(understood.header):
        text = missing_as_empty(trimmed(f"c{number}"), understood.missing)
        row = connection.execute(
            f"SELECT 1 - count(nullif(v, '')) / greatest(count(*), 1), "
            f"list_distinct(list(v) FILTER (v <> ''))[:3] FROM (SELECT {text} AS v FROM {group.source} "
            f"LIMIT {SHOWN_ROWS})"
        ).fetchone()
        empty, examples = row if row is not None else (0, [])
        shown = ", ".join(visible(str(value))[:24] for value in examples or ())
        print(f"{visible(field)[:24]:24} {meanings.get(field, '-'):18} {empty:6.0%}  {shown}")
    for column, value in understood.constants.items():
        print(f"{'':24} {column:18} {'':6}  {value}, for all lines")
    for column, reading in understood.readings.items():
        if reading.evidence:
            print(f"{column}: {reading.evidence}")
    if understood.missing:
        print(f"read as empty: {', '.join(understood.missing)}")
    absent = [c for c in columns_of(understood.table) if c not in {**understood.fields, **understood.constants}]
    if absent and understood.table != "sales":
        print(f"not in the file: {', '.join(absent)}")
    print()


def verdict(found: Verdict, group: Group) -> None:
    """Prints what the lines amount to."""
    surplus = sum(file.surplus for file in group.files)
    lines = found.lines + surplus
    kinds = f"{found.duplicates} of them duplicates, {found.returns} returns"
    print(f"{lines} lines: {found.good} good, {kinds}, {lines - found.good} bad")
    for reason, count, value, line in found.bad:
        example = f"'{visible(value)}' in " if value else ""
        print(f"  {count} lines: {reason}, such as {example}line {line}")
    if surplus:
        print(f"  {surplus} lines: fields are more than the header has")
    if found.side_by_side:
        print(
            f"  {found.side_by_side} lines equal the one before them, and equal lines count once: if they are items "
            "scanned twice, name the field that numbers them: --column line_number=FIELD"
            if "line_number" in columns_of("sales")
            else f"  {found.side_by_side} lines equal the one before them: equal lines count once"
        )
    if found.good:
        print(f"{found.days} days from {found.first_day} to {found.last_day}, revenue {found.revenue:,.4f}")


def mark_of_returns(found: tuple[str, str] | None) -> None:
    """Prints which field seems to mark returns, and the option that takes it."""
    if found is not None:
        field, value = found
        print(f"  no line is a return, but {visible(field)} holds '{visible(value)}': --returns \"{field}={value}\"")
