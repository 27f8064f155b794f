"""The sales job: validates, joins and aggregates sales lines into the tables of the warehouse.

On this machine:   sales_analytics_direct.py --lake DIR --warehouse DIR [--start DATE --end DATE]
On Dataproc:       the arguments that the Airflow DAG passes, see sales_job/base/arguments.py

Standard output ends with one line of JSON, the summary. Logs go to standard error.
Exit codes: 0 done, 2 wrong arguments or configuration, 3 input refused, 1 anything else.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from pyspark.sql import SparkSession

from database_utils import Database
from sales_job.base.arguments import Arguments, parse
from sales_job.base.errors import InputRefused, JobError
from sales_job.base.explain_failure import explain
from sales_job.base.google_api import GoogleApi
from sales_job.base.run_log import RunLog
from sales_job.lake.file_system import LocalFiles, open_files
from sales_job.lake.lake import Lake
from sales_job.lineage.events import Traced, TracedRun
from sales_job.lines.customer_key import CustomerKey
from sales_job.pipeline import run_history
from sales_job.pipeline.pipeline import execute
from sales_job.pipeline.run import Counts, Run
from sales_job.warehouse.protocol import Warehouse


class Services(NamedTuple):
    """What a run works with on its target. ``on_staged`` is that of :class:`Run`; ``meter`` says what the run has cost
    since a time, by columns of ``etl_runs``.
    """

    spark: SparkSession
    database: Database
    warehouse: Warehouse
    customer_key: CustomerKey
    trace: Callable[[TracedRun], None]
    on_staged: Callable[[], None] | None
    meter: Callable[[dt.datetime], dict[str, Any]]


def _open(arguments: Arguments, version: str, stack: ExitStack, log: RunLog) -> Services:
    """Starts the run's services, or connects to them; imports the modules of its own target only."""
    if arguments.warehouse is not None:
        from sales_job.targets import local, local_spark

        local.require_named_user()
        folder = Path(arguments.warehouse).absolute()
        stack.enter_context(local.locked(folder))
        with log.step("start PostgreSQL and Spark"), ThreadPoolExecutor(1) as pool:
            starting = pool.submit(local_spark.spark_session, arguments, folder)
            database = stack.enter_context(local.database(folder))
            warehouse: Warehouse = local.warehouse(folder)
            spark = starting.result()
        customer_key = local.customer_key(folder)
        trace = partial(local.keep_lineage, folder, arguments.lake)
        stack.callback(local_spark.stop, spark)
        on_staged: Callable[[], None] | None = partial(local_spark.end, spark)
        meter = _not_billed
    else:
        from sales_job.targets import dataproc

        cloud, google = arguments.cloud, GoogleApi()
        assert cloud is not None  # parse() ensures it
        lock = stack.enter_context(dataproc.lock(google, arguments, cloud, version, log.warning))
        warehouse = bigquery = dataproc.warehouse(google, cloud, arguments.lake, version, lock.require_held)
        customer_key = dataproc.customer_key(google, cloud.project_id, cloud.customer_key_secret)
        trace = partial(dataproc.send_lineage, cloud, arguments.lake)
        spark = dataproc.spark_session()
        # Other machines have the memory, and what the run cost is asked of Spark when all is done.
        on_staged = None
        meter = partial(dataproc.cost, cloud, bigquery.usage, spark)
        database = stack.enter_context(dataproc.database(google, cloud, spark))
        stack.callback(spark.stop)
    return Services(spark, database, warehouse, customer_key, trace, on_staged, meter)


def _not_billed(started_at: dt.datetime) -> dict[str, Any]:
    return {}


