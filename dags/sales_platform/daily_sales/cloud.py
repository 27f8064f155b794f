"""The tasks in Google Cloud: Cloud Storage, Dataproc, BigQuery, each by the identity of Composer."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from typing import Any

from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.python import PythonOperator
from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator
from airflow.providers.google.cloud.operators.dataproc import DataprocSubmitJobOperator
from airflow.providers.google.cloud.sensors.gcs import GCSObjectsWithPrefixExistenceSensor

from sales_platform.daily_sales import quality_gate as checks
from sales_platform.daily_sales.archive import archive_name, name_of_change
from sales_platform.daily_sales.dataproc_job import dataproc_job
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused, require_done
from sales_platform.settings import CloudSettings
from sales_platform.shared.datasets import ARCHIVE, ARRIVALS, REFERENCE_DATA, TABLES
from sales_platform.shared.run_parameters import days_of, job_options, job_run_id

WAIT_AFTER_DAY = dt.timedelta(hours=12)
"""How long after its end a day's arrival is waited for."""


def _split(uri: str) -> tuple[str, str]:
    """Bucket and object name of gs://bucket/name."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name


class ArrivalSensor(GCSObjectsWithPrefixExistenceSensor):
    """Waits for a file of the run's days without holding a worker.

    A day whose time is up, and a range of the past, is looked at once: catching up does not wait.
    """

    def execute(self, context: Any) -> Any:
        """Returns the names of the files; skips the run where none came in time."""
        days = days_of(context)
        self.bucket, folder = _split(CloudSettings.read().sales_data_path)
        deadline = context["dag_run"].data_interval_end + WAIT_AFTER_DAY
        left = (deadline - dt.datetime.now(dt.UTC)).total_seconds()
        if days.scheduled and left > 0:
            self.prefix, self.timeout = f"{folder}/dt={days.start}/", left
            return super().execute(context)
        found: list[str] = []
        for day in days.each():
            self.prefix = f"{folder}/dt={day}/"
            found += self._matches if self.poke(context) else []
        if not found:
            raise AirflowSkipException(f"nothing arrived: gs://{self.bucket}/{folder} has no file for {days}")
        return found

    def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
        """Looks a last time when the time is up: the sensor's own soft_fail would skip a missing permission too."""
        # Airflow resumes so after a timeout, or, with a traceback, after a trigger that failed.
        if next_method == "__fail__" and not (next_kwargs or {}).get("traceback"):
            return self.execute(context)
        return super().resume_execution(next_method, next_kwargs, context)


class SalesJobOperator(DataprocSubmitJobOperator):
    """Submits the job and reads its own words when it ends, instead of Dataproc's about it."""

    def execute(self, context: Any) -> Any:
        """Submits; with a deferral it returns through :meth:`execute_complete`."""
        settings, task = CloudSettings.read(), context["ti"]
        self.project_id, self.region = settings.pyspark_project_id, settings.region
        run_id = job_run_id(context["dag_run"])
        self.job = dataproc_job(settings, days_of(context), run_id, task.try_number, job_options(context))
        # The same request twice is one job; a new try is a new request.
        self.request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, self.job["reference"]["job_id"]))
        try:
            job_id = super().execute(context)
        except AirflowException:
            if self.job_id is None:
                raise
            job_id = self.job_id
        return self._outcome(job_id)

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Returns the job's summary, or fails with the job's line."""
        settings = CloudSettings.read()
        self.project_id, self.region = settings.pyspark_project_id, settings.region
        return self._outcome(event["job_id"])

    def _outcome(self, job_id: str) -> dict[str, Any]:
        hook = DataprocHook(gcp_conn_id=self.gcp_conn_id)
        # The hook fills in the project by a wrapper that takes names alone.
        job = hook.get_job(job_id=job_id, project_id=self.project_id, region=self.region)
        bucket, prefix = _split(job.driver_output_resource_uri)
        storage = GCSHook(gcp_conn_id=self.gcp_conn_id)
        parts = sorted(storage.list(bucket, prefix=prefix))
        # The driver's output comes in parts; the summary is in the last of them.
        tail = b"".join(storage.download(bucket, part) for part in parts[-2:])
        return require_done(tail.decode("utf-8", "replace"))


def wait_for_arrival() -> ArrivalSensor:
    """Waits for the day's files; soft: a day without sales is skipped."""
    return ArrivalSensor(
        task_id="wait_for_arrival",
        bucket="",
        prefix="",
        deferrable=True,
        poke_interval=60,
        # The sensor's own deadline ends it.
        execution_timeout=None,
    )


