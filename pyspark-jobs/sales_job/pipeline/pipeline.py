"""One run, from arrivals to published tables: the order of the steps, and the only place where they have effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sales_job.base.errors import ConfigurationError, InputRefused
from sales_job.base.sales_columns import OPTIONAL_COLUMNS, SALES_COLUMNS
from sales_job.lake.file_system import open_files
from sales_job.lake.header import require_columns
from sales_job.lake.lake import LakeFile
from sales_job.lines import figures, merge_lines
from sales_job.lines.line_store import LineStore
from sales_job.pipeline.clean_arrivals import CleanedDays, clean
from sales_job.pipeline.run import Counts, Run
from sales_job.publication import check_results
from sales_job.publication.expected import Expected, line_totals
from sales_job.reference import reference_data
from sales_job.warehouse.protocol import Publication


@dataclass(frozen=True)
class Inputs:
    """The files of the arrivals to take, and the line store with the published version of each of its days."""

    files: list[LakeFile]
    store: LineStore
    current: Mapping[dt.date, str]

    @property
    def arrivals(self) -> list[str]:
        """The arrival days, sorted; "" for the flat files."""
        return sorted({file.arrival for file in self.files})


def execute(run: Run, counts: Counts) -> None:
    """Runs all steps. ``counts`` is filled as the run proceeds, so that a failed run can be recorded with them.

    Raises:
        JobError: the input is refused, or a check or a service failed; the tables are as they were.
    """
    with run.log.step("find arrivals") as log:
        _prepare_tables(run)
        inputs = _find_arrivals(run)
        counts.files_passed_over = run.lake.files_passed_over
        log.update(files=len(inputs.files), bytes=sum(file.size for file in inputs.files))
    if not inputs.files and not run.arguments.rebuild:
        run.log.info("no arrival in the interval: nothing to do")
        run.warehouse.record(run.record("done", counts))
        return
    with run.log.step("load reference data") as log:
        log.update(reference_data.load(run.lake, run.database, run.log.warning))
    try:
        with run.log.step("read and check lines") as log:
            before = {} if run.arguments.rebuild else inputs.current
            cleaned = clean(run, inputs.store, inputs.files, inputs.arrivals, before)
            counts.add_read(cleaned.rows_read, cleaned.rows_quarantined)
            log.update(rows=counts.rows_read, quarantined=counts.rows_quarantined)
        _refuse_many_bad_lines(run, counts, cleaned)
    except (InputRefused, ConfigurationError):
        inputs.store.remove_unpublished(inputs.current)
        inputs.store.forget([run.version])
        raise
    with run.log.step("compute figures") as log:
        _stage_figures(run, counts, cleaned)
        log.update(loaded=counts.rows_loaded, duplicate=counts.rows_duplicate, days=len(cleaned.days))
    with run.log.step("publish") as log:
        log.update(checks=_publish(run, counts, cleaned, inputs.arrivals))
    with run.log.step("remove replaced lines"):
        # After a rebuild every other version goes, also those of a warehouse that was lost.
        replaced = {day: inputs.current[day] for day in cleaned.days if day in inputs.current}
        inputs.store.close(run.version, None if run.arguments.rebuild else replaced)


def _prepare_tables(run: Run) -> None:
    """Brings all tables to their declared columns, after every one of them was compared: a refusal changes nothing."""
    changes = run.warehouse.changes()
    reference_data.prepare(run.database)
    run.warehouse.prepare(changes)


def _find_arrivals(run: Run) -> Inputs:
    store = LineStore(run.spark, open_files(run.spark, run.warehouse.line_store))
    current = _recover(run, store)
    interval = run.arguments.interval
    files = run.lake.arrivals(interval.holds if interval else None)
    for file in files:
        require_columns(file.name, file.header, SALES_COLUMNS, OPTIONAL_COLUMNS)
    return Inputs(files, store, current)


def _recover(run: Run, store: LineStore) -> dict[dt.date, str]:
    """Removes what killed runs left; returns the published version of each day.

    A killed run may have a publication under way: which versions are published is known when it has ended.
    """
    killed = store.unfinished()
    run.warehouse.settle(killed)
    current = run.warehouse.versions()
    if killed:
        store.remove_unpublished(current)
        run.warehouse.discard(killed)
        store.forget(killed)
        run.log.warning("removed what killed runs left", versions=killed)
    return current


def _refuse_many_bad_lines(run: Run, counts: Counts, cleaned: CleanedDays) -> None:
    limit = run.arguments.max_bad_ratio
    if counts.rows_quarantined <= limit * counts.rows_read:
        return
    run.warehouse.keep_checks(
        run.arguments.run_id, [check_results.bad_lines(counts.rows_quarantined, counts.rows_read, limit)]
    )
    kept = run.warehouse.keep_refused(_quarantined(run, cleaned), run.arguments.run_id)
    share = counts.rows_quarantined / counts.rows_read
    raise InputRefused(
        f"{counts.rows_quarantined} of {counts.rows_read} lines are bad ({share:.1%}, at most {limit:.1%} is loaded): "
        f"{_most_frequent(run, cleaned)}; they are kept in {kept}; correct the source, or allow more with "
        "--max-bad-ratio"
    )


def _most_frequent(run: Run, cleaned: CleanedDays) -> str:
    """What most bad lines have in common, with an example."""
    reasons = (
        _quarantined(run, cleaned)
        .groupBy("reason")
        .agg(F.count("*").alias("lines"), F.min(F.concat_ws(",", *SALES_COLUMNS)).alias("example"))
    )
    first = reasons.orderBy(F.desc("lines"), "reason").first()
    assert first is not None
    return f"{first.reason} in {first.lines} of them, such as {' '.join(first.example.split())}"


def _quarantined(run: Run, cleaned: CleanedDays) -> DataFrame:
    return merge_lines.quarantined(cleaned.bad_lines, run.arguments.run_id, cleaned.stand_ins)


def _stage_figures(run: Run, counts: Counts, cleaned: CleanedDays) -> None:
    now, before = cleaned.good_lines, cleaned.previous_good_lines
    changes = figures.changes(now, before)
    staged = {
        "daily_figures": figures.daily_figures(now, cleaned.bounds),
        "daily_customers": figures.daily_customers(now),
        "store_products": figures.store_product_changes(changes, cleaned.bounds),
        "store_customers": figures.store_customer_changes(changes),
    }
    if counts.rows_quarantined:
        staged["quarantined_sales"] = _quarantined(run, cleaned)
    # Independent Spark jobs run side by side: while one is planned, another uses the cores.
    with ThreadPoolExecutor(len(staged)) as pool:
        loaded = run.warehouse.stage(staged, reference_data.read_listed(run.database), pool)
    counts.add_loaded(loaded, cleaned.days)


def _publish(run: Run, counts: Counts, cleaned: CleanedDays, arrivals: list[str]) -> int:
    """Publishes what is staged; returns how many checks were evaluated."""
    results = run.warehouse.publish(
        Publication(
            days=cleaned.days,
            versions=dict.fromkeys(cleaned.days_with_lines, run.version),
            arrivals=arrivals,
            days_by_arrival=cleaned.days_by_arrival(arrivals),
            rebuild=run.arguments.rebuild,
            expected=_expected(run, counts, cleaned),
            run=run.record("done", counts),
        )
    )
    for warning in check_results.failures(results, check_results.WARNING):
        run.log.warning(f"published all the same: {warning}", check=warning.check_name)
    return len(results)


def _expected(run: Run, counts: Counts, cleaned: CleanedDays) -> Expected:
    return Expected(
        rows_read=counts.rows_read,
        rows_loaded=counts.rows_loaded,
        rows_duplicate=counts.rows_duplicate,
        rows_quarantined=counts.rows_quarantined,
        unmatched_products=counts.unmatched_products,
        unmatched_stores=counts.unmatched_stores,
        now=line_totals(cleaned.counts, cleaned.good_lines, cleaned.bounds),
        before=line_totals(cleaned.previous_counts, cleaned.previous_good_lines, cleaned.bounds),
        max_bad_ratio=run.arguments.max_bad_ratio,
    )
