"""Files under one root, on this machine or in a bucket.

A directory is read with Python's own functions, which need no Java; a ``gs://`` prefix through Hadoop, as Spark
reads it.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Entry(NamedTuple):
    """A file or folder in a folder; ``size`` in bytes, 0 for a folder.

    ``fault``: why it cannot be read, such as a link that leads nowhere; None for a file or folder that exists.
    ``version`` changes when a file is written.
    """

    name: str
    is_folder: bool
    size: int
    fault: str | None = None
    version: str = ""


class Files(Protocol):
    """Files under ``root``; ``name`` is a path below it, "" the root itself."""

    root: str
    """The root as Spark writes it."""

    def exists(self, name: str) -> bool:
        """Whether the file or folder exists."""

    def list(self, name: str) -> list[Entry]:
        """The entries of a folder, sorted by name; none where it does not exist."""

    def read(self, name: str, limit: int = -1) -> bytes:
        """The first ``limit`` bytes of a file, or all of them."""

    def touch(self, name: str) -> None:
        """Creates an empty file, and the folders above it."""

    def write(self, name: str, content: bytes) -> None:
        """Creates a file, and the folders above it."""

    def stand_in(self, name: str, source: str, content: Callable[[], bytes]) -> None:
        """Creates a file with the content of another, whose path or URI is ``source``: a link where there are links."""

    def delete(self, name: str) -> None:
        """Removes a file, or a folder with its contents, if it exists."""


class LocalFiles:
    """Files of a directory."""

    def __init__(self, root: str) -> None:
        self._path = Path(root).absolute()
        self.root = str(self._path)

    def exists(self, name: str) -> bool:
        return (self._path / name).exists()

    def list(self, name: str) -> list[Entry]:
        folder = self._path / name
        if not folder.is_dir():
            return []
        with os.scandir(folder) as entries:
            return sorted(map(_entry, entries))

    def read(self, name: str, limit: int = -1) -> bytes:
        with (self._path / name).open("rb") as file:
            return file.read(limit)

    def touch(self, name: str) -> None:
        self.write(name, b"")

    def write(self, name: str, content: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def stand_in(self, name: str, source: str, content: Callable[[], bytes]) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(source)

    def delete(self, name: str) -> None:
        path = self._path / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _entry(found: os.DirEntry[str]) -> Entry:
    try:
        status = found.stat()
    except OSError as error:
        return Entry(found.name, False, 0, error.strerror or str(error))
    if stat.S_ISDIR(status.st_mode):
        return Entry(found.name, True, 0)
    # Opening a pipe would wait for its writer.
    fault = None if stat.S_ISREG(status.st_mode) else "Not a regular file"
    return Entry(found.name, False, status.st_size, fault, f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}")


class HadoopFiles:
    """Files of a bucket, or of another file system that Hadoop supports."""

    def __init__(self, spark: SparkSession, root: str) -> None:
        jvm: Any = spark._jvm
        java_spark: Any = spark._jsc
        self._jvm = jvm
        path = jvm.org.apache.hadoop.fs.Path(root)
        self._fs: Any = path.getFileSystem(java_spark.hadoopConfiguration())
        self.root = str(self._fs.makeQualified(path).toString()).rstrip("/")

    def _path(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self.root}/{name}" if name else self.root)

    def exists(self, name: str) -> bool:
        return bool(self._fs.exists(self._path(name)))

    def list(self, name: str) -> list[Entry]:
        if not self.exists(name):
            return []
        found = self._fs.listStatus(self._path(name))
        return sorted(
            Entry(s.getPath().getName(), s.isDirectory(), s.getLen(), None, f"{s.getLen()}-{s.getModificationTime()}")
            for s in found
        )

    def read(self, name: str, limit: int = -1) -> bytes:
        stream = self._fs.open(self._path(name))
        try:
            java_io = self._jvm.org.apache.commons.io
            bounded = stream if limit < 0 else java_io.input.BoundedInputStream(stream, limit)
            return bytes(java_io.IOUtils.toByteArray(bounded))
        finally:
            stream.close()

    def touch(self, name: str) -> None:
        self.write(name, b"")

    def write(self, name: str, content: bytes) -> None:
        stream = self._fs.create(self._path(name), True)
        try:
            stream.write(content)
        finally:
            stream.close()

    def stand_in(self, name: str, source: str, content: Callable[[], bytes]) -> None:
        self.write(name, content())

    def delete(self, name: str) -> None:
        self._fs.delete(self._path(name), True)


def open_files(spark: SparkSession, root: str) -> Files:
    """The files under a directory or a URI."""
    return HadoopFiles(spark, root) if "://" in root else LocalFiles(root)
