"""The warehouse in BigQuery: staged tables written by the Spark connector, then one multi-statement transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
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
from sales_job.publication.line_figures import Figures
from sales_job.publication.sql_naming import SqlNaming
from sales_job.tables import catalog
from sales_job.tables.changes import TableChange
from sales_job.warehouse import bigquery_tables
from sales_job.warehouse.bigquery_api import BigQueryApi, JobFailed, JobRefused, Parameter, Usage
from sales_job.warehouse.protocol import Loaded, Publication, Rows, StoredDay

STAGED_DAYS = 3
"""Staged tables of a killed run go with the next run, or by themselves after this time."""


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
        self._version = version
        self._require_owner = require_owner
        self._outcome_unknown = False
        self._naming = SqlNaming(
            table=lambda name: f"`{self._dataset}.{name}`",
            staged=lambda name: f"`{self._staged(name)}`",
            quoted=lambda name: f"`{name}`",
            numeric="NUMERIC",
            decimal=_decimal,
            folded=lambda text: f"LOWER(NORMALIZE(REGEXP_REPLACE({text}, r'\\p{{Cf}}', ''), NFC))",
            # NUMERIC holds every product of these, and its sums do not round.
            number=lambda column, places, of: _decimal(column, places),
            total=lambda sum_, places: sum_,
        )
        self.line_store = line_store

    def _staged(self, name: str, version: str | None = None) -> str:
        return f"{self._dataset}.staged_{name}_{_suffix(version or self._version)}"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ApiError, JobFailed) as error:
            raise JobError(f"BigQuery {self._dataset}: {error}") from error

    def _query(self, sql: str, parameters: Iterable[Parameter] = ()) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._api.query(sql, parameters)

    def changes(self) -> list[TableChange]:
        with self._explained():
            return bigquery_tables.changes(self._api, self._dataset)

    def prepare(self, changes: Iterable[TableChange]) -> None:
        with self._explained():
            for change in changes:
                bigquery_tables.apply(self._api, self._dataset, change)

    def settle(self, versions: Collection[str]) -> None:
        """BigQuery goes on with a publication when its driver is gone. A job that takes the publication's id keeps one
        that was not submitted from starting; one that exists is waited for.
        """
        with self._explained():
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
            self.create_staged(pool)
            doubtful = pool.submit(doubtful_customers.find, good)
            with self._staging(reference):
                list(pool.map(self._stage_frame, frames, frames.values()))
            added_up = line_figures.statements(self._naming, replaced, refill)
            list(pool.map(lambda name: self._stage_query(name, added_up[name]), added_up))
        return Loaded(doubtful.result(), *self._query(publish_sql.loaded(self._naming))[0])

    def _stage_frame(self, name: str, rows: DataFrame) -> None:
        (
            # In the order of the table: no reader of Parquet then has to go by names.
            rows.select(*catalog.table("staged", name).column_names)
            .write.format("bigquery")
            .mode("overwrite")
            .option("writeMethod", "indirect")
            .option("temporaryGcsBucket", self._bucket)
            .option("parentProject", self._api.project)
            .save(self._staged(name))
        )

    def profiles(self, days: Collection[dt.date]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        staged, published = map(self._query, day_profiles.queries(self._naming, days))
        return staged, published

    def create_staged(self, pool: Executor) -> None:
        """Creates every staged table of this version, empty."""
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=STAGED_DAYS)

        def create(table: catalog.Table) -> None:
            self._api.create_table(self._staged(table.name), bigquery_tables.fields(table), expires)

        with self._explained():
            list(pool.map(create, catalog.staged()))

    @contextmanager
    def _staging(self, tables: Mapping[str, Rows]) -> Iterator[None]:
        """Stages rows that the driver knows itself, while the block goes on: a load job of a few rows takes seconds."""
        with ThreadPoolExecutor(max(len(tables), 1)) as pool:
            loads = [pool.submit(self._stage_rows, name, rows) for name, rows in tables.items()]
            yield
            for load in loads:
                load.result()

    def _stage_rows(self, name: str, rows: Rows) -> None:
        """Stages the rows of one table, by one load job."""
        fields = bigquery_tables.fields(catalog.table("staged", name))
        if entries := list(rows):
            with self._explained():
                self._api.load(self._staged(name), fields, entries)

    def _stage_query(self, name: str, figures: Figures) -> None:
        """Stages the rows of a query."""
        columns = ", ".join(figures.columns)
        self._query(f"INSERT INTO {self._naming.staged(name)} ({columns}) {figures.query}")

    def publish(self, publication: Publication) -> list[Result]:
        with self._staging(publication.staged_rows()):
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
        self._drop_staged([self._version])
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
        with self._explained():
            self._drop_staged(versions)

    def _drop_staged(self, versions: Collection[str]) -> None:
        names = [self._staged(table.name, version) for version in versions for table in catalog.staged()]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._api.delete_table, names))


def _run_parameters(run: Mapping[str, Any], names: Collection[str]) -> list[Parameter]:
    """Values of these columns of ``etl_runs``."""
    kinds = {"INTEGER": "INT64", "FLOAT": "FLOAT64"}
    columns = [column for column in catalog.table("published", "etl_runs").columns if column.name in names]
    return [Parameter(column.name, kinds.get(column.type, column.type), run.get(column.name)) for column in columns]


def _decimal(column: str, places: int) -> str:
    return f"(CAST({column} AS NUMERIC) * NUMERIC '{10**-places:.{places}f}')"


def _suffix(version: str) -> str:
    return version.replace("-", "_")


def _publication_id(version: str) -> str:
    """The id of the BigQuery job that publishes a version: one job at most has it."""
    return f"publish_{_suffix(version)}"
