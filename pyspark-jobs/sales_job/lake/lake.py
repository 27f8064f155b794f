"""What lies in a lake: arrival folders, files and their headers."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sales_job.base.errors import ConfigurationError, InputRefused
from sales_job.lake.file_system import Entry, Files

LAST_ROW = "the end"
"""Put after a file's text: it comes back as a row of its own, unless a quote is open."""

HEADER_BYTES = 64 * 1024
"""How much of a file is looked at to find its header and to see that it is text."""


@dataclass(frozen=True)
class LakeFile:
    """One CSV file. ``name`` is its path inside the lake, ``arrival`` the day of its folder, "" for a flat file."""

    path: str
    name: str
    arrival: str
    size: int
    header: tuple[str, ...]


class Lake:
    """A lake's files.

    Raises:
        ConfigurationError: there is no such lake.
    """

    def __init__(self, files: Files, warn: Callable[[str], None]) -> None:
        self._files = files
        self._warn = warn
        if not files.exists(""):
            raise ConfigurationError(f"--lake {files.root}: there is no such lake: name what holds sales_data/")

    def arrivals(self, in_interval: Callable[[str], bool] | None) -> list[LakeFile]:
        """The sales files of the arrival days (yyyy-MM-dd) in an interval; of every day, and the flat ones, without it.

        Raises:
            InputRefused: a file has no bytes, is not text, or its header cannot be read.
        """
        wanted: list[tuple[str, str, int]] = []
        for entry in self._visible("sales_data"):
            day = entry.name.removeprefix("dt=")
            if not entry.is_folder:
                if in_interval is None:
                    wanted.append(("", f"sales_data/{entry.name}", entry.size))
            elif day == entry.name or not _is_day(day):
                self._warn(f"sales_data/{entry.name} is not an arrival: name it dt=yyyy-MM-dd")
            elif in_interval is None or in_interval(day):
                folder = f"sales_data/{entry.name}"
                wanted += [(day, f"{folder}/{e.name}", e.size) for e in self._visible(folder) if not e.is_folder]
        chosen = []
        for arrival, name, size in wanted:
            if name.endswith((".csv", ".csv.gz")):
                chosen.append((arrival, name, size))
            else:
                self._warn(f"{name} is left alone: sales files end in .csv or .csv.gz")
        # In a bucket each look into a file is a request: sixteen of them travel at a time.
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda file: self._file(*file), chosen))

    def _visible(self, folder: str) -> list[Entry]:
        """What lies in a folder, without files that are still being written: their names begin with '.' or '_'."""
        return [entry for entry in self._files.list(folder) if not entry.name.startswith((".", "_"))]

    def reference(self, name: str) -> LakeFile:
        """A file of ``reference_data/``.

        Raises:
            InputRefused: it is missing, has no bytes or is not text.
        """
        for entry in self._visible("reference_data"):
            if entry.name == name and not entry.is_folder:
                return self._file("", f"reference_data/{name}", entry.size)
        raise InputRefused(f"reference_data/{name} is missing from {self._files.root}: put it there and run again")

    def read(self, file: LakeFile) -> str:
        """A whole file as text; meant for reference files, which fit into memory.

        Raises:
            InputRefused: it is not UTF-8 text.
        """
        return _as_text(file.name, self._files.read(file.name))

    def require_whole(self, files: Iterable[LakeFile]) -> None:
        """Unpacks packed files to their ends.

        Raises:
            InputRefused: one is damaged or cut off; names it.
        """
        for file in files:
            if file.name.endswith(".gz"):
                data = self._files.read(file.name)
                while data:
                    unpacked = zlib.decompressobj(wbits=31)
                    _unpack(file.name, unpacked, data)
                    if not unpacked.eof:
                        raise InputRefused(f"{file.name} is cut off: upload it again")
                    data = unpacked.unused_data

    def require_sound(self, file: LakeFile) -> None:
        """Reads a file to its end as text.

        Raises:
            InputRefused: it is not text throughout, or a quote in it is never closed, which swallows lines.
        """
        data = self._files.read(file.name)
        text = _as_text(file.name, gzip.decompress(data) if file.name.endswith(".gz") else data)
        rows = csv.reader([*text.splitlines(keepends=True), *(["\n"] if text[-1:] not in "\r\n" else []), LAST_ROW])
        line, row = 1, []
        for row in rows:
            if row != [LAST_ROW]:
                opened, line = line, rows.line_num + 1
        if row != [LAST_ROW]:
            raise InputRefused(
                f"{file.name}: a quote in line {opened} is never closed and takes in all that follows: correct the file"
            )

    def _file(self, arrival: str, name: str, size: int) -> LakeFile:
        head = self._files.read(name, HEADER_BYTES)
        if name.endswith(".gz") and head:
            head = _unpack(name, zlib.decompressobj(wbits=31), head, HEADER_BYTES)
        return LakeFile(f"{self._files.root}/{name}", name, arrival, size, header_of(name, head))


def _as_text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused(f"{name}: is not UTF-8 text (byte {error.start}): save it as UTF-8 CSV") from None
    if "\0" in text:
        raise InputRefused(f"{name}: is not text (it holds zero bytes): is it a CSV file?")
    return text


def _unpack(name: str, unpacked: zlib._Decompress, data: bytes, limit: int = 0) -> bytes:
    try:
        return unpacked.decompress(data, limit)
    except zlib.error as error:
        raise InputRefused(f"{name}: cannot be unpacked ({error}): upload it again") from None


def _is_day(text: str) -> bool:
    try:
        return str(dt.date.fromisoformat(text)) == text
    except ValueError:
        return False


def header_of(name: str, head: bytes) -> tuple[str, ...]:
    """The column names in the first bytes of a CSV file, trimmed.

    Raises:
        InputRefused: no bytes, not UTF-8 text, or a column that stands twice.
    """
    if not head:
        raise InputRefused(f"{name}: has no bytes: upload it again, or remove it")
    try:
        # The last character may be cut in the middle: an incremental decoder keeps it for later.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=len(head) < HEADER_BYTES)
    except UnicodeDecodeError as error:
        raise InputRefused(f"{name}: is not UTF-8 text (byte {error.start}): save it as UTF-8 CSV") from None
    if "\0" in text:
        raise InputRefused(f"{name}: is not text (it holds zero bytes): is it a CSV file?")
    columns = tuple(column.strip() for column in next(csv.reader(io.StringIO(text, newline="")), []))
    twice = sorted({column for column in columns if columns.count(column) > 1 and column})
    if twice:
        raise InputRefused(f"{name}: column {twice[0]} stands twice in the header: keep one")
    return columns


def require_columns(files: Iterable[LakeFile], columns: Iterable[str]) -> None:
    """Refuses files whose header lacks a column.

    Raises:
        InputRefused: names the first such file and everything it lacks.
    """
    wanted = list(columns)
    for file in files:
        missing = [column for column in wanted if column not in file.header]
        if missing:
            has = ", ".join(file.header) or "nothing"
            raise InputRefused(f"{file.name}: the header lacks {', '.join(missing)}: it has {has}")
