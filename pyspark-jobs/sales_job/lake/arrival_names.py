"""The one rule of names below ``sales_data/``: what is a sales file, of which arrival day, and why anything else is
passed over.

The job, the DAG's sensors and the archive all use it, so this module needs the standard library only.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

ENDINGS = (".csv", ".csv.gz")
"""How the names of sales files end, in any case."""

FLAT = ""
"""The arrival of files that lie directly in ``sales_data/``: they belong to no day."""


@dataclass(frozen=True)
class Judgement:
    """``arrival``: the day of a sales file, yyyy-MM-dd, or :data:`FLAT`; None for anything else.

    ``passed_over``: why a file is not read, as the end of a sentence; None for a sales file.
    """

    arrival: str | None
    passed_over: str | None


def is_packed(name: str) -> bool:
    """Whether a file is packed by gzip, by its name."""
    return name.lower().endswith(".gz")


def is_sales_file(name: str) -> bool:
    """Whether a file of an arrival folder is a sales file, by its name without the folder."""
    return judge(name).passed_over is None


def arrival_day(folder: str) -> str | None:
    """The day of an arrival folder, ``dt=yyyy-MM-dd`` without a slash; None if the folder is not one."""
    day = folder.removeprefix("dt=")
    if day == folder:
        return None
    try:
        return day if str(dt.date.fromisoformat(day)) == day else None
    except ValueError:
        return None


def judge(path: str) -> Judgement:
    """What a file is.

    Args:
        path: below ``sales_data/``, with ``/`` between folders: ``dt=2026-01-31/till.csv``. A path that ends with
            ``/`` is a folder, or an object that a bucket's console shows as one.
    """
    *folders, name = path.split("/")
    if not name:
        return Judgement(None, "is a folder")
    if any(part.startswith((".", "_")) for part in (*folders, name)):
        return Judgement(None, "has a name that begins with '.' or '_', as files that are still being written")
    day = arrival_day(folders[0]) if folders else FLAT
    if day is None:
        return Judgement(None, "is not in an arrival folder: name the folder dt=yyyy-MM-dd")
    if len(folders) > 1:
        return Judgement(None, "is in a folder inside an arrival folder: move it up")
    if not name.lower().endswith(ENDINGS):
        return Judgement(None, f"is not named as a sales file: those end in {' or '.join(ENDINGS)}")
    return Judgement(day, None)
