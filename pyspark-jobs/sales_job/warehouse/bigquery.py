"""The warehouse in BigQuery: staged tables written by the Spark connector, then one multi-statement transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pyspark.sql import DataFrame

from sales_job.base.arguments import Cloud
from sales_job.base.errors import JobError
from sales_job.base.google_api import ApiError
from sales_job.lines import doubtful_customers, figures
from sales_job.lines.customer_key import CustomerKey
from sales_job.lines.figures import StoredLines
from sales_job.publication import day_profiles, line_figures, publish_sql
from sales_job.publication.check_results import CheckFailed, CheckResultSql, Result, results_from_error
from sales_job.publication.checks import checks
from sales_job.publication.sql_naming import SqlNaming
from sales_job.tables import catalog
from sales_job.tables.changes import TableChange
from sales_job.warehouse import bigquery_tables
from sales_job.warehouse.bigquery_api import BigQueryApi, JobFailed, JobRefused, Parameter, Usage
from sales_job.warehouse.bigquery_staging import StagedTables, explained, suffix
from sales_job.warehouse.protocol import Loaded, Publication, Rows, StoredDay

MOST_DAYS = 10_000
"""BigQuery's limit of partitions of a table."""


class OutcomeUnknown(JobError):
    """A publication was submitted, and nothing is known of its end: it may take place, or have taken place."""


