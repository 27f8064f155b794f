"""Names of the copies of an arrival: ``archives/monthly/<month>/dt=<day>/``, in the archive bucket or the warehouse's
folder.

Files are copied, never moved: the tables are computed from the lake. The archive is write-once in production, so a file
that arrives again with other content gets a name of its own beside the first.
"""

from __future__ import annotations

import datetime as dt


def archive_name(day: dt.date, file: str) -> str:
    """Name of the copy of a day's ``file``."""
    return f"archives/monthly/{day:%Y-%m}/dt={day}/{file}"


def name_of_change(name: str, digest: str) -> str:
    """Name for other content under a taken ``name``; ``digest`` is that content's hexadecimal hash."""
    folder, _, file = name.rpartition("/")
    stem, dot, suffix = file.partition(".")
    return f"{folder}/{stem}-{digest[:12]}{dot}{suffix}"