def _check_reference_data() -> None:
    settings = CloudSettings.read()
    for uri in (settings.products_data_path, settings.stores_data_path):
        if not GCSHook().exists(*_split(uri)):
            raise JobRefused(f"{uri} is missing: upload it and run again", REFUSED)


def check_reference_data() -> PythonOperator:
    """Fails before a cluster works on what the job would refuse."""
    return PythonOperator(task_id="check_reference_data", python_callable=_check_reference_data)


def run_sales_job() -> SalesJobOperator:
    """The job on the cluster; waiting for it holds no worker, killing the task cancels it."""
    return SalesJobOperator(
        task_id="run_sales_job",
        job={},
        region="",
        deferrable=True,
        cancel_on_kill=True,
        polling_interval_seconds=15,
        execution_timeout=dt.timedelta(hours=3),
        inlets=[ARRIVALS, REFERENCE_DATA],
        outlets=TABLES,
    )


def _query(task_id: str, sql: str, **settings: Any) -> BigQueryInsertJobOperator:
    return BigQueryInsertJobOperator(
        task_id=task_id,
        configuration={
            "query": {
                "query": sql,
                "useLegacySql": False,
                # A query that would read more is refused before it costs anything.
                "maximumBytesBilled": "{{ setting('MAXIMUM_BYTES_BILLED') }}",
                "defaultDataset": {
                    "projectId": "{{ setting('PYSPARK_PROJECT_ID') }}",
                    "datasetId": "{{ setting('BIGQUERY_DATASET') }}",
                },
            }
        },
        project_id="{{ setting('PYSPARK_PROJECT_ID') }}",
        location="{{ setting('REGION') }}",
        **settings,
    )


def quality_check(name: str) -> BigQueryInsertJobOperator:
    """One condition on the published tables. It fails alike however often it is asked: one retry, for the network."""
    return _query(name, checks.statement(name), retries=1)


def refresh_dependents() -> BigQueryInsertJobOperator:
    """Brings the materialized view up to date, which BigQuery itself would do later."""
    view = "{{ setting('PYSPARK_PROJECT_ID') }}.{{ setting('BIGQUERY_DATASET') }}.daily_revenue"
    return _query("refresh_dependents", f"CALL BQ.REFRESH_MATERIALIZED_VIEW('{view}')")


def _archive_arrival(**context: Any) -> None:
    settings, storage = CloudSettings.read(), GCSHook()
    bucket, folder = _split(settings.sales_data_path)
    for day in days_of(context).each():
        for source in storage.list(bucket, prefix=f"{folder}/dt={day}/"):
            target = archive_name(day, source.rpartition("/")[2])
            digest = storage.get_crc32c(bucket, source)
            if storage.exists(settings.archive_bucket, target):
                if storage.get_crc32c(settings.archive_bucket, target) == digest:
                    continue
                target = name_of_change(target, base64.b64decode(digest).hex())
                if storage.exists(settings.archive_bucket, target):
                    continue
            storage.rewrite(bucket, source, settings.archive_bucket, target)


def archive_arrival() -> PythonOperator:
    """Copies the arrival inside Cloud Storage; no byte of it passes through Airflow."""
    return PythonOperator(
        task_id="archive_arrival", python_callable=_archive_arrival, inlets=[ARRIVALS], outlets=[ARCHIVE]
    )
