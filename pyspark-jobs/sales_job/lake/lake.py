"""The files of a lake: arrival folders, reference files and their headers."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sales_job.base.errors import ConfigurationError, InputRefused
from sales_job.lake import file_integrity
from sales_job.lake.file_system import Entry, Files

HEADER_BYTES = 64 * 1024
"""How much of a file is read to find its header and to see that it is text."""


@dataclass(frozen=True)
class LakeFile:
    """One CSV file. ``name`` is its path inside the lake, ``arrival`` the day of its folder ("" for a flat file),
    ``size`` its length in bytes.
    """

    path: str
    name: str
    arrival: str
    size: int
    header: tuple[str, ...]


class Lake:
    """A lake's files.

    Raises:
        ConfigurationError: the lake does not exist.
    """

    def __init__(self, files: Files, warn: Callable[[str], None]) -> None:
        self._files = files
        self._warn = warn
        if not files.exists(""):
            raise ConfigurationError(f"--lake {files.root}: this lake does not exist: name what holds sales_data/")

    def arrivals(self, in_interval: Callable[[str], bool] | None) -> list[LakeFile]:
        """The sales files of the arrival days (yyyy-MM-dd) in an interval; without one, all of them and the flat files.

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
                self._warn(f"{name} is ignored: sales files end in .csv or .csv.gz")
        # Opening a file in a bucket is a request: sixteen run at a time.
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda file: self._file(*file), chosen))

    def _visible(self, folder: str) -> list[Entry]:
        """The entries of a folder, without files that are still being written: their names begin with '.' or '_'."""
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
        return file_integrity.as_text(file.name, self._files.read(file.name))

    def require_complete_archives(self, files: Iterable[LakeFile]) -> None:
        """Unpacks every gzip file to its end.

        Raises:
            InputRefused: one is damaged or cut off.
        """
        for file in files:
            if file.name.endswith(".gz"):
                file_integrity.require_complete_archive(file.name, self._files.read(file.name))

    def require_closed_quotes(self, file: LakeFile) -> None:
        """Reads a file to its end.

        Raises:
            InputRefused: it is not text throughout, or a quote in it is never closed.
        """
        file_integrity.require_closed_quotes(file.name, self._files.read(file.name))

    def _file(self, arrival: str, name: str, size: int) -> LakeFile:
        head = self._files.read(name, HEADER_BYTES)
        if name.endswith(".gz") and head:
            head = file_integrity.unpack(name, file_integrity.gzip_archive(), head, HEADER_BYTES)
        return LakeFile(f"{self._files.root}/{name}", name, arrival, size, header_of(name, head))


def _is_day(text: str) -> bool:
    try:
        return str(dt.date.fromisoformat(text)) == text
    except ValueError:
        return False


def header_of(name: str, head: bytes) -> tuple[str, ...]:
    """The column names in the first bytes of a CSV file, trimmed.

    Raises:
        InputRefused: the file has no bytes, is not UTF-8, or names a column twice.
    """
    if not head:
        raise InputRefused(f"{name}: has no bytes: upload it again, or remove it")
    try:
        # The last character may be cut in the middle: an incremental decoder keeps it back.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=len(head) < HEADER_BYTES)
    except UnicodeDecodeError as error:
        raise file_integrity.not_utf8(name, error) from None
    file_integrity.require_no_zero_bytes(name, text)
    columns = tuple(column.strip() for column in next(csv.reader(io.StringIO(text, newline="")), []))
    repeated = sorted({column for column in columns if columns.count(column) > 1 and column})
    if repeated:
        raise InputRefused(f"{name}: the header names column {repeated[0]} twice: keep one")
    return columns


def require_columns(files: Iterable[LakeFile], columns: Iterable[str]) -> None:
    """Refuses files whose header lacks a column.

    Raises:
        InputRefused: names the first such file and all columns that it lacks.
    """
    wanted = list(columns)
    for file in files:
        missing = [column for column in wanted if column not in file.header]
        if missing:
            has = ", ".join(file.header) or "nothing"
            raise InputRefused(f"{file.name}: the header lacks {', '.join(missing)}: it has {has}")
