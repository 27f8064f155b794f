"""The files of a lake: arrival folders, reference files and their headers."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sales_job.base.errors import ConfigurationError, InputRefused, JobError
from sales_job.lake import file_integrity
from sales_job.lake.arrival_names import arrival_day, is_packed, judge
from sales_job.lake.data_package import NAME as PACKAGE
from sales_job.lake.data_package import Resource, parse
from sales_job.lake.data_package import judge as judge_in_lake
from sales_job.lake.file_system import Entry, Files
from sales_job.lake.header import HEADER_BYTES, column_name, header_of
from sales_job.lake.translate import decode, translate

NAMED_FILES = 5
"""How many files a warning names; its field ``files`` has all of them."""


@dataclass(frozen=True)
class LakeFile:
    """One CSV file. ``path`` is what is opened, ``name`` its path inside the lake, ``arrival`` the day of its folder
    ("" for a flat file), ``size`` its length in bytes.
    """

    path: str
    name: str
    arrival: str
    size: int
    header: tuple[str, ...]
    """Its fields, trimmed."""
    encoding: str = "utf-8-sig"
    resource: Resource | None = None
    """How ``datapackage.json`` describes it; None: it is one of the job's own form."""
    version: str = ""
    """As of :class:`Entry`, when the file was found."""
    splittable: bool = False
    """Whether every line break in it ends a row, so that Spark may read it in pieces."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns, by the rule of :func:`column_name`."""
        return [column_name(field) for field in self.header]


