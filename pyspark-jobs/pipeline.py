"""One run, from arrivals to published tables: the order of the steps, and the only place where they have effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import unquote

import reference_data
import transforms
from arguments import Arguments
from csv_reader import read_texts
from database_utils import Database
from errors import InputRefused, JobError
from files import open_files
from lake import Lake, LakeFile, require_columns
from py4j.protocol import Py4JJavaError
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
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

    def take(self, loaded: Loaded, days: Iterable[dt.date]) -> None:
        """Fills in what was loaded; the rest of the good lines had been delivered before.

        Raises:
            JobError: the rows do not balance.
        """
        self.rows_loaded = loaded.lines
        self.unmatched_products, self.unmatched_stores = loaded.unmatched_products, loaded.unmatched_stores
        self.rows_duplicate = self.rows_read - self.rows_quarantined - self.rows_loaded
        self.dates = [str(day) for day in sorted(days)]
        if self.rows_duplicate < 0:
            raise JobError("rows do not balance, nothing is published: more lines loaded than read")

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
    with run.log.step("read and check lines") as read:
        texts = read_texts(run.spark, files, SALES_COLUMNS)
        classified = classify(texts).persist(StorageLevel.MEMORY_AND_DISK)
        brought = _count(run.lake, classified, files, counts)
        read.update(rows=counts.rows_read, quarantined=counts.rows_quarantined)
    quarantined = transforms.quarantined(classified, run.arguments.run_id)
    _refuse_bad_input(run, counts, quarantined)
    arrivals = sorted({file.arrival for file in files})
    before = {} if run.arguments.rebuild else current
    days = {day for _, day in brought} | {day for day in run.warehouse.days_of(arrivals) if day in before}
    with run.log.step("compute figures") as computed:
        merged = _merge(run, store, files, classified, {day: before[day] for day in days if day in before}, arrivals)
        lines = transforms.lines(merged).persist(StorageLevel.MEMORY_AND_DISK)
        figures = {
            "daily_figures": transforms.daily_figures(lines),
            "store_products": transforms.store_product_changes(lines),
            "store_customers": transforms.store_customer_changes(lines),
        }
        if counts.rows_quarantined:
            figures["quarantined_sales"] = quarantined
        store.open(run.version)
        # Independent Spark jobs: side by side, the planning of one fills the gaps of another.
        with ThreadPoolExecutor(len(figures) + 1) as pool:
            writing = pool.submit(store.write, merged.where("is_now"), run.version)
            result = run.warehouse.stage(figures, reference_data.read_names(run.database), pool)
            writing.result()
        counts.take(result, days)
        computed.update(loaded=counts.rows_loaded, duplicate=counts.rows_duplicate, days=len(days))
    with run.log.step("publish"):
        versions = dict.fromkeys(result.live_days, run.version)
        record = run.record("done", counts)
        run.warehouse.publish(Publication(frozenset(days), versions, arrivals, brought, run.arguments.rebuild, record))
    with run.log.step("remove replaced lines"):
        replaced = current if run.arguments.rebuild else {day: current[day] for day in days if day in current}
        store.close(run.version, replaced)


def _merge(
    run: Run,
    store: LineStore,
    files: list[LakeFile],
    classified: DataFrame,
    stored: dict[dt.date, str],
    arrivals: list[str],
) -> DataFrame:
    """This run's deliveries beside the stored ones, with costs; computed once and kept."""
    largest = max((file.size for file in files), default=0)
    buckets = 1 + largest // BUCKET_BYTES
    merged = transforms.merge_deliveries(classified, store.read(stored), arrivals, buckets)
    products = reference_data.read_products(run.spark, run.database)
    return transforms.with_costs(merged, products).persist(StorageLevel.MEMORY_AND_DISK)


def _count(lake: Lake, classified: DataFrame, files: list[LakeFile], counts: Counts) -> list[tuple[str, dt.date]]:
    """Counts lines and bad lines in one pass; returns which days each arrival brought good lines for."""
    day = F.when(F.col("reason").isNull(), F.col("transaction_date"))
    try:
        counted = [F.count("*"), F.count("reason"), F.count("doubtful_file")]
        rows = classified.groupBy("arrival", day.alias("day")).agg(*counted).collect()
    except Py4JJavaError:
        # Spark does not say which file it stumbled over.
        lake.require_whole(files)
        raise
    if any(row[4] for row in rows):
        _require_sound(lake, classified, files)
    counts.rows_read = sum(row[2] for row in rows)
    counts.rows_quarantined = sum(row[3] for row in rows)
    return [(row.arrival, row.day) for row in rows if row.day is not None]


def _require_sound(lake: Lake, classified: DataFrame, files: list[LakeFile]) -> None:
    """Looks closely at the files with a line that is odd but may be meant, such as a line break in quotes."""
    named = classified.where(F.col("doubtful_file").isNotNull()).select("doubtful_file").distinct().collect()
    uris = [unquote(row.doubtful_file) for row in named]
    for file in files:
        if any(uri.endswith(f"/{file.name}") for uri in uris):
            lake.require_sound(file)


def _refuse_bad_input(run: Run, counts: Counts, quarantined: DataFrame) -> None:
    limit = run.arguments.max_bad_ratio
    if counts.rows_quarantined <= limit * counts.rows_read:
        return
    kept = run.warehouse.keep_refused(quarantined, run.arguments.run_id)
    share = counts.rows_quarantined / counts.rows_read
    raise InputRefused(
        f"{counts.rows_quarantined} of {counts.rows_read} lines are bad ({share:.1%}, at most {limit:.1%} is loaded): "
        f"they are kept in {kept}; correct the source, or allow more with --max-bad-ratio"
    )
