"""What lies in a lake: arrival folders, files and their headers. Works on directories and on gs:// alike.

Everything goes through Hadoop's file system layer, the one Spark itself reads with.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from arguments import Interval
from errors import ConfigurationError, InputRefused
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

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

    def __init__(self, spark: SparkSession, root: str, warn: Callable[[str], None]) -> None:
        self._jvm: Any = spark._jvm
        self._hadoop: Any = spark._jsc.hadoopConfiguration()
        self._warn = warn
        self.root = root
        path = self._path(root)
        self._fs: Any = path.getFileSystem(self._hadoop)
        if not self._fs.exists(path):
            raise ConfigurationError(
                f"--lake {root}: there is no such lake: name the folder that holds sales_data/ and reference_data/"
            )
        self.uri: str = self._fs.makeQualified(path).toString().rstrip("/")

    def _path(self, text: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(text)

    def _list(self, folder: str) -> list[tuple[str, bool, int]]:
        """(name, is a folder, bytes) of what lies in a folder, sorted; nothing where there is no such folder."""
        path = self._path(f"{self.uri}/{folder}")
        if not self._fs.exists(path):
            return []
        found = [(s.getPath().getName(), s.isDirectory(), s.getLen()) for s in self._fs.listStatus(path)]
        # A leading '.' or '_' marks files that are still being written.
        return sorted(entry for entry in found if not entry[0].startswith((".", "_")))

    def arrivals(self, interval: Interval | None) -> list[LakeFile]:
        """The sales files of the arrival days in ``interval``; of every day, and the flat ones, without it.

        Raises:
            InputRefused: a file has no bytes, is not text, or its header cannot be read.
        """
        wanted: list[tuple[str, str, int]] = []
        folders: list[str] = []
        for name, is_folder, size in self._list("sales_data"):
            if is_folder and name.startswith("dt="):
                day = name.removeprefix("dt=")
                if not _is_day(day):
                    self._warn(f"sales_data/{name} is not an arrival: name it dt=yyyy-MM-dd")
                elif interval is None or interval.holds(day):
                    folders.append(name)
            elif interval is None and not is_folder:
                wanted.append(("", f"sales_data/{name}", size))
        for folder in folders:
            for name, is_folder, size in self._list(f"sales_data/{folder}"):
                if not is_folder:
                    wanted.append((folder.removeprefix("dt="), f"sales_data/{folder}/{name}", size))
        files = []
        for arrival, name, size in wanted:
            if name.endswith((".csv", ".csv.gz")):
                files.append((arrival, name, size))
            else:
                self._warn(f"{name} is left alone: sales files end in .csv or .csv.gz")
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda f: self._file(*f), files))

    def reference(self, name: str) -> LakeFile:
        """A file of ``reference_data/``.

        Raises:
            InputRefused: it is missing, has no bytes or is not text.
        """
        for found, is_folder, size in self._list("reference_data"):
            if found == name and not is_folder:
                return self._file("", f"reference_data/{name}", size)
        raise InputRefused(f"reference_data/{name} is missing from {self.root}: put it there and run again")

    def read(self, file: LakeFile) -> str:
        """A whole file as text; meant for reference files, which fit into memory.

        Raises:
            InputRefused: it is not UTF-8 text.
        """
        data = self._bytes(file.path, limit=None)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputRefused(f"{file.name}: is not UTF-8 text (byte {error.start}): save it as UTF-8 CSV") from None

    def _file(self, arrival: str, name: str, size: int) -> LakeFile:
        path = f"{self.uri}/{name}"
        return LakeFile(path, name, arrival, size, header_of(name, self._bytes(path, HEADER_BYTES)))

    def require_whole(self, files: Iterable[LakeFile]) -> None:
        """Reads packed files to their ends.

        Raises:
            InputRefused: one cannot be unpacked; names it.
        """
        for file in files:
            if file.name.endswith(".gz"):
                with self._unpacked(file.path) as stream:
                    self._jvm.org.apache.commons.io.IOUtils.consume(stream)

    def _bytes(self, path: str, limit: int | None) -> bytes:
        """The content of a file, unpacked; the first ``limit`` bytes of it where a limit is given."""
        io_package = self._jvm.org.apache.commons.io
        with self._unpacked(path) as stream:
            bounded = stream if limit is None else io_package.input.BoundedInputStream(stream, limit)
            return bytes(io_package.IOUtils.toByteArray(bounded))

    @contextmanager
    def _unpacked(self, path: str) -> Iterator[Any]:
        """A Java stream over a file's content."""
        hadoop_path = self._path(path)
        codec = self._jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(self._hadoop).getCodec(hadoop_path)
        stream = self._fs.open(hadoop_path)
        try:
            yield stream if codec is None else codec.createInputStream(stream)
        except Py4JJavaError as error:
            if codec is None:
                raise
            name = path.removeprefix(f"{self.uri}/")
            reason = error.java_exception.getMessage()
            raise InputRefused(f"{name}: cannot be unpacked ({reason}): upload it again") from None
        finally:
            stream.close()


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
            raise InputRefused(
                f"{file.name}: the header lacks {', '.join(missing)}: it has {', '.join(file.header) or 'nothing'}"
            )