def _attempt(arguments: Arguments, log: RunLog, counts: Counts, cost: dict[str, Any]) -> None:
    started_at = dt.datetime.now(dt.UTC)
    version = f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    # A wrong lake on this machine is named before the services start, which takes seconds.
    lake = None if arguments.warehouse is None else Lake(LocalFiles(arguments.lake), log.warning)
    with ExitStack() as stack:
        spark, database, warehouse, customer_key, trace, on_staged, meter = _open(arguments, version, stack, log)
        spark_version = spark.version
        run_history.begin(database, arguments, started_at)
        run: Run | None = None
        traced = Traced()

        def keep_lineage(error: str | None) -> None:
            ended = dt.datetime.now(dt.UTC)
            with _log_instead_of_raising(log, "the run's lineage is not kept"):
                trace(TracedRun(arguments.run_id, version, started_at, ended, error, spark_version, traced))

        try:
            lake = lake or Lake(open_files(spark, arguments.lake), log.warning)
            shared = (spark, lake, warehouse, database, customer_key, log, traced)
            run = Run(
                arguments,
                version,
                started_at,
                *shared,
                meter=partial(meter, started_at),
                cost=cost,
                on_staged=on_staged,
            )
            execute(run, counts)
        except BaseException as error:
            status = "refused" if isinstance(error, InputRefused) else "failed"
            reason = explain(error)
            with _log_instead_of_raising(log, "the failed run is not in etl_runs"):
                if run is not None:
                    warehouse.record({**run.record(status, counts), **run.spent()})
            with _log_instead_of_raising(log, "the failed run is not in run_history"):
                run_history.end(database, arguments, started_at, status, counts.as_dict(), reason)
            keep_lineage(reason)
            raise
        run_history.end(database, arguments, started_at, "done", counts.as_dict(), None)
        keep_lineage(None)


def _say_for_people(arguments: Arguments, counts: Counts) -> None:
    """Three lines beside the summary: what was read, what it adds, where to look."""
    days = f"{len(counts.dates)} days" + (f" from {counts.dates[0]} to {counts.dates[-1]}" if counts.dates else "")
    kept = "; the bad lines are in quarantined_sales" if counts.rows_quarantined else ""
    for line in (
        f"read: {counts.rows_read} lines: {counts.rows_loaded} count, {counts.rows_duplicate} are duplicates, "
        f"{counts.rows_quarantined} are bad; {counts.files_passed_over} files passed over",
        f"adds: {counts.revenue_added:,} revenue, {counts.gross_profit_added:,} gross profit, on {days}",
        f"look: npm run report -- --warehouse {arguments.warehouse} --out report.html{kept}",
    ):
        print(line, file=sys.stderr, flush=True)


@contextmanager
def _log_instead_of_raising(log: RunLog, consequence: str) -> Iterator[None]:
    """Best-effort work after a failure: its own errors are logged, so that the original one is reported."""
    try:
        yield
    except Exception as error:
        log.warning(f"{consequence}: {explain(error)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the job; returns the exit code."""
    start = time.monotonic()
    counts, cost = Counts(), dict[str, Any]()
    log = RunLog("")
    summary: dict[str, Any] = {"status": "failed"}
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        log = RunLog(arguments.run_id)
        _attempt(arguments, log, counts, cost)
        summary["status"], code, message = "done", 0, None
        if arguments.warehouse is not None:
            _say_for_people(arguments, counts)
    except JobError as error:
        code, message = error.exit_code, str(error)
        summary["status"] = {2: "misconfigured", 3: "refused"}.get(code, "failed")
    except (Exception, KeyboardInterrupt) as error:
        code, message = 1, explain(error)
        if isinstance(error, Exception):
            log.error(message, stack_trace=traceback.format_exc())
    if message is not None:
        print(f"error: {message}", file=sys.stderr, flush=True)
    summary.update(run_id=log.run_id, **counts.as_dict(), **cost, warnings=log.warnings)
    summary["seconds"] = round(time.monotonic() - start, 3)
    print(json.dumps(summary), flush=True)
    return code


def _interrupt(*_: object) -> NoReturn:
    # Interrupted calls make libraries log errors, which would bury the one clear line.
    logging.disable()
    raise KeyboardInterrupt


if __name__ == "__main__":
    # A supervisor's SIGTERM must stop what the run started, as Ctrl-C does.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt)
    sys.exit(main())
