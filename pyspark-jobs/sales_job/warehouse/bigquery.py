"""The warehouse in BigQuery: staged tables written by the Spark connector, then one multi-statement transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Any

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery
from pyspark.sql import DataFrame

from sales_job.base.arguments import Cloud
from sales_job.base.errors import JobError
from sales_job.publication import publish_sql
from sales_job.publication.check_results import CheckFailed, CheckResultSql, Result, results_from_error
from sales_job.publication.checks import checks
from sales_job.tables import catalog
from sales_job.tables.changes import TableChange
from sales_job.warehouse import bigquery_tables
from sales_job.warehouse.protocol import Loaded, Publication, Rows

STAGED_PREFIX = "staged_"


class BigQueryWarehouse:
    """Tables of one dataset; see :class:`sales_job.warehouse.protocol.Warehouse`. The stack makes the published
    tables, this class the state tables.
    """

    def __init__(self, client: bigquery.Client, cloud: Cloud, line_store: str) -> None:
        self._dataset = f"{cloud.project_id}.{cloud.bigquery_dataset}"
        self._bucket = cloud.staging_bucket
        self._client = client
        self._naming = publish_sql.SqlNaming(
            table=lambda name: f"`{self._dataset}.{name}`",
            staged=lambda name: f"`{self._dataset}.{STAGED_PREFIX}{name}`",
            numeric="NUMERIC",
        )
        self.line_store = line_store

    def _query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        config = bigquery.QueryJobConfig(query_parameters=parameters or [])
        try:
            return [tuple(row.values()) for row in self._client.query(sql, job_config=config).result()]
        except GoogleAPICallError as error:
            raise JobError(f"BigQuery {self._dataset}: {error.message}") from error

    def changes(self) -> list[TableChange]:
        return bigquery_tables.changes(self._client, self._dataset)

    def prepare(self, changes: Iterable[TableChange]) -> None:
        for change in changes:
            bigquery_tables.apply(self._client, self._dataset, change)
        self._drop_staged()

    def versions(self) -> dict[dt.date, str]:
        rows = self._query(f"SELECT transaction_date, version FROM {self._naming.table('line_versions')}")
        return {day: version for day, version in rows}

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        listed = bigquery.ArrayQueryParameter("arrivals", "STRING", list(arrivals))
        table = self._naming.table("arrival_dates")
        sql = f"SELECT DISTINCT transaction_date FROM {table} WHERE arrival IN UNNEST(@arrivals)"
        return {day for (day,) in self._query(sql, [listed])}

    def stage(self, figures: Mapping[str, DataFrame], reference: Mapping[str, Rows], pool: Executor) -> Loaded:
        for table in catalog.staged():
            self._stage_rows(table.name, [])

        def write(name: str) -> None:
            (
                figures[name]
                .write.format("bigquery")
                .mode("overwrite")
                .option("writeMethod", "indirect")
                .option("temporaryGcsBucket", self._bucket)
                .option("parentProject", self._client.project)
                .save(f"{self._dataset}.{STAGED_PREFIX}{name}")
            )

        list(pool.map(write, figures))
        for name, rows in reference.items():
            self._stage_rows(name, rows)
        return Loaded(*self._query(publish_sql.loaded(self._naming))[0])

    def _stage_rows(self, name: str, rows: Rows) -> None:
        """Stages rows that the driver knows itself, by one load job that replaces the table."""
        schema = bigquery_tables.fields(catalog.table("staged", name))
        config = bigquery.LoadJobConfig(schema=schema, write_disposition="WRITE_TRUNCATE")
        entries = [json.loads(json.dumps(row, default=str)) for row in rows]
        table = f"{self._dataset}.{STAGED_PREFIX}{name}"
        if entries:
            self._client.load_table_from_json(entries, table, job_config=config).result()
        else:
            self._client.delete_table(table, not_found_ok=True)
            self._client.create_table(bigquery.Table(table, schema=schema))

    def publish(self, publication: Publication) -> list[Result]:
        for name, rows in publication.staged_rows().items():
            self._stage_rows(name, rows)
        days = publication.days
        sql = CheckResultSql(self._naming, publication.run["run_id"], dt.datetime.now(dt.UTC))
        evaluated = checks(self._naming, publication.expected, days)
        insert, parameters = self._run_insert(publication.run)
        script = [
            "BEGIN TRANSACTION",
            *publish_sql.statements(self._naming, days, publication.rebuild),
            sql.insert_evaluated(evaluated),
            sql.fail_unless_passed(),
            insert,
            "COMMIT TRANSACTION",
        ]
        try:
            self._query(";\n".join(script) + ";", parameters)
        except JobError as error:
            if results := results_from_error(str(error), evaluated):
                self._query(sql.insert_known(results))
                raise CheckFailed(results) from None
            raise
        self._drop_staged()
        return [Result(*row) for row in self._query(sql.select())]

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        self._query(CheckResultSql(self._naming, run_id, dt.datetime.now(dt.UTC)).insert_known(results))

    def record(self, run: Mapping[str, Any]) -> None:
        self._query(*self._run_insert(run))

    def _run_insert(self, run: Mapping[str, Any]) -> tuple[str, list[Any]]:
        columns = catalog.table("published", "etl_runs").columns
        listed = ", ".join(column.name for column in columns)
        marks = ", ".join(f"@{column.name}" for column in columns)
        kinds = {"INTEGER": "INT64", "FLOAT": "FLOAT64"}
        parameters = [
            bigquery.ScalarQueryParameter(column.name, kinds.get(column.type, column.type), run.get(column.name))
            for column in columns
        ]
        return f"INSERT INTO {self._naming.table('etl_runs')} ({listed}) VALUES ({marks})", parameters

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        target = f"gs://{self._bucket}/refused/{run_id}"
        lines.coalesce(1).write.mode("overwrite").option("header", True).csv(target)
        return target

    def _drop_staged(self) -> None:
        for table in catalog.staged():
            self._client.delete_table(f"{self._dataset}.{STAGED_PREFIX}{table.name}", not_found_ok=True)