class BigQueryWarehouse:
    """Tables of one dataset; see :class:`sales_job.warehouse.protocol.Warehouse`. The stack makes the published
    tables, this class the state tables.

    Staged tables and the job that publishes carry the run's ``version``: two runs never share one.
    """

    def __init__(
        self,
        api: BigQueryApi,
        cloud: Cloud,
        line_store: str,
        version: str,
        require_owner: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            version: names this attempt.
            require_owner: raises where this run does not own the line store any more.
        """
        self._dataset = f"{cloud.project_id}.{cloud.bigquery_dataset}"
        self._bucket = cloud.staging_bucket
        self._api = api
        self.staged = StagedTables(api, self._dataset, self._bucket, version)
        self._version = version
        self._require_owner = require_owner
        self._outcome_unknown = False
        self._naming = SqlNaming(
            table=lambda name: f"`{self._dataset}.{name}`",
            staged=lambda name: f"`{self.staged.name(name)}`",
            quoted=lambda name: f"`{name}`",
            numeric="NUMERIC",
            decimal=_decimal,
            folded=lambda text: f"LOWER(NORMALIZE(REGEXP_REPLACE({text}, r'\\p{{Cf}}', ''), NFC))",
            # NUMERIC holds every product of these, and its sums do not round.
            number=lambda column, places, of: _decimal(column, places),
            total=lambda sum_, places: sum_,
        )
        self.line_store = line_store

    def _query(self, sql: str, parameters: Iterable[Parameter] = ()) -> list[tuple[Any, ...]]:
        with explained(self._dataset):
            return self._api.query(sql, parameters)

    def changes(self) -> list[TableChange]:
        with explained(self._dataset):
            return bigquery_tables.changes(self._api, self._dataset)

    def prepare(self, changes: Iterable[TableChange]) -> None:
        with explained(self._dataset):
            for change in changes:
                bigquery_tables.apply(self._api, self._dataset, change)

    def settle(self, versions: Collection[str]) -> None:
        """BigQuery goes on with a publication when its driver is gone. A job that takes the publication's id keeps one
        that was not submitted from starting; one that exists is waited for.
        """
        with explained(self._dataset):
            for version in versions:
                if not self._api.claim(_publication_id(version)):
                    self._wait_whatever_comes(_publication_id(version))

    def _wait_whatever_comes(self, job_id: str) -> None:
        try:
            self._api.wait(job_id)
        except JobFailed:
            return  # it has ended: that is all there is to know

    most_days = MOST_DAYS

    def stored_days(self) -> dict[dt.date, StoredDay]:
        table = self._naming.table("line_versions")
        rows = self._query(f"SELECT transaction_date, version, customer_key_id FROM {table}")
        return {day: StoredDay(*stored) for day, *stored in rows}

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        listed = Parameter("arrivals", "ARRAY<STRING>", list(arrivals))
        table = self._naming.table("arrival_dates")
        sql = f"SELECT DISTINCT transaction_date FROM {table} WHERE arrival IN UNNEST(@arrivals)"
        return {day for (day,) in self._query(sql, [listed])}

    def stage(
        self,
        lines: StoredLines,
        key: CustomerKey,
        quarantined: DataFrame | None,
        reference: Mapping[str, Rows],
        replaced: Collection[dt.date],
        refill: bool,
    ) -> Loaded:
        good = figures.lines(lines.rows, lines.several_rows)
        frames = {"sales_lines": figures.sales_lines(good, key)}
        if quarantined is not None:
            frames["quarantined_sales"] = quarantined
        # Independent Spark jobs run side by side: while one is planned, another uses the cores.
        with ThreadPoolExecutor(len(frames) + 1) as pool:
            self.staged.create(pool)
            doubtful = pool.submit(doubtful_customers.find, good)
            with self.staged.loading(reference):
                list(pool.map(self.staged.write, frames, frames.values()))
            added_up = line_figures.statements(self._naming, replaced, refill)
            list(pool.map(self.staged.insert, added_up, added_up.values()))
        return Loaded(doubtful.result(), *self._query(publish_sql.loaded(self._naming))[0])

    def profiles(self, days: Collection[dt.date]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        staged, published = map(self._query, day_profiles.queries(self._naming, days))
        return staged, published

    def publish(self, publication: Publication) -> list[Result]:
        with self.staged.loading(publication.staged_rows()):
            pass
        days = publication.days
        sql = CheckResultSql(self._naming, publication.run["run_id"], dt.datetime.now(dt.UTC))
        evaluated = checks(self._naming, publication.expected, days)
        insert, parameters = self._run_insert(publication.run)
        script = [
            "BEGIN TRANSACTION",
            *publish_sql.statements(self._naming, days, publication.rebuild, publication.refill),
            sql.insert_evaluated(evaluated),
            sql.fail_unless_passed(),
            insert,
            "COMMIT TRANSACTION",
        ]
        self._require_owner()
        try:
            self._publish_once(";\n".join(script) + ";", parameters, publication.run)
        except JobFailed as error:
            if results := results_from_error(str(error), evaluated):
                self._query(sql.insert_known(results))
                raise CheckFailed(results) from None
            raise JobError(f"BigQuery {self._dataset}: nothing is published: {error}") from error
        self.staged.drop([self._version])
        return [Result(*row) for row in self._query(sql.select())]

    def _publish_once(self, script: str, parameters: list[Parameter], run: Mapping[str, Any]) -> None:
        """Runs the script as the job of this version, and finds out how it ended.

        Raises:
            JobFailed: it failed, and nothing is published.
            OutcomeUnknown: its end is not known.
        """
        job_id = _publication_id(self._version)
        self._outcome_unknown = True
        try:
            failure = self._failure_of(script, parameters, job_id)
            # A job may fail after its COMMIT, and a job of this id may be one of a later run that took it (settle).
            published = not isinstance(failure, JobRefused) and self._is_recorded(run)
        except (ApiError, JobFailed, KeyboardInterrupt) as error:
            raise OutcomeUnknown(
                f"BigQuery {self._dataset}: the end of the publication is not known "
                f"({str(error) or 'interrupted'}): see BigQuery's job {job_id}; run again, the next run finds out"
            ) from error
        self._outcome_unknown = False
        if not published:
            raise failure or JobFailed("a later run gave this one up")

    def _failure_of(self, script: str, parameters: list[Parameter], job_id: str) -> JobFailed | None:
        try:
            self._api.query(script, parameters, job_id)
        except JobFailed as error:
            return error
        return None

    def _is_recorded(self, run: Mapping[str, Any]) -> bool:
        """Whether the publication's transaction has added this attempt to ``etl_runs``."""
        sql = (
            f"SELECT COUNT(*) FROM {self._naming.table('etl_runs')} WHERE run_id = @run_id AND started_at = @started_at"
        )
        identity = [
            Parameter("run_id", "STRING", run["run_id"]),
            Parameter("started_at", "TIMESTAMP", run["started_at"]),
        ]
        ((count,),) = self._api.query(sql, identity)
        return bool(count)

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        self._query(CheckResultSql(self._naming, run_id, dt.datetime.now(dt.UTC)).insert_known(results))

    def record(self, run: Mapping[str, Any]) -> None:
        if self._outcome_unknown:
            # The publication adds the run itself, if it takes place.
            raise JobError("the end of the publication is not known")
        self._query(*self._run_insert(run))

    def usage(self) -> Usage:
        """What the run's own jobs have used so far."""
        return self._api.usage()

    def add_cost(self, run_id: str, started_at: dt.datetime, cost: Mapping[str, Any]) -> None:
        row = {"run_id": run_id, "started_at": started_at, **cost}
        values = ", ".join(f"{name} = @{name}" for name in cost)
        sql = f"UPDATE {self._naming.table('etl_runs')} SET {values}"
        # One partition, whatever the number of runs.
        self._query(f"{sql} WHERE run_id = @run_id AND started_at = @started_at", _run_parameters(row, row))

    def _run_insert(self, run: Mapping[str, Any]) -> tuple[str, list[Parameter]]:
        names = catalog.table("published", "etl_runs").column_names
        marks = ", ".join(f"@{name}" for name in names)
        sql = f"INSERT INTO {self._naming.table('etl_runs')} ({', '.join(names)}) VALUES ({marks})"
        return sql, _run_parameters(run, names)

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        target = f"gs://{self._bucket}/refused/{run_id}"
        lines.coalesce(1).write.mode("overwrite").option("header", True).csv(target)
        return target

    def discard(self, versions: Collection[str]) -> None:
        with explained(self._dataset):
            self.staged.drop(versions)


def _run_parameters(run: Mapping[str, Any], names: Collection[str]) -> list[Parameter]:
    """Values of these columns of ``etl_runs``."""
    kinds = {"INTEGER": "INT64", "FLOAT": "FLOAT64"}
    columns = [column for column in catalog.table("published", "etl_runs").columns if column.name in names]
    return [Parameter(column.name, kinds.get(column.type, column.type), run.get(column.name)) for column in columns]


def _decimal(column: str, places: int) -> str:
    return f"(CAST({column} AS NUMERIC) * NUMERIC '{10**-places:.{places}f}')"


def _publication_id(version: str) -> str:
    """The id of the BigQuery job that publishes a version: one job at most has it."""
    return f"publish_{suffix(version)}"
