"""A file as a table of texts."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sales_job.base.errors import InputRefused
from sales_job.base.sales_rules import BLANKS
from sales_job.lake import file_integrity
from sales_job.lake.arrival_names import is_packed
from sales_job.lake.header import column_name
from scripts.inspect.forms import Form, encoding_of, form_of


@dataclass(frozen=True)
class Loaded:
    """A file in the database: its table has ``line`` and the fields as ``c0``, ``c1``, ...

    ``surplus`` counts rows with more fields than the header; they are not in the table.
    """

    path: Path
    form: Form
    table: str
    surplus: int


def load(connection: duckdb.DuckDBPyConnection, path: Path, encoding: str | None, folder: Path) -> Loaded:
    """Reads a file into a table of its own, without rows that hold nothing and repeated headers.

    Args:
        encoding: the file's, if it is known.
        folder: for copies that DuckDB reads.

    Raises:
        InputRefused: it is packed under another name, has no bytes, is not text or has no header.
    """
    data = path.read_bytes()
    if is_packed(path.name):
        file_integrity.require_complete_archive(path.name, data)
        data = gzip.decompress(data)
    if not data:
        raise InputRefused(f"{path.name}: has no bytes")
    file_integrity.require_unpacked(path.name, data)
    encoding = encoding or encoding_of(path.name, data)
    if encoding != "utf-8":
        try:
            data = data.decode(encoding).encode("utf-8")
        except (UnicodeDecodeError, LookupError):
            raise InputRefused(f"{path.name}: is not {encoding} text: leave --encoding out, or correct it") from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    form = form_of(connection, path.name, data, encoding, folder)
    table = f"file_{len(list(folder.iterdir()))}"
    source = folder / f"{table}.csv"
    rows = _plain_rows(data, form)
    if rows is None or not _load_plain(connection, table, source, rows, form):
        _load_by_python(connection, table, source, path.name, data.decode("utf-8"), form)
    for condition in (_holds_nothing(form), _repeats_header(form)):
        connection.execute(f"DELETE FROM {table} WHERE {condition}")
    moved = connection.execute(f"DELETE FROM {table} WHERE trim(surplus) <> ''").fetchone()
    return Loaded(path, form, table, moved[0] if moved else 0)


def _plain_rows(data: bytes, form: Form) -> bytes | None:
    """What follows the header, if every line break ends a row and every quote is around a whole field; else None."""
    separator, quote = form.delimiter.encode(), form.quote.encode()
    if data.count(b"\r") != data.count(b"\r\n"):
        return None
    outside = re.escape(separator) + b"\r\n" + re.escape(quote)
    if quote in data and re.search(rb"[^%b]%b[^%b]" % (outside, re.escape(quote), outside), data):
        return None
    start = 0
    for _ in range(form.header_row):
        start = data.find(b"\n", start) + 1
        if start == 0:
            return b""
    return None if quote in data[:start] and data[:start].count(quote) % 2 else data[start:]


def _load_plain(connection: duckdb.DuckDBPyConnection, table: str, source: Path, rows: bytes, form: Form) -> bool:
    """Whether DuckDB reads as many rows as there are lines."""
    source.write_bytes(rows)
    # Short lines are padded; those with more fields than the header have something in the last column.
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in (*_places(form), "surplus")) + "}"
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        connection.execute(
            f"CREATE TABLE {table} AS SELECT *, row_number() OVER () + {form.header_row} AS line FROM read_csv(?, "
            f"delim = ?, quote = ?, escape = ?, header = false, auto_detect = false, columns = {columns}, "
            "null_padding = true, strict_mode = false)",
            [str(source), form.delimiter, form.quote, form.quote],
        )
    except duckdb.Error:
        return False
    count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    lines = rows.count(b"\n") + (not rows.endswith(b"\n") and bool(rows))
    if count == (lines,):
        return True
    connection.execute(f"DROP TABLE {table}")
    return False


def _load_by_python(
    connection: duckdb.DuckDBPyConnection, table: str, source: Path, name: str, text: str, form: Form
) -> None:
    """Reads a file as the job does that a descriptor describes."""
    width = len(form.fields)
    with source.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        rows = file_integrity.rows_of(name, text, form.dialect, empty=True)
        for number, (line, row) in enumerate(rows, start=1):
            if number > form.header_row and row:
                fields = (row + [""] * width)[:width]
                writer.writerow([*fields, "".join(row[width:]), line])
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in (*_places(form), "surplus")) + ", 'line': 'BIGINT'}"
    connection.execute(
        f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, delim = ',', quote = '\"', escape = '\"', header = false, "
        f"auto_detect = false, columns = {columns}, max_line_size = 100000000, parallel = false)",
        [str(source)],
    )


def _places(form: Form) -> list[str]:
    return [f"c{number}" for number in range(len(form.fields))]


def trimmed(place: str) -> str:
    """The SQL of a text without blanks at its ends; "" where there is none."""
    clean = f"ascii({place}) BETWEEN 33 AND 126 AND ascii(right({place}, 1)) BETWEEN 33 AND 126"
    return f"CASE WHEN {clean} THEN {place} ELSE coalesce(trim({place}, '{BLANKS}'), '') END"


def _holds_nothing(form: Form) -> str:
    # Nearly every row begins with a printable ASCII character, which is quicker to see.
    return (
        f"coalesce(ascii(c0), 0) NOT BETWEEN 33 AND 126 AND "
        f"ltrim(concat({', '.join((*_places(form), 'surplus'))}), '{BLANKS}') = ''"
    )


def _repeats_header(form: Form) -> str:
    names = [column_name(field).replace("'", "''") for field in form.fields]
    same = [
        rf"regexp_replace(lower({trimmed(place)}), '[\s.-]+', '_', 'g') = '{name}'"
        for place, name in zip(_places(form), names, strict=True)
    ]
    return " AND ".join(same)
