"""The one rule of names: what is a sales file, of which arrival day, and why anything else is passed over; below
``sales_data/``, or by the patterns of ``datapackage.json``.

The job, the DAG's sensors and the archive all use it, so this module needs the standard library only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

ENDINGS = (".csv", ".csv.gz")
"""How the names of sales files end, in any case."""

FLAT = ""
"""The arrival of files that lie directly in ``sales_data/``: they belong to no day."""

HIDDEN = "has a name that begins with '.' or '_', as files that are still being written"

DAY_PARTS = {"{yyyy}": r"(?P<y>\d{4})", "{MM}": r"(?P<m>\d{2})", "{dd}": r"(?P<d>\d{2})", "*": "[^/]*"}
"""Parts of a pattern for the day of a file, as regular expressions."""


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
    if any(map(_is_hidden, (*folders, name))):
        return Judgement(None, HIDDEN)
    day = arrival_day(folders[0]) if folders else FLAT
    if day is None:
        return Judgement(None, "is not in an arrival folder: name the folder dt=yyyy-MM-dd")
    if len(folders) > 1:
        return Judgement(None, "is in a folder inside an arrival folder: move it up")
    if not name.lower().endswith(ENDINGS):
        return Judgement(None, f"is not named as a sales file: those end in {' or '.join(ENDINGS)}")
    return Judgement(day, None)


def judge_by_patterns(path: str, patterns: Collection[str], arrival: str | None) -> Judgement | None:
    """What a file is that a descriptor may describe; None where it does not.

    Args:
        path: below the lake.
        patterns: of the paths that are described, see :func:`fits`.
        arrival: the pattern of its day; None: it belongs to no day.
    """
    if not any(fits(path, pattern) for pattern in patterns):
        return None
    named = {part for pattern in patterns for part in pattern.split("/")}
    if any(_is_hidden(part) and part not in named for part in path.split("/")):
        return Judgement(None, HIDDEN)
    if arrival is None:
        return Judgement(FLAT, None)
    day = _day_by(arrival, path)
    return Judgement(day, None if day else f"has no arrival day by the pattern '{arrival}'")


def fits(path: str, pattern: str) -> bool:
    """Whether a path fits a glob: ``*``, ``?`` and ``[...]`` inside a name, ``**/`` for any folders."""
    return _fits(path.split("/"), pattern.split("/"))


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    if not names or not patterns:
        return not names and not patterns
    first, *rest = patterns
    if first == "**":
        return bool(rest) and (_fits(names, rest) or _fits(names[1:], patterns))
    return name_fits(names[0], first) and _fits(names[1:], rest)


def name_fits(name: str, pattern: str) -> bool:
    """Whether one part of a path fits the same part of a glob. A name fits itself, whatever its letters mean."""
    return name == pattern or fnmatchcase(name, pattern)


def beginning_of(pattern: str) -> str:
    """What every path that fits a glob begins with."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _day_by(pattern: str, path: str) -> str | None:
    parts = re.split(r"(\{yyyy\}|\{MM\}|\{dd\}|\*)", pattern)
    found = re.fullmatch("(?:.*/)?" + "".join(DAY_PARTS.get(part, re.escape(part)) for part in parts), path)
    return arrival_day(f"dt={found['y']}-{found['m']}-{found['d']}") if found else None
