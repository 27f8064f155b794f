"""Whether a file is what its name says: text in UTF-8, an archive with its end, quotes that are closed.

Every function raises InputRefused with the file's name and what to do.
"""

from __future__ import annotations

import csv
import gzip
import zlib

from sales_job.base.errors import InputRefused

LAST_ROW = "the end"
"""Sentinel appended to a text; if the CSV reader does not return it as a row of its own, a quote was never closed."""


def as_text(name: str, data: bytes) -> str:
    """The text of a file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from None
    require_no_zero_bytes(name, text)
    return text


def not_utf8(name: str, error: UnicodeDecodeError) -> InputRefused:
    """The refusal of a file that is not UTF-8."""
    return InputRefused(f"{name}: is not UTF-8 text (byte {error.start}): save it as UTF-8 CSV")


def require_no_zero_bytes(name: str, text: str) -> None:
    """Refuses binary files, which decode as UTF-8 now and then."""
    if "\0" in text:
        raise InputRefused(f"{name}: is not text (it holds zero bytes): is it a CSV file?")


def unpack(name: str, archive: zlib._Decompress, data: bytes, limit: int = 0) -> bytes:
    """The next bytes of a gzip archive, ``limit`` at most (0: all)."""
    try:
        return archive.decompress(data, limit)
    except zlib.error as error:
        raise InputRefused(f"{name}: cannot be unpacked ({error}): upload it again") from None


def gzip_archive() -> zlib._Decompress:
    """A decompressor for one gzip member."""
    return zlib.decompressobj(wbits=31)


def require_complete_archive(name: str, data: bytes) -> None:
    """Unpacks every member of a gzip file to its end."""
    while data:
        archive = gzip_archive()
        unpack(name, archive, data)
        if not archive.eof:
            raise InputRefused(f"{name} is cut off: upload it again")
        data = archive.unused_data


def require_closed_quotes(name: str, data: bytes) -> None:
    """Reads a CSV file to its end. A quote that is never closed would swallow all lines after it."""
    text = as_text(name, gzip.decompress(data) if name.endswith(".gz") else data)
    rows = csv.reader([*text.splitlines(keepends=True), *(["\n"] if text[-1:] not in "\r\n" else []), LAST_ROW])
    line, row = 1, []
    for row in rows:
        if row != [LAST_ROW]:
            opened, line = line, rows.line_num + 1
    if row != [LAST_ROW]:
        raise InputRefused(
            f"{name}: a quote in line {opened} is never closed and takes in all that follows: correct the file"
        )
