"""From arrivals to cleaned lines: reads the lake and writes the line store."""

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
from sales_job.lines import arrival_sets, figures, merge_lines
from sales_job.lines.line_store import LineStore
from sales_job.lines.money import Bounds
from sales_job.lines.rules import SALES_COLUMNS, classify
from sales_job.pipeline.run import Run
from sales_job.reference import reference_data

BUCKET_BYTES = 256 * 1024 * 1024
"""An arrival file of this size or more spreads its day over several tasks."""


@dataclass(frozen=True)
class CleanedDays:
    """The lines of the touched days, in their new version (with this run's bad lines) and in the one that it replaces;
    the ``counts`` of each are those of :func:`merge_lines.counts_by_day`.
    """

    lines: DataFrame
    counts: Sequence[Row]
    previous_lines: DataFrame
    previous_counts: Sequence[Row]
    days: frozenset[dt.date]
    """Every touched day, also those without any line now."""

    @property
    def days_with_lines(self) -> set[dt.date]:
        """Days that have lines now."""
        return {row.transaction_date for row in self.counts if row.transaction_date is not None}

    @property
    def rows_read(self) -> int:
        """Lines that this run read."""
        return sum(row.delivered for row in self.counts)

    @property
    def rows_quarantined(self) -> int:
        """Bad lines among them."""
        return sum(row.delivered for row in self.counts if row.transaction_date is None)

    @property
    def maybe_damaged(self) -> bool:
        """Whether a line looks as if its file were damaged."""
        return any(row.maybe_damaged for row in self.counts)

    @property
    def bounds(self) -> Bounds:
        """Upper bounds of the new and the previous lines together."""
        return Bounds.of([*self.counts, *self.previous_counts])

    @property
    def good_lines(self) -> DataFrame:
        """Each good line once (:func:`figures.lines`)."""
        good = self.lines.where(F.col("transaction_date").isNotNull())
        return figures.lines(good, merge_lines.has_lines_in_several_rows(self.counts))

    @property
    def previous_good_lines(self) -> DataFrame:
        """The same of the previous version."""
        return figures.lines(self.previous_lines, merge_lines.has_lines_in_several_rows(self.previous_counts))

    @property
    def bad_lines(self) -> DataFrame:
        """The run's bad lines."""
        return self.lines.where(F.col("transaction_date").isNull())

    def days_by_arrival(self, taken: Collection[str]) -> list[tuple[str, dt.date]]:
        """Pairs of a taken arrival and a day that it brought good lines for."""
        return [
            (arrival, row.transaction_date)
            for row in self.counts
            if row.transaction_date is not None
            for arrival in arrival_sets.arrivals_in(row.transaction_date, row.bitmap_index, row.bitmap)
            if arrival in taken
        ]


def write_days(
    run: Run, store: LineStore, files: list[LakeFile], taken: Sequence[str], before: Mapping[dt.date, str]
) -> CleanedDays:
    """Reads the arrivals once and writes a new version of every day that they touch.

    Args:
        taken: the arrival days of ``files``; what they brought before is replaced.
        before: the published version of each day.
    """
    classified = classify(read_texts(run.spark, files, SALES_COLUMNS))
    try:
        days = None
        if before:
            # Which stored days to read is known only when the files have been read.
            classified = classified.persist()
            good = classified.where("reason IS NULL").select("transaction_date").distinct().collect()
            days = {row.transaction_date for row in good} | (run.warehouse.days_of(taken) & before.keys())
        stored = {day: before[day] for day in days or () if day in before}
        previous = store.read(stored)
        merged = merge_lines.merge(
            classified,
            previous,
            arrival_sets.bitmaps_of_run(run.spark, stored, taken),
            reference_data.read_products(run.spark, run.database),
            buckets=1 + max((file.size for file in files), default=0) // BUCKET_BYTES,
        )
        store.open(run.version)
        store.write(merged, run.version)
    except Py4JJavaError:
        # Spark does not say which file it failed on.
        run.lake.require_complete_archives(files)
        raise
    finally:
        classified.unpersist()
    lines = store.read_new(run.version, days)
    counts = merge_lines.counts_by_day(lines).collect()
    previous_counts = merge_lines.counts_by_day(previous).collect() if stored else []
    touched = {row.transaction_date for row in counts if row.transaction_date is not None}.union(days or ())
    return CleanedDays(lines, counts, previous, previous_counts, frozenset(touched))


def require_undamaged(run: Run, files: list[LakeFile]) -> None:
    """Reads the files with suspicious lines (line breaks, NUL, U+FFFD) again, and refuses damaged ones.

    Raises:
        InputRefused: names the file and the damage.
    """
    texts = read_texts(run.spark, files, SALES_COLUMNS)
    named = texts.where(F.col("doubtful_file").isNotNull()).select("doubtful_file").distinct().collect()
    uris = [unquote(row.doubtful_file) for row in named]
    for file in files:
        if any(uri.endswith(f"/{file.name}") for uri in uris):
            run.lake.require_closed_quotes(file)
