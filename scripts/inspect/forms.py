"""How a file is written: its encoding, found by charset-normalizer, and its dialect, found by DuckDB's sniffer."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer
import duckdb

from sales_job.base.errors import InputRefused
from sales_job.lake import file_integrity
from sales_job.lake.file_integrity import UTF_16_MARKS
from scripts.inspect.names import NAMES, propose

HEAD_BYTES = 256 * 1024
"""How much of a file the sniffer and the detection of the encoding look at."""

HEAD_ROWS = 50
"""Among how many rows the header is looked for."""

SEPARATORS = (",", ";", "\t", "|")


CODE_PAGES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "gb18030", "shift_jis", "euc_kr",
    "big5", "koi8_r",
)  # fmt: skip
"""The encodings, beside Unicode's, that exports of today have."""


@dataclass(frozen=True)
class Form:
    """How a file is written. ``header_row`` counts from 1, empty rows too; ``fields`` are the header's, trimmed."""

    encoding: str
    delimiter: str
    quote: str
    header_row: int
    fields: Sequence[str]

    @property
    def dialect(self) -> dict[str, str]:
        """Arguments of Python's CSV reader."""
        return {"delimiter": self.delimiter, "quotechar": self.quote}


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
    matches = charset_normalizer.from_bytes(data[start : start + HEAD_BYTES], cp_isolation=list(CODE_PAGES))
    # Of a few accented letters the detection finds any code page that has them: then it is Western Windows' own.
    western = any("cp1252" in (match.encoding, *match.could_be_from_charset) for match in matches)
    best = None if western else matches.best()
    found = best.encoding if best is not None else "cp1252"
    texts = {encoding: _decoded(data, encoding) for encoding in (found, "cp1252", "latin-1")}
    for encoding, text in texts.items():
        if text is not None:
            return encoding
    raise InputRefused(f"{name}: is not text in any known encoding: give it with --encoding")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def form_of(connection: duckdb.DuckDBPyConnection, name: str, data: bytes, encoding: str, folder: Path) -> Form:
    """Separator, quote, and which of the first rows is the header: the names tell that are known."""
    head = data[:HEAD_BYTES].decode("utf-8", errors="ignore")
    file_integrity.require_no_zero_bytes(name, head)
    if len(data) > HEAD_BYTES:
        head = head[: head.rfind("\n") + 1] or head
    sample = folder / "head.csv"
    sample.write_text(head, encoding="utf-8", newline="")
    sniffed: list[tuple[str, str, int]] = []
    for option in ("", ", ignore_errors = true", ", null_padding = true"):
        try:
            sniffed += connection.execute(
                f"SELECT Delimiter, Quote, SkipRows FROM sniff_csv(?, all_varchar = true{option})", [str(sample)]
            ).fetchall()
        except duckdb.Error:
            continue
    likely = {delimiter: skipped for delimiter, _, skipped in reversed(sniffed)}
    quote = next((mark for _, mark, _ in sniffed if mark not in (None, "", "(empty)", "\0")), '"')
    best: tuple[float, Form] | None = None
    for delimiter in dict.fromkeys([*(found[0] for found in sniffed), *SEPARATORS]):
        rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, quotechar=quote))
        for number, row in enumerate(rows[:HEAD_ROWS], start=1):
            if any(field.strip() for field in row):
                score = _score(row, rows[number : number + 20]) + (likely.get(delimiter) == number - 1)
                if best is None or score > best[0]:
                    best = score, Form(encoding, delimiter, quote, number, [field.strip() for field in row])
    if best is None:
        raise InputRefused(f"{name}: has no header")
    return best[1]


def _score(row: Sequence[str], following: Sequence[Sequence[str]]) -> float:
    """How much a row looks like a header: by known names, and by the rows that follow it."""
    known = max(len(propose(row, table)) for table in NAMES)
    same = sum(len(other) == len(row) for other in following) / max(1, len(following))
    names = all(field.strip() and not re.search("[0-9]", field) for field in row) and len(set(row)) == len(row)
    return known * 2 + (same + names if len(row) > 1 else 0)
