"""One run, from arrivals to published tables: the order of the steps, and the only place where they have effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import unquote

import arrivals
import quality
import reference_data
import transforms
from arguments import Arguments
from csv_reader import read_texts
from database_utils import Database
from errors import InputRefused
from files import open_files
from lake import Lake, LakeFile, require_columns
from publication_checks import Expected, line_totals
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from rules import SALES_COLUMNS, classify
from storage import LineStore
from structured_log import RunLog
from warehouse import Loaded, Publication, Warehouse

BUCKET_BYTES = 256 * 1024 * 1024
"""Size of an arrival file from which one day is spread over more than one task."""


@dataclass
class Counts:
    """What a run did with its lines; ``rows_read = rows_loaded + rows_duplicate + rows_quarantined``."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    unmatched_products: int = 0
    unmatched_stores: int = 0
    dates: list[str] = field(default_factory=list)
    revenue_added: float = 0
    """To the tables, to four decimals; nothing where a day is taken again, less where a delivery shrank."""
    gross_profit_added: float = 0

    def take(self, loaded: Loaded, days: Iterable[dt.date]) -> None:
        """Fills in what was loaded; the rest of the good lines had been delivered before."""
        self.rows_loaded = loaded.lines
        self.unmatched_products, self.unmatched_stores = loaded.unmatched_products, loaded.unmatched_stores
        self.rows_duplicate = self.rows_read - self.rows_quarantined - self.rows_loaded
        self.dates = [str(day) for day in sorted(days)]
        self.revenue_added, self.gross_profit_added = [
            float(round(n, 4)) for n in (loaded.revenue, loaded.gross_profit)
        ]

    def as_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True)
class Run:
    """What the steps of one run share. ``version`` names this attempt: a run id may come again when a run is
    retried.
    """

    arguments: Arguments
    version: str
    started_at: dt.datetime
    spark: SparkSession
    lake: Lake
    warehouse: Warehouse
    database: Database
    log: RunLog

    def record(self, status: str, counts: Counts) -> dict[str, Any]:
        """This run's row of ``etl_runs``."""
        now = dt.datetime.now(dt.UTC)
        interval = self.arguments.interval
        return {
            "run_id": self.arguments.run_id,
            "status": status,
            "started_at": self.started_at,
            "finished_at": now,
            "start_date": interval and interval.start,
            "end_date": interval and interval.end,
            "seconds": round((now - self.started_at).total_seconds(), 3),
            **counts.as_dict(),
        }


def execute(run: Run, counts: Counts) -> None:
    """Runs all steps. ``counts`` is filled as far as the run comes, so that a failed one can be told of too.

    Raises:
        JobError: the input is refused, or a check or a service failed; the tables are as they were.
    """
    with run.log.step("find arrivals") as found:
        run.warehouse.prepare()
        store = LineStore(run.spark, open_files(run.spark, run.warehouse.lines))
        current = run.warehouse.versions()
        if killed := store.recover(current):
            run.log.warning("removed what killed runs left", versions=killed)
        interval = run.arguments.interval
        files = run.lake.arrivals(interval.holds if interval else None)
        require_columns(files, SALES_COLUMNS)
        found.update(files=len(files), bytes=sum(file.size for file in files))
    if not files and not run.arguments.rebuild:
        run.log.info("no arrival in the interval: nothing to do")
        run.warehouse.record(run.record("done", counts))
        return
    with run.log.step("load reference data") as loaded:
        loaded.update(reference_data.load(run.lake, run.database))
    taken = sorted({file.arrival for file in files})
    before = {} if run.arguments.rebuild else current
    try:
        with run.log.step("read and check lines") as read:
            written = _write_lines(run, store, files, taken, before)
            counts.rows_read = sum(row.delivered for row in written.census)
            counts.rows_quarantined = sum(row.delivered for row in written.census if row.transaction_date is None)
            read.update(rows=counts.rows_read, quarantined=counts.rows_quarantined)
        if any(row.doubtful for row in written.census):
            _require_sound(run, files)
        quarantined = transforms.quarantined(written.rejected, run.arguments.run_id)
        _refuse_bad_input(run, counts, quarantined)
    except InputRefused:
        store.recover(current)
        raise
    with run.log.step("compute figures") as computed:
        figures = _figures(written)
        if counts.rows_quarantined:
            figures["quarantined_sales"] = quarantined
        # Independent Spark jobs: side by side, the planning of one fills the gaps of another.
        with ThreadPoolExecutor(len(figures)) as pool:
            result = run.warehouse.stage(figures, reference_data.read_names(run.database), pool)
        counts.take(result, written.days)
        computed.update(loaded=counts.rows_loaded, duplicate=counts.rows_duplicate, days=len(written.days))
    with run.log.step("publish") as published:
        versions = dict.fromkeys(written.live_days, run.version)
        record = run.record("done", counts)
        brought = written.brought(taken)
        expected = _expected(run, counts, written)
        results = run.warehouse.publish(
            Publication(written.days, versions, taken, brought, run.arguments.rebuild, expected, record)
        )
        published.update(checks=len(results))
    for warned in quality.failures(results, quality.WARNING):
        run.log.warning(f"published all the same: {warned}", check=warned.check_name)
    with run.log.step("remove replaced lines"):
        replaced = current if run.arguments.rebuild else {day: current[day] for day in written.days if day in current}
        store.close(run.version, replaced)


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
    def bounds(self) -> transforms.Bounds:
        """What the lines amount to at most, the new and the old together."""
        return transforms.bounds(self.census, self.old_census)

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
            for arrival in arrivals.members(row.transaction_date, row.word, row.arrivals)
            if arrival in taken
        ]


