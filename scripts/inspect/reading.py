"""The form of a file: its encoding, found by charset-normalizer, and its dialect, found by DuckDB's sniffer."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import charset_normalizer
import duckdb

from sales_job.base.errors import InputRefused
from sales_job.lake.arrival_names import is_packed
from sales_job.lake.file_integrity import UTF_16_MARKS
from scripts.inspect.meaning import propose

HEAD_LINES = 50
"""Among how many lines the header is looked for."""

SAMPLE_BYTES = 256 * 1024
"""How much of a file that is not UTF-8 the detection looks at."""


@dataclass(frozen=True)
class Form:
    """How a file is written. ``header_row`` counts from 1; ``fields`` are the header's, as they are."""

    encoding: str
    delimiter: str
    quote: str
    header_row: int
    fields: Sequence[str]


def encoding_of(name: str, data: bytes) -> str:
    """Python's name of an encoding in which the whole file can be read.

    Raises:
        InputRefused: none fits.
    """
    if data.startswith(UTF_16_MARKS):
        return "utf-16"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        # The characters in question, and not only the plain ones before them.
        start = max(0, error.start - 1024)
    best = charset_normalizer.from_bytes(data[start : start + SAMPLE_BYTES]).best()
    found = best.encoding if best is not None else "cp1252"
    texts = {encoding: _decoded(data, encoding) for encoding in (found, "cp1252", "latin-1")}
    # Of a few accented letters the detection finds any code page that has them: then it is Windows' own.
    if texts["cp1252"] is not None and texts["cp1252"] == texts[found]:
        return "cp1252"
    for encoding, text in texts.items():
        if text is not None:
            return encoding
    raise InputRefused(f"{name}: is not text in any known encoding: give it with --encoding")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def load(path: Path, encoding: str | None, folder: Path) -> tuple[duckdb.DuckDBPyConnection, Form, int]:
    """Reads a file into the table ``rows`` (columns c0, c1, ... as texts, and ``line``).

    Args:
        encoding: the file's, if it is known.
        folder: for a copy in UTF-8.

    Returns:
        The database, the form, and how many rows have more fields than the header.
    """
    data = path.read_bytes()
    data = gzip.decompress(data) if is_packed(path.name) else data
    encoding = encoding or encoding_of(path.name, data)
    source = path
    if encoding != "utf-8" or is_packed(path.name):
        source = folder / "copy.csv"
        source.write_bytes(data.decode(encoding).encode("utf-8"))
    connection = duckdb.connect()
    # A name may hold what DuckDB takes for a pattern.
    if any(char in str(source) for char in "*?[]{}"):
        link = folder / "link.csv"
        link.symlink_to(source.resolve())
        source = link
    delimiter, quote, header_row, fields = _dialect(connection, source)
    # Short lines are padded: only those with more fields than the header have something in the last column.
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in (*_places(fields), "surplus")) + "}"
    table = (
        f"CREATE TABLE rows AS SELECT *, row_number() OVER () + {header_row} AS line FROM read_csv(?, delim = ?, "
        f"quote = ?, skip = ?, header = false, auto_detect = false, columns = {columns}, null_padding = true, "
        "strict_mode = false, ignore_errors = true, store_rejects = true, parallel = "
    )
    dialect = [str(source), delimiter, quote, header_row]
    try:
        connection.execute(f"{table} true)", dialect)
    except duckdb.Error:
        # Not for files with line breaks in quotes.
        connection.execute(f"{table} false)", dialect)
    rejected = connection.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone()
    moved = connection.execute("DELETE FROM rows WHERE trim(surplus) <> ''").fetchone()
    form = Form(encoding, delimiter, quote, header_row, fields)
    return connection, form, sum(row[0] for row in (rejected, moved) if row)


def _places(fields: Sequence[str]) -> list[str]:
    return [f"c{number}" for number in range(len(fields))]


def _dialect(connection: duckdb.DuckDBPyConnection, source: Path) -> tuple[str, str, int, list[str]]:
    """Separator, quote, row of the header and its fields.

    The sniffer finds separators; which of the first rows is the header, the names tell that are known.
    """
    sniffed = []
    for option in ("", ", ignore_errors = true", ", null_padding = true"):
        try:
            sniffed += connection.execute(
                f"SELECT Delimiter, Quote, SkipRows FROM sniff_csv(?, all_varchar = true{option})", [str(source)]
            ).fetchall()
        except duckdb.Error as error:
            failure = str(error).splitlines()[0]
    if not sniffed:
        raise InputRefused(f"{source.name}: is not a table that can be read: {failure}")
    with source.open(encoding="utf-8-sig", newline="") as file:
        head = list(islice(file, HEAD_LINES))
    best: tuple[int, str, str, int, list[str]] | None = None
    for delimiter, mark, skipped in sniffed:
        quote = mark if mark not in (None, "", "(empty)", "\0") else '"'
        rows = list(csv.reader(head, delimiter=delimiter, quotechar=quote))
        for number, row in enumerate(rows, start=1):
            known = len(propose(row))
            # Without a known name, the sniffer's own choice.
            score = known * 2 + (number == skipped + 1)
            if row and (best is None or score > best[0]):
                best = (score, delimiter, quote, number, [field.strip() for field in row])
    if best is None:
        raise InputRefused(f"{source.name}: has no header")
    return best[1:]
