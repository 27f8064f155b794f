"""The warehouse in BigQuery: staging tables written by the Spark connector, then one multi-statement transaction."""

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
from sales_job.publication.check_results import RESULT, CheckFailed, Kept, Result, told
from sales_job.publication.checks import checks
from sales_job.tables.catalog import STAGED, STATE, columns, schema
from sales_job.warehouse.protocol import Loaded, Names, Publication

STAGED_PREFIX = "staged_"


class BigQueryWarehouse:
    """Tables of one dataset; see :class:`warehouse.Warehouse`. The stack makes the published tables, this class
    its state.
    """

    def __init__(self, client: bigquery.Client, cloud: Cloud, lines: str) -> None:
        self._dataset = f"{cloud.project_id}.{cloud.bigquery_dataset}"
        self._bucket = cloud.staging_bucket
        self._client = client
        self._names = publish_sql.Names(
            table=lambda name: f"`{self._dataset}.{name}`",
            staged=lambda name: f"`{self._dataset}.{STAGED_PREFIX}{name}`",
            numeric="NUMERIC",
        )
        self.lines = lines

    def _query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        config = bigquery.QueryJobConfig(query_parameters=parameters or [])
        try:
            return [tuple(row.values()) for row in self._client.query(sql, job_config=config).result()]
        except GoogleAPICallError as error:
            raise JobError(f"BigQuery {self._dataset}: {error.message}") from error

    def prepare(self) -> None:
        for table in STATE:
            reference = bigquery.Table(f"{self._dataset}.{table}", schema=_fields(table))
            self._client.create_table(reference, exists_ok=True)
        self._drop_staged()

    def versions(self) -> dict[dt.date, str]:
        rows = self._query(f"SELECT transaction_date, version FROM {self._names.table('line_versions')}")
        return {day: version for day, version in rows}

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        listed = bigquery.ArrayQueryParameter("arrivals", "STRING", list(arrivals))
        table = self._names.table("arrival_dates")
        sql = f"SELECT DISTINCT transaction_date FROM {table} WHERE arrival IN UNNEST(@arrivals)"
        return {day for (day,) in self._query(sql, [listed])}

    def stage(self, figures: Mapping[str, DataFrame], names: Names, pool: Executor) -> Loaded:
        for name in STAGED:
            self._stage_rows(name, [])

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
        self._stage_rows("products", names.products)
        self._stage_rows("stores", names.stores)
        return Loaded(*self._query(publish_sql.loaded(self._names))[0])

    def _stage_rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Stages what the driver knows itself, by one load job that replaces the table."""
        schema = [bigquery.SchemaField(*column.split(" ")) for column in STAGED[name]]
        config = bigquery.LoadJobConfig(schema=schema, write_disposition="WRITE_TRUNCATE")
        keys = [field.name for field in schema]
        entries = [json.loads(json.dumps(dict(zip(keys, row, strict=True)), default=str)) for row in rows]
        table = f"{self._dataset}.{STAGED_PREFIX}{name}"
        if entries:
            self._client.load_table_from_json(entries, table, job_config=config).result()
        else:
            self._client.delete_table(table, not_found_ok=True)
            self._client.create_table(bigquery.Table(table, schema=schema))

    def publish(self, publication: Publication) -> list[Result]:
        versions = publication.versions
        self._stage_rows("line_versions", [(day, versions.get(day)) for day in publication.days])
        self._stage_rows("taken_arrivals", [(arrival,) for arrival in publication.arrivals])
        self._stage_rows("arrival_dates", publication.brought)
        days = publication.days
        kept = Kept(self._names, publication.run["run_id"], dt.datetime.now(dt.UTC))
        made = checks(self._names, publication.expected, days)
        insert, parameters = self._run_insert(publication.run)
        script = [
            "BEGIN TRANSACTION",
            *publish_sql.statements(self._names, days, publication.rebuild),
            kept.make(made),
            kept.must_hold(),
            insert,
            "COMMIT TRANSACTION",
        ]
        try:
            self._query(";\n".join(script) + ";", parameters)
        except JobError as error:
            if results := told(str(error), made):
                self._query(kept.put(results))
                raise CheckFailed(results) from None
            raise
        self._drop_staged()
        return [Result(*row) for row in self._query(kept.made(RESULT))]

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        self._query(Kept(self._names, run_id, dt.datetime.now(dt.UTC)).put(results))

    def record(self, run: Mapping[str, Any]) -> None:
        self._query(*self._run_insert(run))

    def _run_insert(self, run: Mapping[str, Any]) -> tuple[str, list[Any]]:
        fields = columns("etl_runs")
        listed = ", ".join(field.name for field in fields)
        marks = ", ".join(f"@{field.name}" for field in fields)
        kinds = {"INTEGER": "INT64", "FLOAT": "FLOAT64"}
        parameters = [
            bigquery.ScalarQueryParameter(field.name, kinds.get(field.type, field.type), run.get(field.name))
            for field in fields
        ]
        return f"INSERT INTO {self._names.table('etl_runs')} ({listed}) VALUES ({marks})", parameters

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        target = f"gs://{self._bucket}/refused/{run_id}"
        lines.coalesce(1).write.mode("overwrite").option("header", True).csv(target)
        return target

    def _drop_staged(self) -> None:
        for name in STAGED:
            self._client.delete_table(f"{self._dataset}.{STAGED_PREFIX}{name}", not_found_ok=True)


def _fields(table: str) -> list[bigquery.SchemaField]:
    return [bigquery.SchemaField.from_api_repr(field) for field in schema(table)]
