"""The daily DAG in Google Cloud: Cloud Storage, Dataproc and BigQuery, as Composer's own account."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

from airflow.models.baseoperator import BaseOperator
from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator

from sales_job.forecast.bigquery import script
from sales_platform.arrivals.archive import ArrivedFile, archive_folder
from sales_platform.arrivals.arrival_sensor import ArrivalSensor, descriptor
from sales_platform.daily_sales.backend import JOB_OPTIONS, Backend
from sales_platform.daily_sales.dataproc_job import lake_of
from sales_platform.daily_sales.dataproc_operator import DataprocSalesJobOperator
from sales_platform.daily_sales.refresh_operator import RefreshOperator
from sales_platform.google.storage import StoredObject, objects, rewrite, split_uri
from sales_platform.services import remedies
from sales_platform.services.office_hours import OfficeHours
from sales_platform.services.tasks import ServiceTasks
from sales_platform.settings import CloudSettings, ParseSettings, SettingsError

MATERIALIZED_VIEW = "daily_revenue"


class CloudBackend(Backend):
    """The tasks of one environment.

    Args:
        graph: what decides which tasks there are.
    """

    def __init__(self, settings: CloudSettings, graph: ParseSettings) -> None:
        self._settings, self._graph = settings, graph
        self.late_file_days = settings.late_file_days
        self.lake = lake_of(settings)
        files = {"products": settings.products_data_path, "stores": settings.stores_data_path}
        self.reference = {name: uri.removeprefix(f"{self.lake}/") for name, uri in files.items()}

    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Waits without holding a worker."""
        wait = dt.timedelta(hours=self._settings.arrival_wait_hours)
        return ArrivalSensor(task_id=task_id, lake=self.lake, wait=wait)

    def start_before_and_stop_after(self, job: BaseOperator) -> BaseOperator:
        """Starts and stops the cluster, and the database outside office hours."""
        hours = self._graph.office_hours
        parsed = None if hours is None else OfficeHours.parse(hours)
        return ServiceTasks(self._settings, bool(self._graph.cluster_standing), parsed).around(job)

    def remedies(self, run_id: str) -> list[str]:
        """Those that Airflow has recorded."""
        return remedies.used_by(run_id)

    def job_operator(self, task_id: str) -> BaseOperator:
        """Runs the job on the cluster."""
        return DataprocSalesJobOperator(
            task_id=task_id,
            settings=self._settings,
            **JOB_OPTIONS,
        )

    def check_operator(self, task_id: str, statement: str) -> BaseOperator:
        """A retry does not change the result of a check, so one retry is enough, for the network."""
        return self._query(task_id, statement, retries=1)

    def refresh_operator(self, task_id: str) -> BaseOperator:
        """Refreshes the materialized view, which nothing else does."""
        view = f"{self._settings.pyspark_project_id}.{self._settings.bigquery_dataset}.{MATERIALIZED_VIEW}"
        return self._query(task_id, f"CALL BQ.REFRESH_MATERIALIZED_VIEW('{view}')", RefreshOperator)

    def start_scans(self) -> list[str]:
        """By Knowledge Catalog."""
        # A DAG file that is parsed does not need its client.
        from sales_platform.daily_sales import scans

        return scans.start(self._settings, self._graph.data_scans or ())

    def scan_faults(self, jobs: list[str]) -> list[str] | None:
        """By Knowledge Catalog."""
        from sales_platform.daily_sales import scans

        return scans.faults(self._settings, jobs)

    def copy_figures(self) -> None:
        """By BigQuery's own copy jobs."""
        # A DAG file that is parsed needs no client of BigQuery.
        from sales_platform.google.recovery_copy import copy_figures

        project, destination = self._settings.pyspark_project_id, self._graph.recovery_dataset
        if destination is None:
            raise SettingsError("RECOVERY_DATASET: not set in Airflow's environment: there is no copy without it")
        copy_figures(project, self._settings.bigquery_dataset, destination)

    def forecast_operator(self, task_id: str) -> BaseOperator:
        """A script with BigQuery's own model. It makes temporary tables, which belong to no dataset."""
        dataset = f"{self._settings.pyspark_project_id}.{self._settings.bigquery_dataset}"
        return self._query(task_id, script(dataset), default_dataset=False)

    def write_report(self) -> str:
        """Into the bucket of the report."""
        # A DAG file that is parsed needs neither BigQuery's client nor the report's program.
        from sales_platform.daily_sales.report_writer import write_report

        return write_report(self._settings)

    def _query(
        self,
        task_id: str,
        sql: str,
        operator: type[BigQueryInsertJobOperator] = BigQueryInsertJobOperator,
        default_dataset: bool = True,
        **options: Any,
    ) -> BigQueryInsertJobOperator:
        project = self._settings.pyspark_project_id
        query: dict[str, Any] = {
            "query": sql,
            "useLegacySql": False,
            # BigQuery refuses a query that would read more, before it costs anything.
            "maximumBytesBilled": str(self._settings.maximum_bytes_billed),
        }
        if default_dataset:
            query["defaultDataset"] = {"projectId": project, "datasetId": self._settings.bigquery_dataset}
        return operator(
            task_id=task_id,
            project_id=project,
            location=self._settings.region,
            configuration={"query": query},
            **options,
        )

    def descriptor(self) -> bytes | None:
        """The object beside ``sales_data/``."""
        return descriptor(self.lake)

    def stored(self, beginning: str) -> Mapping[str, StoredObject]:
        """Objects of the lake's bucket."""
        bucket, folder = split_uri(self.lake)
        return {item.name.removeprefix(f"{folder}/"): item for item in objects(bucket, f"{folder}/{beginning}")}

    def arrived(self, path: str, found: StoredObject) -> ArrivedFile:
        """With the generation and the checksum that Cloud Storage keeps."""
        return ArrivedFile(path, str(found.generation), _digest(found))

    def archived(self, day: dt.date) -> Mapping[str, str]:
        """Those of the archive bucket."""
        return {item.name: _digest(item) for item in objects(self._settings.archive_bucket, archive_folder(day))}

    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        """Copies inside Cloud Storage; no byte of the file passes through Airflow."""
        bucket, folder = split_uri(self.lake)
        # Only the content that the run has seen: a copy of another would hide that the next run has to take it.
        rewrite(
            f"gs://{bucket}/{folder}/{file.path}", int(file.version), f"gs://{self._settings.archive_bucket}/{name}"
        )


def _digest(item: StoredObject) -> str:
    return base64.b64decode(item.crc32c).hex()