def _write_lines(
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
        merged = transforms.merge(
            classified,
            old,
            arrivals.taken_sets(run.spark, stored, taken),
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
    census = transforms.census(new).collect()
    touched = {row.transaction_date for row in census if row.transaction_date is not None}.union(days or ())
    return Written(new, census, old, transforms.census(old).collect() if stored else [], frozenset(touched))


def _figures(written: Written) -> dict[str, DataFrame]:
    bounds = written.bounds
    now = transforms.lines(written.new.where(F.col("transaction_date").isNotNull()), bounds)
    changes = transforms.changes(now, transforms.lines(written.old, bounds))
    return {
        "daily_figures": transforms.daily_figures(now),
        "daily_customers": transforms.daily_customers(now),
        "store_products": transforms.store_product_changes(changes),
        "store_customers": transforms.store_customer_changes(changes),
    }


def _expected(run: Run, counts: Counts, written: Written) -> Expected:
    return Expected(
        rows_read=counts.rows_read,
        rows_loaded=counts.rows_loaded,
        rows_duplicate=counts.rows_duplicate,
        rows_quarantined=counts.rows_quarantined,
        unmatched_products=counts.unmatched_products,
        unmatched_stores=counts.unmatched_stores,
        now=line_totals(written.census, written.new, written.bounds),
        before=line_totals(written.old_census, written.old, written.bounds),
        max_bad_ratio=run.arguments.max_bad_ratio,
    )


def _require_sound(run: Run, files: list[LakeFile]) -> None:
    """Looks closely at the files with a line that is odd but may be meant, such as a line break in quotes."""
    texts = read_texts(run.spark, files, SALES_COLUMNS)
    named = texts.where(F.col("doubtful_file").isNotNull()).select("doubtful_file").distinct().collect()
    uris = [unquote(row.doubtful_file) for row in named]
    for file in files:
        if any(uri.endswith(f"/{file.name}") for uri in uris):
            run.lake.require_sound(file)


def _refuse_bad_input(run: Run, counts: Counts, quarantined: DataFrame) -> None:
    limit = run.arguments.max_bad_ratio
    if counts.rows_quarantined <= limit * counts.rows_read:
        return
    run.warehouse.keep_checks(
        run.arguments.run_id, [quality.bad_lines(counts.rows_quarantined, counts.rows_read, limit)]
    )
    kept = run.warehouse.keep_refused(quarantined, run.arguments.run_id)
    share = counts.rows_quarantined / counts.rows_read
    raise InputRefused(
        f"{counts.rows_quarantined} of {counts.rows_read} lines are bad ({share:.1%}, at most {limit:.1%} is loaded): "
        f"they are kept in {kept}; correct the source, or allow more with --max-bad-ratio"
    )
