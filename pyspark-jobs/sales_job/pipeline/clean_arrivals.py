"""From arrivals to cleaned lines: reads the lake and writes the line store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sales_job.base.errors import InputRefused, JobError
from sales_job.base.sales_columns import READ_COLUMNS
from sales_job.lake.csv_reader import count_rows, read_texts
from sales_job.lake.file_integrity import rows_of
from sales_job.lake.lake import LakeFile
from sales_job.lake.large_files import mark_splittable, path_of
from sales_job.lake.stand_ins import StandIns
from sales_job.lines import arrival_sets, merge_lines, spread
from sales_job.lines.figures import StoredLines
from sales_job.lines.line_store import LineStore, Written, folder_of
from sales_job.lines.rules import classify
from sales_job.pipeline.run import Run
from sales_job.reference import reference_data


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
    stand_ins: Mapping[str, str]
    """As of :attr:`StandIns.names`."""

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

    def good_lines(self, version: str) -> StoredLines:
        """The good lines; ``version`` is that of this run."""
        folders = [folder_of(day, version) for day in sorted(self.days_with_lines)]
        good = self.lines.where(F.col("transaction_date").isNotNull())
        return StoredLines(good, folders, merge_lines.has_lines_in_several_rows(self.counts))

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


def clean(
    run: Run,
    store: LineStore,
    files: Sequence[LakeFile],
    taken: Sequence[str],
    before: Mapping[dt.date, str],
    touch_all: bool = False,
) -> CleanedDays:
    """Reads the arrivals and writes a new version of every day that they touch.

    Args:
        taken: the arrival days of ``files``; what they brought before is replaced.
        before: the published version of each day.
        touch_all: whether all of these days are touched.

    Raises:
        InputRefused: a file is damaged; what was written has to be removed.
        JobError: a file was changed while it was read.
    """
    store.open(run.version)
    touched: Collection[dt.date] = before.keys() if touch_all else ()
    if before and not touch_all:
        touched = run.warehouse.days_of(taken) & before.keys()
    stand_ins = StandIns(store.files, run.version)
    try:
        readable = mark_splittable(run.spark, run.lake, stand_ins.by_name(files, run.lake))
        cleaned = _write_days(run, store, readable, taken, before, touched, stand_ins)
        if cleaned.maybe_damaged:
            corrected = _corrected(run, readable, stand_ins)
            if corrected != readable:
                # Spark would look for the removed files to renew what it keeps.
                cleaned.lines.unpersist()
                store.discard(run.version)
                cleaned = _write_days(run, store, corrected, taken, before, touched, stand_ins)
    except (InputRefused, Py4JJavaError):
        # A file that is being written looks damaged, and is whole a moment later.
        run.lake.require_unchanged(files)
        raise
    finally:
        stand_ins.remove()
    run.lake.require_unchanged(files)
    return cleaned


def _write_days(
    run: Run,
    store: LineStore,
    files: Sequence[LakeFile],
    taken: Sequence[str],
    before: Mapping[dt.date, str],
    touched: Collection[dt.date],
    stand_ins: StandIns,
) -> CleanedDays:
    classified = classify(read_texts(run.spark, files, READ_COLUMNS))
    try:
        days = None
        if before or spread.needs_the_days(files):
            # Which stored days to read is known only when the files have been read.
            classified = classified.persist() if before else classified
            good = classified.where("reason IS NULL").select("transaction_date").distinct().collect()
            days = {row.transaction_date for row in good}.union(touched)
        stored = {day: before[day] for day in days or () if day in before}
        previous = store.read(stored)
        merged = merge_lines.merge(
            classified,
            previous,
            arrival_sets.bitmaps_of_run(run.spark, stored, taken),
            reference_data.read_products(run.spark, run.database),
            buckets=_spread(run, files, days),
        )
        written = store.write(merged, run.version)
    except Py4JJavaError:
        # Spark does not say which file it failed on.
        run.lake.require_complete_archives(files)
        raise
    finally:
        classified.unpersist()
    lines = store.read_new(run.version, days)
    if spread.is_small(files):
        # Read once: each of several queries would open the file of every day.
        lines = lines.persist()
    counts = merge_lines.counts_by_day(lines).collect()
    _require_all_written(counts, written, run.warehouse.line_store)
    previous_counts = merge_lines.counts_by_day(previous).collect() if stored else []
    touched = {row.transaction_date for row in counts if row.transaction_date is not None}.union(days or ())
    return CleanedDays(lines, counts, previous, previous_counts, frozenset(touched), stand_ins.names)


def _spread(run: Run, files: Sequence[LakeFile], days: Collection[dt.date] | None) -> int:
    """Sets the partitions of this run's shuffles; returns into how many parts a day's lines are spread."""
    number = len(days) if days is not None else None
    parts = spread.parts_of_a_day(files, number)
    conf, name = run.spark.conf, "spark.sql.shuffle.partitions"
    conf.set(name, str(spread.shuffle_partitions(files, parts, number, int(conf.get(name) or 0))))
    return parts


def _require_all_written(counts: Sequence[Row], written: Written, line_store: str) -> None:
    found = Written(sum(row.lines for row in counts), sum(row.delivered for row in counts))
    if found != written:
        raise JobError(
            f"{written.rows} rows of {written.delivered} lines were written to {line_store}, and {found.rows} rows of "
            f"{found.delivered} lines are there: another program changes its files; stop it and run again"
        )


def _corrected(run: Run, files: Sequence[LakeFile], stand_ins: StandIns) -> list[LakeFile]:
    """The files, with copies for those of which Spark does not see all rows: it settles on one kind of line end.

    Files with suspicious lines (line breaks, NUL, U+FFFD) are read to their end.

    Raises:
        InputRefused: names the file and the damage.
    """
    texts = read_texts(run.spark, files, READ_COLUMNS)
    named = texts.where(F.col("doubtful_file").isNotNull()).select("doubtful_file").distinct().collect()
    paths = {path_of(row.doubtful_file) for row in named}
    doubtful = [file for file in files if file.path in paths and file.resource is None]
    seen = {path_of(uri): rows for uri, rows in count_rows(run.spark, doubtful, READ_COLUMNS).items()}
    copies = {}
    for file in doubtful:
        text = run.lake.read(file)
        rows = sum(1 for _, row in rows_of(file.name, text) if "".join(row).strip())
        # The header is one of them.
        if rows - 1 != seen.get(file.path, 0):
            copies[file.name] = stand_ins.rewritten(file, text)
    return [copies.get(file.name, file) for file in files]