class Lake:
    """A lake's files.

    Raises:
        ConfigurationError: the lake does not exist, or the folder holds nothing of a lake.
    """

    def __init__(self, files: Files, warn: Callable[..., None]) -> None:
        self._files = files
        self._warn = warn
        self.files_passed_over = 0
        """Files that :meth:`arrivals` did not read, because of their names."""
        names = _require_lake(files)
        self._package = parse(files.read(PACKAGE)) if PACKAGE in names else {}

    def arrivals(self, in_interval: Callable[[str], bool] | None) -> list[LakeFile]:
        """The sales files of the arrival days (yyyy-MM-dd) in an interval; without one, all of them and the flat files.

        Files that are passed over are counted, and named in one warning for each reason.

        Raises:
            InputRefused: a file cannot be opened, has no bytes, is not text, or its header cannot be read.
        """
        if self._package:
            return self._described(in_interval)
        chosen: list[tuple[str, Entry]] = []
        passed_over: dict[str, list[str]] = defaultdict(list)
        for path, entry in self._found(in_interval):
            judged = judge(path)
            if judged.passed_over is not None:
                passed_over[judged.passed_over].append(f"sales_data/{path}")
            elif judged.arrival or in_interval is None:
                chosen.append((f"sales_data/{path}", entry))
        self._report(passed_over)
        # Opening a file in a bucket is a request: sixteen run at a time.
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda found: self._file(*found), chosen))

    def _described(self, in_interval: Callable[[str], bool] | None) -> list[LakeFile]:
        sales = self._package["sales"]
        chosen = []
        passed_over: dict[str, list[str]] = defaultdict(list)
        for name, entry in sales.find(self._files):
            judged = sales.judge(name)
            if judged is None:
                continue
            if judged.passed_over is not None:
                passed_over[judged.passed_over].append(name)
            elif in_interval is None or (judged.arrival and in_interval(judged.arrival)):
                chosen.append(self._of_resource(sales, name, entry, judged.arrival or ""))
        self._report(passed_over)
        return chosen

    def _of_resource(self, resource: Resource, name: str, entry: Entry, arrival: str = "") -> LakeFile:
        path = f"{self._files.root}/{name}"
        return LakeFile(path, name, arrival, entry.size, resource.columns, resource=resource, version=entry.version)

    def _report(self, passed_over: Mapping[str, list[str]]) -> None:
        for reason, names in passed_over.items():
            if names:
                self._warn(f"passed over: {_some(names)} {reason}", files=names)
        self.files_passed_over = sum(map(len, passed_over.values()))

    def _found(self, in_interval: Callable[[str], bool] | None) -> Iterable[tuple[str, Entry]]:
        """Paths below ``sales_data/``, of files that may concern the interval, and of folders of other names."""
        for entry in self._list("sales_data"):
            day = arrival_day(entry.name)
            if not entry.is_folder:
                yield entry.name, entry
            elif day is None or in_interval is None or in_interval(day):
                yield from self._below(entry.name)

    def _below(self, folder: str) -> Iterable[tuple[str, Entry]]:
        """The files in a folder and in those inside it."""
        for entry in self._list(f"sales_data/{folder}"):
            path = f"{folder}/{entry.name}"
            if entry.is_folder:
                yield from self._below(path)
            else:
                yield path, entry

    def require_unchanged(self, files: Collection[LakeFile]) -> None:
        """Looks whether files are as they were found, and names sales files of their arrivals that came since.

        Raises:
            JobError: one was written or removed since: it may have been read in part.
        """
        folders = sorted({file.name.rpartition("/")[0] for file in files})
        with ThreadPoolExecutor(16) as pool:
            listed = list(pool.map(self._list, folders))
        now = {
            f"{folder}/{entry.name}".lstrip("/"): entry.version
            for folder, entries in zip(folders, listed, strict=True)
            for entry in entries
            if not entry.is_folder
        }
        if changed := [file.name for file in files if now.get(file.name) != file.version]:
            raise JobError(
                f"{_some(changed)} changed while this run read: nothing is published; run again when nobody writes "
                "there, see docs/job/input-files.md"
            )
        arrivals = {file.arrival for file in files}
        judged = {name: judge_in_lake(self._package, name) for name in now.keys() - {file.name for file in files}}
        if came := sorted(name for name, one in judged.items() if one and one.arrival in arrivals):
            self._warn(f"left for the next run: {_some(came)} came while this run read", files=came)

    def _list(self, folder: str) -> list[Entry]:
        try:
            return self._files.list(folder)
        except OSError as error:
            raise InputRefused(
                f"{folder} cannot be opened ({error.strerror}): give this user the right to read it"
            ) from None

    def reference(self, table: str) -> LakeFile | None:
        """The file of products or stores; None where ``datapackage.json`` has none.

        Raises:
            InputRefused: it is missing, cannot be opened, has no bytes or is not text.
        """
        if self._package:
            return self._described_reference(table)
        name = f"{table}.csv"
        for entry in self._list("reference_data"):
            if entry.name == name and not entry.is_folder:
                return self._file(f"reference_data/{name}", entry)
        raise InputRefused(f"reference_data/{name} is missing from {self._files.root}: put it there and run again")

    def _described_reference(self, table: str) -> LakeFile | None:
        resource = self._package.get(table)
        if resource is None:
            return None
        found = resource.find(self._files)
        if len(found) != 1:
            raise InputRefused(f"{PACKAGE}: resource {table} has {len(found)} files below the lake: it must have one")
        return self._of_resource(resource, *found[0])

    def read(self, file: LakeFile) -> str:
        """A whole file as text, unpacked; one that ``datapackage.json`` describes, as the job's own files are written.

        Raises:
            InputRefused: it is not text.
        """
        if file.resource is not None:
            data = file_integrity.unpacked(file.name, self.content(file))
            return translate(file.name, decode(file.name, data, file.resource), file.resource)
        return file_integrity.whole_text(file.name, self.content(file))

    def content(self, file: LakeFile) -> bytes:
        """A whole file as it is."""
        return self._files.read(file.name)

    def begins_with_lines(self, file: LakeFile) -> bool:
        """Whether a file begins with lines that LF ends, one byte a character: not UTF-16, and no ends by CR alone."""
        head = self._files.read(file.name, HEADER_BYTES)
        return b"\n" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))

    def require_complete_archives(self, files: Iterable[LakeFile]) -> None:
        """Unpacks every gzip file to its end.

        Raises:
            InputRefused: one is damaged or cut off.
        """
        for file in files:
            if is_packed(file.name):
                file_integrity.require_complete_archive(file.name, self.content(file))

    def _file(self, name: str, entry: Entry) -> LakeFile:
        try:
            if entry.fault:
                raise OSError(None, entry.fault)
            head = self._files.read(name, HEADER_BYTES)
        except OSError as error:
            raise InputRefused(f"{name}: cannot be opened ({error.strerror}): correct or remove it") from None
        if is_packed(name) and head:
            head = file_integrity.unpack(name, file_integrity.gzip_archive(), head, HEADER_BYTES)
        header, encoding = header_of(name, head), file_integrity.encoding_of(head)
        arrival = judge(name.removeprefix("sales_data/")).arrival or ""
        return LakeFile(
            f"{self._files.root}/{name}", name, arrival, entry.size, header, encoding, version=entry.version
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED_FILES]) + (", ..." if len(names) > NAMED_FILES else "")


def _require_lake(files: Files) -> list[str]:
    lake = f"--lake {files.root}"
    if not files.exists(""):
        raise ConfigurationError(f"{lake}: this lake does not exist: name the folder that holds sales_data/")
    try:
        names = [entry.name for entry in files.list("")]
    except OSError as error:
        raise ConfigurationError(f"{lake}: cannot be opened ({error.strerror})") from None
    if "sales_data" in names or "reference_data" in names or PACKAGE in names:
        return names
    if any(arrival_day(name) or judge(name).arrival is not None for name in names):
        raise ConfigurationError(f"{lake}: holds sales files itself: name the folder above, which holds sales_data/")
    raise ConfigurationError(f"{lake}: is not a lake: name a folder that holds sales_data/ and reference_data/")
