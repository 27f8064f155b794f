"""How the work on a run's lines is spread: by their bytes, not by how many files they come in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sales_job.lake.arrival_names import FLAT, is_packed
from sales_job.lake.lake import LakeFile

PART_BYTES = 256 * 1024 * 1024
"""Bytes of sales files whose lines one task merges and writes."""

PACKED = 8
"""How many bytes one of a packed file becomes, roughly."""

TASKS_PER_PART = 3
"""Partitions of the shuffle for each part of a day: parts meet in one by chance, and then one task has them all."""


SMALL_BYTES = 32 * 1024 * 1024
"""Below this much input a run is over in seconds: starting, planning and opening files take longer than its lines."""


def unpacked_bytes(file: LakeFile) -> int:
    """The bytes of a file's text, estimated where it is packed."""
    return file.size * (PACKED if is_packed(file.name) else 1)


def is_small(files: Sequence[LakeFile]) -> bool:
    """Whether the files are so few and small that their lines fit into memory easily."""
    return sum(map(unpacked_bytes, files)) < SMALL_BYTES


def parts_of_a_day(files: Sequence[LakeFile], days: int | None) -> int:
    """Into how many parts the lines of a day are spread: as the largest arrival needs.

    Args:
        files: the files of a run.
        days: how many days the files touch; None: not known. Flat files bring any number of them; an arrival's lines
            are mostly of one day.
    """
    arrivals: dict[str, int] = defaultdict(int)
    for file in files:
        arrivals[file.arrival] += unpacked_bytes(file)
    if FLAT in arrivals and days:
        arrivals[FLAT] //= days
    return 1 + max(arrivals.values(), default=0) // PART_BYTES


def needs_the_days(files: Sequence[LakeFile]) -> bool:
    """Whether the number of days matters: flat files that are large."""
    return sum(unpacked_bytes(file) for file in files if file.arrival == FLAT) >= PART_BYTES


def shuffle_partitions(files: Sequence[LakeFile], parts: int, days: int | None, least: int) -> int:
    """The number of partitions for the shuffles of a run.

    Args:
        parts: of each day.
        days: how many days the files touch; None: as many as there are arrivals.
        least: the session's own number, which suffices for small runs.
    """
    total = sum(map(unpacked_bytes, files))
    groups = parts * (days or len({file.arrival for file in files}))
    # As many parts as there are bytes for: a run of few lines can touch many days.
    return max(least, TASKS_PER_PART * min(groups, 1 + total // PART_BYTES))
