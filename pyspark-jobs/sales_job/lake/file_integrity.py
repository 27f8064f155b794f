"""Whether a file is what its name says: text in UTF-8 or UTF-16, an archive with its end, quotes that are closed.

Every function raises InputRefused with the file's name and what to do.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from sales_job.base.errors import InputRefused
from sales_job.lake.arrival_names import is_packed

LAST_ROW = ["the end", "of the file"]
"""Appended to a text; if the CSV reader does not return it as a row of its own, a quote was never closed."""

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

PACKED = {
    b"\x1f\x8b": "is packed by gzip: name it .csv.gz",
    b"PK\x03\x04": "is a zip archive or a spreadsheet: unpack it, or save the sheet as CSV",
    b"BZh": "is packed by bzip2: unpack it, or pack it by gzip as .csv.gz",
    b"\x28\xb5\x2f\xfd": "is packed by zstd: unpack it, or pack it by gzip as .csv.gz",
    b"\xfd7zXZ": "is packed by xz: unpack it, or pack it by gzip as .csv.gz",
}
"""The first bytes of packed files."""

# A quote that is never closed makes a field of all that follows.
csv.field_size_limit(sys.maxsize)


def encoding_of(data: bytes) -> str:
    """Python's name of a file's encoding, by its first bytes: UTF-8, or UTF-16 with a byte order mark."""
    return "utf-16" if data.startswith(UTF_16_MARKS) else "utf-8-sig"


def as_text(name: str, data: bytes) -> str:
    """The text of a file."""
    require_unpacked(name, data)
    try:
        text = data.decode(encoding_of(data))
    except UnicodeDecodeError as error:
        raise not_text(name, error) from None
    require_no_zero_bytes(name, text)
    return text


def not_text(name: str, error: UnicodeDecodeError) -> InputRefused:
    """The refusal of a file that is not text in its encoding."""
    encoding = "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
    return InputRefused(
        f"{name}: is not {encoding} text (byte {error.start}): save it as UTF-8 CSV, or see `npm run inspect -- FILE`"
    )


def require_unpacked(name: str, data: bytes) -> None:
    """Refuses packed files whose name does not say so."""
    for mark, message in PACKED.items():
        if data.startswith(mark):
            raise InputRefused(f"{name}: {message}")


def require_no_zero_bytes(name: str, text: str) -> None:
    """Refuses binary files, which decode as UTF-8 now and then."""
    if "\0" in text:
        raise InputRefused(f"{name}: is not text (it holds zero bytes): is it a CSV file?")


def unpack(name: str, archive: zlib._Decompress, data: bytes, limit: int = 0) -> bytes:
    """The next bytes of a gzip archive, ``limit`` at most (0: all)."""
    if data and not b"\x1f\x8b".startswith(data[:2]):
        raise InputRefused(f"{name}: is not packed by gzip, as its name says: name it .csv, or pack it")
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


def unpacked(name: str, data: bytes) -> bytes:
    """The content of a file that may be packed, by its name."""
    if is_packed(name):
        require_complete_archive(name, data)
        return gzip.decompress(data)
    return data


def whole_text(name: str, data: bytes) -> str:
    """The text of a file that may be packed, by its name."""
    return as_text(name, unpacked(name, data))


def rows_of(
    name: str, text: str, dialect: Mapping[str, Any] | None = None, empty: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text, each with the number of its first line; empty lines are left out, unless ``empty``.

    Lines end with LF, CR or CRLF, also within one text. A quote that is never closed would swallow all lines after it:
    the file is refused.

    Args:
        dialect: arguments of Python's CSV reader; None: those of RFC 4180.
    """
    last_line = (dialect or {}).get("delimiter", ",").join(LAST_ROW)
    rows = csv.reader(chain(io.StringIO(text, newline=""), [last_line]), **(dialect or {}))
    opened, line = 0, 1
    row: list[str] = []
    for following in rows:
        if row or (empty and line > 1):
            yield opened, row
        opened, row, line = line, following, rows.line_num + 1
    if row != LAST_ROW:
        raise InputRefused(
            f"{name}: a quote in line {opened} is never closed and takes in all that follows: correct the file"
        )
