"""One run, from arrivals to published tables: the order of the steps, and the only place where they have effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sales_job.base.errors import ConfigurationError, InputRefused, JobError
from sales_job.base.sales_columns import OPTIONAL_COLUMNS, SALES_COLUMNS
from sales_job.lake.file_system import open_files
from sales_job.lake.header import require_columns
from sales_job.lake.lake import LakeFile
from sales_job.lineage.column_lineage import LINES
from sales_job.lineage.events import Arrival
from sales_job.lines import merge_lines
from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.lines.line_store import LineStore
from sales_job.pipeline.clean_arrivals import CleanedDays, clean
from sales_job.pipeline.run import Counts, Run
from sales_job.publication import check_results, day_profiles, unusual_days
from sales_job.publication.expected import Expected, line_totals
from sales_job.publication.unusual_days import Profile, Verdict
from sales_job.reference import reference_data
from sales_job.warehouse.protocol import Publication, StoredDay


@dataclass(frozen=True)
class Inputs:
    """The files of the arrivals to take, and the line store with the published version of each of its days.

    ``refill``: a day was published without ``sales_lines``, or with another customers' key: all days are touched.
    """

    files: list[LakeFile]
    store: LineStore
    current: Mapping[dt.date, str]
    refill: bool

    @property
    def arrivals(self) -> list[str]:
        """The arrival days, sorted; "" for the flat files."""
        return sorted({file.arrival for file in self.files})

    @property
    def by_arrival(self) -> list[Arrival]:
        """The files of each arrival."""
        found: dict[str, list[int]] = {}
        for file in sorted(self.files, key=lambda file: file.arrival):
            found.setdefault(file.arrival and f"dt={file.arrival}", []).append(file.size)
        return [Arrival(folder, len(sizes), sum(sizes)) for folder, sizes in found.items()]


def execute(run: Run, counts: Counts) -> None:
    """Runs all steps. ``counts`` is filled as the run proceeds, so that a failed run can be recorded with them.

    Raises:
        JobError: the input is refused, or a check or a service failed; the tables are as they were.
    """
    with run.log.step("find arrivals") as log:
        _prepare_tables(run)
        inputs = _find_arrivals(run)
        counts.files_passed_over = run.lake.files_passed_over
        run.traced.arrivals = inputs.by_arrival
        log.update(files=len(inputs.files), bytes=sum(file.size for file in inputs.files))
    if not inputs.files and not run.arguments.rebuild:
        run.log.info("no arrival in the interval: nothing to do")
        run.warehouse.record({**run.record("done", counts), **run.spent()})
        return
    with run.log.step("load reference data") as log:
        log.update(reference_data.load(run.lake, run.database, run.log.warning))
    try:
        with run.log.step("read and check lines") as log:
            before = {} if run.arguments.rebuild else inputs.current
            cleaned = clean(run, inputs.store, inputs.files, inputs.arrivals, before, inputs.refill)
            counts.add_read(cleaned.rows_read, cleaned.rows_quarantined)
            run.traced.rows_read = cleaned.rows_read
            log.update(rows=counts.rows_read, quarantined=counts.rows_quarantined)
        _refuse_many_bad_lines(run, counts, cleaned)
        _refuse_many_days(run, before.keys() - cleaned.days | cleaned.days_with_lines)
    except (InputRefused, ConfigurationError):
        inputs.store.remove_unpublished(inputs.current)
        inputs.store.forget([run.version])
        raise
    with run.log.step("compute figures") as log:
        doubtful = _stage_lines(run, counts, cleaned, before.keys() & cleaned.days, inputs.refill)
        log.update(loaded=counts.rows_loaded, duplicate=counts.rows_duplicate, days=len(cleaned.days))
    with run.log.step("publish") as log:
        log.update(checks=_publish(run, counts, cleaned, inputs, doubtful))
        run.traced.published = True
        run.traced.rows = _rows_written(cleaned)
    with run.log.step("remove replaced lines"):
        # After a rebuild every other version goes, also those of a warehouse that was lost.
        replaced = {day: inputs.current[day] for day in cleaned.days if day in inputs.current}
        inputs.store.close(run.version, None if run.arguments.rebuild else replaced)
    _add_cost(run)


def _add_cost(run: Run) -> None:
    """The tables are published, whether the row of the run says what it cost or not."""
    if cost := run.spent():
        try:
            run.warehouse.add_cost(run.arguments.run_id, run.started_at, cost)
        except JobError as error:
            run.log.warning(f"what the run cost is not in etl_runs: {error}")


def _rows_written(cleaned: CleanedDays) -> dict[str, int]:
    """Rows that the run has written, where it knows them without asking the warehouse."""
    good = sum(row.lines for row in cleaned.counts if row.transaction_date is not None)
    return {
        LINES: sum(row.lines for row in cleaned.counts),
        "quarantined_sales": cleaned.rows_quarantined,
        "daily_profile": len(cleaned.days_with_lines),
        # Lines of several arrivals may have several rows in the line store.
        **({} if merge_lines.has_lines_in_several_rows(cleaned.counts) else {"sales_lines": good}),
    }


def _prepare_tables(run: Run) -> None:
    """Brings all tables to their declared columns, after every one of them was compared: a refusal changes nothing."""
    changes = run.warehouse.changes()
    reference_data.prepare(run.database)
    run.warehouse.prepare(changes)


def _find_arrivals(run: Run) -> Inputs:
    store = LineStore(run.spark, open_files(run.spark, run.warehouse.line_store))
    stored = _recover(run, store)
    refill = not run.arguments.rebuild and any(day.customer_key_id != run.customer_key.id for day in stored.values())
    if refill:
        run.log.info("the lines of stored days are published again: their customers have keys of this warehouse then")
    interval = run.arguments.interval
    files = run.lake.arrivals(interval.holds if interval else None)
    for file in files:
        require_columns(file.name, file.header, SALES_COLUMNS, OPTIONAL_COLUMNS)
    return Inputs(files, store, {day: version for day, (version, _) in stored.items()}, refill)


def _recover(run: Run, store: LineStore) -> dict[dt.date, StoredDay]:
    """Removes what killed runs left; returns the days that have lines.

    A killed run may have a publication under way: which versions are published is known when it has ended.
    """
    killed = store.unfinished()
    run.warehouse.settle(killed)
    stored = run.warehouse.stored_days()
    if killed:
        store.remove_unpublished({day: version for day, (version, _) in stored.items()})
        run.warehouse.discard(killed)
        store.forget(killed)
        run.log.warning("removed what killed runs left", versions=killed)
    return stored


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


def _refuse_many_days(run: Run, days: Collection[dt.date]) -> None:
    most = run.warehouse.most_days
    if most is not None and len(days) > most:
        raise InputRefused(
            f"the lines are of {len(days)} days from {min(days)} to {max(days)}, the tables hold {most} at most: look "
            "for wrong dates in the files, or remove the oldest arrivals and run with --rebuild"
        )


def _most_frequent(run: Run, cleaned: CleanedDays) -> str:
    """What most bad lines have in common, with an example; a message shows no customer."""
    shown = [name for name in SALES_COLUMNS if name != "customer_id"]
    reasons = (
        _quarantined(run, cleaned)
        .groupBy("reason")
        .agg(F.count("*").alias("lines"), F.min(F.concat_ws(",", *shown)).alias("example"))
    )
    first = reasons.orderBy(F.desc("lines"), "reason").first()
    assert first is not None
    return f"{first.reason} in {first.lines} of them, such as {' '.join(first.example.split())}"


def _quarantined(run: Run, cleaned: CleanedDays) -> DataFrame:
    return merge_lines.quarantined(cleaned.bad_lines, run.arguments.run_id, cleaned.stand_ins)


def _stage_lines(
    run: Run, counts: Counts, cleaned: CleanedDays, replaced: Collection[dt.date], refill: bool
) -> DoubtfulCustomers:
    """Stages the lines and their figures; returns what is remarkable about the ids of customers, which no table has."""
    quarantined = _quarantined(run, cleaned) if counts.rows_quarantined else None
    reference = reference_data.read_listed(run.database)
    lines = cleaned.good_lines(run.version)
    loaded = run.warehouse.stage(lines, run.customer_key, quarantined, reference, replaced, refill)
    counts.add_loaded(loaded, cleaned.days)
    return loaded.doubtful_customers


def _publish(run: Run, counts: Counts, cleaned: CleanedDays, inputs: Inputs, doubtful: DoubtfulCustomers) -> int:
    """Publishes what is staged; returns how many checks were evaluated."""
    profiles, verdict = _judge_days(run, cleaned)
    expected = replace(_expected(run, counts, cleaned, doubtful), unusual=verdict)
    if run.on_staged:
        run.on_staged()
    results = run.warehouse.publish(
        Publication(
            days=cleaned.days,
            versions=dict.fromkeys(cleaned.days_with_lines, run.version),
            arrivals=inputs.arrivals,
            days_by_arrival=cleaned.days_by_arrival(inputs.arrivals),
            customer_key_id=run.customer_key.id,
            profiles=profiles,
            rebuild=run.arguments.rebuild,
            refill=inputs.refill,
            expected=expected,
            run=run.record("done", counts),
        )
    )
    for warning in check_results.failures(results, check_results.WARNING):
        run.log.warning(f"published all the same: {warning}", check=warning.check_name)
    return len(results)


def _judge_days(run: Run, cleaned: CleanedDays) -> tuple[dict[dt.date, Profile], Verdict]:
    """The profiles of the days with lines, and what is unusual about them."""
    staged, published = run.warehouse.profiles(cleaned.days)
    now, before = day_profiles.of_staged(staged), day_profiles.of_published(published)
    if run.arguments.rebuild:
        # What was published before goes.
        before = {}
    # A touched day that has lost all its lines is no measure for others.
    before = {day: profile for day, profile in before.items() if day in now or day not in cleaned.days}
    return now, unusual_days.verdict(now, before, run.arguments.hold_unusual_days)


def _expected(run: Run, counts: Counts, cleaned: CleanedDays, doubtful: DoubtfulCustomers) -> Expected:
    return Expected(
        rows_read=counts.rows_read,
        rows_loaded=counts.rows_loaded,
        rows_duplicate=counts.rows_duplicate,
        rows_quarantined=counts.rows_quarantined,
        unmatched_products=counts.unmatched_products,
        unmatched_stores=counts.unmatched_stores,
        now=line_totals(cleaned.counts, cleaned.lines),
        before=line_totals(cleaned.previous_counts, cleaned.previous_lines),
        max_bad_ratio=run.arguments.max_bad_ratio,
        doubtful_customers=doubtful,
    )
