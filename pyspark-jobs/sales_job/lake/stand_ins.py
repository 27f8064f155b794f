"""Files that Spark cannot read by their own names or as they are, as others that it can.

On one machine a stand-in is a link; elsewhere, and where the content has to change, a copy.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from sales_job.lake import file_integrity
from sales_job.lake.arrival_names import is_packed
from sales_job.lake.file_system import Files
from sales_job.lake.lake import Lake, LakeFile

FOLDER = "_stand_ins"
"""Where stand-ins are, below the folder of the line store: Spark passes over such names."""

PLAIN_PATH = re.compile(r"[A-Za-z0-9_./ =+,@~%-]+")
"""Paths on this machine that no layer takes for a pattern, a scheme or another encoding."""


def is_readable(path: str) -> bool:
    """Whether Spark opens this path as it is; it unpacks files by their endings, in lower case."""
    known_name = "://" in path or PLAIN_PATH.fullmatch(path) is not None
    return known_name and (path.endswith(".gz") or not is_packed(path))


class StandIns:
    """The stand-ins of one run.

    Args:
        files: the line store's files.
        version: the run's attempt, a part of their names.
    """

    def __init__(self, files: Files, version: str) -> None:
        self._files = files
        self._version = version
        self.names: dict[str, str] = {}
        """Names of the files in the lake, by the last part of the stand-in's path."""

    def by_name(self, files: Iterable[LakeFile], lake: Lake) -> list[LakeFile]:
        """The files, with stand-ins for those whose paths Spark does not open, and those that have to be translated."""
        return [self._readable(file, lake) for file in files]

    def _readable(self, file: LakeFile, lake: Lake) -> LakeFile:
        if file.resource is not None:
            text = lake.read(file).encode()
            return self._made(file, ".csv", lambda name: self._files.write(name, text))
        return file if is_readable(file.path) else self._by_name(file, lake)

    def _by_name(self, file: LakeFile, lake: Lake) -> LakeFile:
        ending = ".csv.gz" if is_packed(file.name) else ".csv"
        return self._made(file, ending, lambda name: self._files.stand_in(name, file.path, lambda: lake.content(file)))

    def rewritten(self, file: LakeFile, text: str) -> LakeFile:
        """A copy in UTF-8 whose lines all end with LF."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(row for _, row in file_integrity.rows_of(file.name, text))
        made = self._made(file, ".csv", lambda name: self._files.write(name, out.getvalue().encode()))
        return replace(made, encoding="utf-8-sig")

    def _made(self, file: LakeFile, ending: str, make: Callable[[str], None]) -> LakeFile:
        last = f"{self._version}-{len(self.names):06}{ending}"
        folder = f"dt={file.arrival}" if file.arrival else "flat"
        name = f"{FOLDER}/{folder}/{last}"
        make(name)
        self.names[last] = file.name
        return replace(file, path=f"{self._files.root}/{name}")

    def remove(self) -> None:
        """Deletes them all."""
        if self.names:
            self._files.delete(FOLDER)
