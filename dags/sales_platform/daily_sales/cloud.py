"""The daily DAG in Google Cloud: Cloud Storage, Dataproc and BigQuery, as Composer's own account."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

from airflow.models.baseoperator import BaseOperator
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator

from sales_job.lake.arrival_names import judge
from sales_platform.arrivals.archive import ArrivedFile, archive_folder
from sales_platform.arrivals.arrival_sensor import ArrivalSensor
from sales_platform.daily_sales.backend import JOB_OPTIONS, Backend
from sales_platform.daily_sales.dataproc_operator import DataprocSalesJobOperator
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused
from sales_platform.daily_sales.refresh_operator import RefreshOperator
from sales_platform.google.storage import StoredObject, objects, split_uri
from sales_platform.services.office_hours import OfficeHours
from sales_platform.services.tasks import ServiceTasks
from sales_platform.settings import CloudSettings, ParseSettings

MATERIALIZED_VIEW = "daily_revenue"


class CloudBackend(Backend):
    """The tasks of one environment.

    Args:
        graph: what decides which tasks there are.
    """

    def __init__(self, settings: CloudSettings, graph: ParseSettings) -> None:
        self._settings, self._graph = settings, graph
        self.late_file_days = settings.late_file_days

    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Waits without holding a worker."""
        bucket, folder = split_uri(self._settings.sales_data_path)
        wait = dt.timedelta(hours=self._settings.arrival_wait_hours)
        return ArrivalSensor(task_id=task_id, bucket=bucket, folder=folder, wait=wait)

    def check_reference_data(self) -> None:
        """Fails if one of the two objects is missing."""
        for uri in (self._settings.products_data_path, self._settings.stores_data_path):
            if not GCSHook().exists(*split_uri(uri)):
                raise JobRefused(f"{uri} is missing: upload it and run again", REFUSED)

    def start_before_and_stop_after(self, job: BaseOperator) -> BaseOperator:
        """Starts and stops the cluster, and the database outside office hours."""
        hours = self._graph.office_hours
        parsed = None if hours is None else OfficeHours.parse(hours)
        return ServiceTasks(self._settings, bool(self._graph.cluster_standing), parsed).around(job)

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

    def _query(
        self,
        task_id: str,
        sql: str,
        operator: type[BigQueryInsertJobOperator] = BigQueryInsertJobOperator,
        **options: Any,
    ) -> BigQueryInsertJobOperator:
        project = self._settings.pyspark_project_id
        query = {
            "query": sql,
            "useLegacySql": False,
            # BigQuery refuses a query that would read more, before it costs anything.
            "maximumBytesBilled": str(self._settings.maximum_bytes_billed),
            "defaultDataset": {"projectId": project, "datasetId": self._settings.bigquery_dataset},
        }
        return operator(
            task_id=task_id,
            project_id=project,
            location=self._settings.region,
            configuration={"query": query},
            **options,
        )

    def files(self, day: dt.date) -> list[ArrivedFile]:
        """Those of the lake's bucket."""
        bucket, folder = split_uri(self._settings.sales_data_path)
        found = objects(bucket, f"{folder}/dt={day}/")
        return [
            ArrivedFile(item.name.rpartition("/")[2], str(item.generation), _digest(item))
            for item in found
            if judge(item.name.removeprefix(f"{folder}/")).passed_over is None
        ]

    def archived(self, day: dt.date) -> Mapping[str, str]:
        """Those of the archive bucket."""
        return {item.name: _digest(item) for item in objects(self._settings.archive_bucket, archive_folder(day))}

    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        """Copies inside Cloud Storage; no byte of the file passes through Airflow."""
        bucket, folder = split_uri(self._settings.sales_data_path)
        GCSHook().rewrite(bucket, f"{folder}/dt={day}/{file.name}", self._settings.archive_bucket, name)


def _digest(item: StoredObject) -> str:
    return base64.b64decode(item.crc32c).hex()
