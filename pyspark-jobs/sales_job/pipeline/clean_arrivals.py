"""From arrivals to cleaned lines: the step that reads the lake and writes ``processed/``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sales_job.lake.csv_reader import read_texts
from sales_job.lake.lake import LakeFile
from sales_job.lines import arrival_sets, merge_lines
from sales_job.lines.line_store import LineStore
from sales_job.lines.rules import SALES_COLUMNS, classify
from sales_job.pipeline.run import Run
from sales_job.reference import reference_data

BUCKET_BYTES = 256 * 1024 * 1024
"""Size of an arrival file from which one day is spread over more than one task."""


@dataclass(frozen=True)
class Written:
    """The lines of the touched days, in their new version and in the one that it replaces."""

    new: DataFrame
    census: Sequence[Row]
    old: DataFrame
    old_census: Sequence[Row]
    days: frozenset[dt.date]
    """Every touched day, also those that have no line any more."""

    @property
    def live_days(self) -> set[dt.date]:
        """Days that have lines now."""
        return {row.transaction_date for row in self.census if row.transaction_date is not None}

    @property
    def bounds(self) -> merge_lines.Bounds:
        """What the lines amount to at most, the new and the old together."""
        return merge_lines.bounds(self.census, self.old_census)

    @property
    def rejected(self) -> DataFrame:
        """The run's bad lines."""
        return self.new.where(F.col("transaction_date").isNull())

    def brought(self, taken: Collection[str]) -> list[tuple[str, dt.date]]:
        """Which days each of the taken arrivals brought good lines for."""
        return [
            (arrival, row.transaction_date)
            for row in self.census
            if row.transaction_date is not None
            for arrival in arrival_sets.members(row.transaction_date, row.word, row.arrivals)
            if arrival in taken
        ]


def write_lines(
    run: Run, store: LineStore, files: list[LakeFile], taken: Sequence[str], before: Mapping[dt.date, str]
) -> Written:
    """Reads the arrivals once and writes a new version of every day that they touch."""
    classified = classify(read_texts(run.spark, files, SALES_COLUMNS))
    try:
        days = None
        if before:
            # Which days' lines to read beside them is known only when the files have been read.
            classified = classified.persist()
            good = classified.where("reason IS NULL").select("transaction_date").distinct().collect()
            days = {row.transaction_date for row in good} | (run.warehouse.days_of(taken) & before.keys())
        stored = {day: before[day] for day in days or () if day in before}
        old = store.read(stored)
        merged = merge_lines.merge(
            classified,
            old,
            arrival_sets.taken_sets(run.spark, stored, taken),
            reference_data.read_products(run.spark, run.database),
            buckets=1 + max((file.size for file in files), default=0) // BUCKET_BYTES,
        )
        store.open(run.version)
        store.write(merged, run.version)
    except Py4JJavaError:
        # Spark does not say which file it stumbled over.
        run.lake.require_whole(files)
        raise
    finally:
        classified.unpersist()
    new = store.read_new(run.version, days)
    census = merge_lines.census(new).collect()
    touched = {row.transaction_date for row in census if row.transaction_date is not None}.union(days or ())
    return Written(new, census, old, merge_lines.census(old).collect() if stored else [], frozenset(touched))


def require_sound(run: Run, files: list[LakeFile]) -> None:
    """Looks closely at the files with a line that is odd but may be meant, such as a line break in quotes."""
    texts = read_texts(run.spark, files, SALES_COLUMNS)
    named = texts.where(F.col("doubtful_file").isNotNull()).select("doubtful_file").distinct().collect()
    uris = [unquote(row.doubtful_file) for row in named]
    for file in files:
        if any(uri.endswith(f"/{file.name}") for uri in uris):
            run.lake.require_sound(file)
