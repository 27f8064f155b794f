"""Copies of arrivals: ``archives/monthly/<month>/dt=<day>/``, in the archive bucket or the warehouse's folder.

Files are copied, never moved: the tables are computed from the lake. The archive is write-once in production, so a file
that arrives again with other content gets a name of its own beside the first. A file without a copy was not taken yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ArrivedFile:
    """A sales file of an arrival.

    ``version`` changes whenever the file is written; ``digest`` is the hexadecimal hash of its content.
    """

    name: str
    version: str
    digest: str


def archive_folder(day: dt.date) -> str:
    """Folder of a day's copies, with a slash at the end."""
    return f"archives/monthly/{day:%Y-%m}/dt={day}/"


def archive_name(day: dt.date, file: str) -> str:
    """Name of the copy of a day's ``file``."""
    return archive_folder(day) + file


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
        name = archive_name(day, file.name)
        if name in archived and archived[name] != file.digest:
            name = name_of_change(name, file.digest)
        if name not in archived:
            missing.append((file, name))
    return missing
