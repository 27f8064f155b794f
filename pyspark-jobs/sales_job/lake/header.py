"""The header row of a CSV file: its columns by name, and what to do where some are missing."""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from sales_job.base.errors import InputRefused
from sales_job.lake import file_integrity

HEADER_BYTES = 64 * 1024
"""How much of a file is read to find its header and to see that it is text."""

INSPECT = "see `npm run inspect -- FILE`"

SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'", ",": "','"}


def column_name(text: str) -> str:
    """A column's name: trimmed, in lower case, with ``_`` for runs of blanks, hyphens and dots."""
    return re.sub(r"[\s.-]+", "_", text.strip().lower())


def header_of(name: str, head: bytes) -> tuple[str, ...]:
    """The fields of the header, trimmed, in the first bytes of a CSV file.

    Raises:
        InputRefused: the file has no bytes or is not text.
    """
    if not head:
        raise InputRefused(f"{name}: has no bytes: upload it again, or remove it")
    file_integrity.require_unpacked(name, head)
    encoding = file_integrity.encoding_of(head)
    try:
        # The last character may be cut in the middle: an incremental decoder keeps it back.
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < HEADER_BYTES)
    except UnicodeDecodeError as error:
        raise file_integrity.not_text(name, error) from None
    file_integrity.require_no_zero_bytes(name, text)
    rows = csv.reader(io.StringIO(text, newline=""))
    # The reader of the lines passes over empty lines too.
    return tuple(column.strip() for column in next((row for row in rows if row), []))


def require_columns(name: str, header: Sequence[str], columns: Iterable[str], optional: Iterable[str] = ()) -> None:
    """Refuses a header that lacks a column, or has one of them or of the optional ones twice; other columns may have
    any names.

    Raises:
        InputRefused: names all columns that are missing, and what the header looks like.
    """
    wanted, names = list(columns), [column_name(field) for field in header]
    for column in (*wanted, *optional):
        if names.count(column) > 1:
            raise InputRefused(f"{name}: the header names column {column} twice: keep one")
    missing = [column for column in wanted if column not in names]
    if missing:
        has = ", ".join(map(visible, header)) or "nothing"
        raise InputRefused(f"{name}: the header lacks {', '.join(missing)}: it has {has}{_advice(header, missing)}")


def visible(text: str) -> str:
    """A text with its invisible characters written as their numbers, such as U+FEFF."""
    return "".join(f"<U+{ord(char):04X}>" if unicodedata.category(char) in ("Cf", "Cc") else char for char in text)


def _advice(header: Sequence[str], missing: Sequence[str]) -> str:
    """What the header looks like, as the end of a sentence."""
    whole = ",".join(header)
    if re.match(r"sep=", whole):
        return f"; the first line '{visible(whole)}' is a spreadsheet's and no header: remove it, or {INSPECT}"
    counts = {separator: whole.count(separator) for separator in SEPARATORS}
    likely = max(counts, key=lambda separator: counts[separator])
    if len(header) == 1 and counts[likely]:
        return f"; its columns seem to be separated by {SEPARATORS[likely]} instead of ',': {INSPECT}"
    if any(visible(column) != column for column in header):
        return f"; a name holds invisible characters: save the file without them, or {INSPECT}"
    names = {column_name(field): field for field in header if field}
    similar = [
        f"{names[close[0]]} may be {column}"
        for column in missing
        if (close := difflib.get_close_matches(column, names, 1))
    ]
    return f"; {', '.join(similar)}: {INSPECT}" if similar else f": {INSPECT}"
