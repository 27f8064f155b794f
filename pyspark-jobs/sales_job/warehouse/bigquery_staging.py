"""A run's staged tables in BigQuery: made empty, filled by Spark, by load jobs and by queries, and dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from pyspark.sql import DataFrame

from sales_job.base.errors import JobError
from sales_job.base.google_api import ApiError
from sales_job.publication.line_figures import Figures
from sales_job.tables import catalog
from sales_job.warehouse import bigquery_tables
from sales_job.warehouse.bigquery_api import BigQueryApi, JobFailed
from sales_job.warehouse.protocol import Rows

STAGED_DAYS = 3
"""Staged tables of a killed run go with the next run, or by themselves after this time."""


@contextmanager
def explained(dataset: str) -> Iterator[None]:
    """Turns what BigQuery refuses into an error of the job that names the dataset."""
    try:
        yield
    except (ApiError, JobFailed) as error:
        raise JobError(f"BigQuery {dataset}: {error}") from error


def suffix(version: str) -> str:
    """What the names of a version's staged tables and job end with."""
    return version.replace("-", "_")


class StagedTables:
    """The staged tables of one version of a run in one dataset; two runs never share one."""

    def __init__(self, api: BigQueryApi, dataset: str, bucket: str, version: str) -> None:
        """
        Args:
            bucket: where Spark's connector puts the files that it loads.
        """
        self._api, self._dataset, self._bucket, self._version = api, dataset, bucket, version

    def name(self, table: str, version: str | None = None) -> str:
        """Project, dataset and name of a table; of this version where none is given."""
        return f"{self._dataset}.staged_{table}_{suffix(version or self._version)}"

    def create(self, pool: Executor) -> None:
        """Creates every table of this version, empty."""
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=STAGED_DAYS)

        def create(table: catalog.Table) -> None:
            self._api.create_table(self.name(table.name), bigquery_tables.fields(table), expires)

        with explained(self._dataset):
            list(pool.map(create, catalog.staged()))

    def write(self, table: str, rows: DataFrame) -> None:
        """Fills a table with rows of Spark."""
        (
            # In the order of the table: no reader of Parquet then has to go by names.
            rows.select(*catalog.table("staged", table).column_names)
            .write.format("bigquery")
            .mode("overwrite")
            .option("writeMethod", "indirect")
            .option("temporaryGcsBucket", self._bucket)
            .option("parentProject", self._api.project)
            .save(self.name(table))
        )

    @contextmanager
    def loading(self, tables: Mapping[str, Rows]) -> Iterator[None]:
        """Fills tables with rows that the driver knows itself, while the block goes on: a load job of a few rows takes
        seconds.
        """
        with ThreadPoolExecutor(max(len(tables), 1)) as pool:
            loads = [pool.submit(self.load, name, rows) for name, rows in tables.items()]
            yield
            for load in loads:
                load.result()

    def load(self, table: str, rows: Rows) -> None:
        """Fills one table with rows, by one load job."""
        fields = bigquery_tables.fields(catalog.table("staged", table))
        if entries := list(rows):
            with explained(self._dataset):
                self._api.load(self.name(table), fields, entries)

    def insert(self, table: str, figures: Figures) -> None:
        """Fills a table with the rows of a query."""
        columns = ", ".join(figures.columns)
        with explained(self._dataset):
            self._api.query(f"INSERT INTO `{self.name(table)}` ({columns}) {figures.query}")

    def drop(self, versions: Collection[str]) -> None:
        """Drops the tables of these versions."""
        names = [self.name(table.name, version) for version in versions for table in catalog.staged()]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._api.delete_table, names))
