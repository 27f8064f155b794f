"""One run, from arrivals to published tables: the order of the steps, and the only place where they have effects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sales_job.base.errors import InputRefused
from sales_job.lake.file_system import open_files
from sales_job.lake.lake import require_columns
from sales_job.lines import figures, merge_lines
from sales_job.lines.line_store import LineStore
from sales_job.lines.rules import SALES_COLUMNS
from sales_job.pipeline.clean_arrivals import Written, require_sound, write_lines
from sales_job.pipeline.run import Counts, Run
from sales_job.publication import check_results
from sales_job.publication.checks import Expected, line_totals
from sales_job.reference import reference_data
from sales_job.warehouse.protocol import Publication


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
            written = write_lines(run, store, files, taken, before)
            counts.rows_read = sum(row.delivered for row in written.census)
            counts.rows_quarantined = sum(row.delivered for row in written.census if row.transaction_date is None)
            read.update(rows=counts.rows_read, quarantined=counts.rows_quarantined)
        if any(row.doubtful for row in written.census):
            require_sound(run, files)
        quarantined = merge_lines.quarantined(written.rejected, run.arguments.run_id)
        _refuse_bad_input(run, counts, quarantined)
    except InputRefused:
        store.recover(current)
        raise
    with run.log.step("compute figures") as computed:
        staged = _figures(written)
        if counts.rows_quarantined:
            staged["quarantined_sales"] = quarantined
        # Independent Spark jobs: side by side, the planning of one fills the gaps of another.
        with ThreadPoolExecutor(len(staged)) as pool:
            result = run.warehouse.stage(staged, reference_data.read_names(run.database), pool)
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
    for warned in check_results.failures(results, check_results.WARNING):
        run.log.warning(f"published all the same: {warned}", check=warned.check_name)
    with run.log.step("remove replaced lines"):
        # What a lost warehouse pointed at is found by a rebuild alone.
        rebuild = run.arguments.rebuild
        replaced = None if rebuild else {day: current[day] for day in written.days if day in current}
        store.close(run.version, replaced)


def _figures(written: Written) -> dict[str, DataFrame]:
    bounds = written.bounds
    now = figures.lines(written.new.where(F.col("transaction_date").isNotNull()), bounds)
    changes = figures.changes(now, figures.lines(written.old, bounds))
    return {
        "daily_figures": figures.daily_figures(now),
        "daily_customers": figures.daily_customers(now),
        "store_products": figures.store_product_changes(changes),
        "store_customers": figures.store_customer_changes(changes),
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


def _refuse_bad_input(run: Run, counts: Counts, quarantined: DataFrame) -> None:
    limit = run.arguments.max_bad_ratio
    if counts.rows_quarantined <= limit * counts.rows_read:
        return
    run.warehouse.keep_checks(
        run.arguments.run_id, [check_results.bad_lines(counts.rows_quarantined, counts.rows_read, limit)]
    )
    kept = run.warehouse.keep_refused(quarantined, run.arguments.run_id)
    share = counts.rows_quarantined / counts.rows_read
    raise InputRefused(
        f"{counts.rows_quarantined} of {counts.rows_read} lines are bad ({share:.1%}, at most {limit:.1%} is loaded): "
        f"they are kept in {kept}; correct the source, or allow more with --max-bad-ratio"
    )
