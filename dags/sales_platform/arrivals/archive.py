"""Copies of arrivals: ``archives/monthly/<month>/dt=<day>/``, in the archive bucket or the warehouse's folder.

Files are copied, never moved: the tables are computed from the lake. The archive is write-once in production, so a file
that arrives again with other content gets a name of its own beside the first. A file without a copy was not taken yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sales_job.lake.data_package import SALES_FOLDER


@dataclass(frozen=True)
class ArrivedFile:
    """A sales file of an arrival.

    ``path`` is below the lake; ``version`` changes whenever the file is written; ``digest`` is the hexadecimal hash of
    its content.
    """

    path: str
    version: str
    digest: str

    @property
    def shown(self) -> str:
        """Its path as notifications have it: below ``sales_data/``, where it is there."""
        return self.path.removeprefix(SALES_FOLDER)


def archive_folder(day: dt.date) -> str:
    """Folder of a day's copies, with a slash at the end."""
    return f"archives/monthly/{day:%Y-%m}/dt={day}/"


def archive_name(day: dt.date, path: str) -> str:
    """Name of the copy of a day's file: its path below its arrival folder, or below the lake where it is in none."""
    return archive_folder(day) + path.removeprefix(f"{SALES_FOLDER}dt={day}/")


def name_of_change(name: str, digest: str) -> str:
    """Name for other content under a taken ``name``; ``digest`` is that content's hexadecimal hash."""
    folder, _, file = name.rpartition("/")
    stem, dot, suffix = file.partition(".")
    return f"{folder}/{stem}-{digest[:12]}{dot}{suffix}"


def missing_copies(
    day: dt.date, files: Iterable[ArrivedFile], archived: Mapping[str, str]
) -> list[tuple[ArrivedFile, str]]:
    """The files of a day whose content is not in the archive, each with the name of its copy.

    Args:
        archived: digests of the day's copies, by name.
    """
    missing = []
    for file in files:
        name = archive_name(day, file.path)
        if name in archived and archived[name] != file.digest:
            name = name_of_change(name, file.digest)
        if name not in archived:
            missing.append((file, name))
    return missing
