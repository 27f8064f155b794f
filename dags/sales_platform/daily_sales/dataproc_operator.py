"""The operator that runs the job on Dataproc."""

from __future__ import annotations

import uuid
from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.providers.google.cloud.operators.dataproc import DataprocSubmitJobOperator

from sales_platform.daily_sales.dataproc_job import dataproc_job
from sales_platform.daily_sales.job_outcome import require_done
from sales_platform.google.storage import split_uri
from sales_platform.settings import CloudSettings
from sales_platform.shared.run_parameters import days_of, job_options, job_run_id


class DataprocSalesJobOperator(DataprocSubmitJobOperator):
    """Submits the job and reads the job's own lines when it ends, instead of Dataproc's message about it.

    Waiting for it holds no worker; killing the task cancels the job.
    """

    def __init__(self, *, settings: CloudSettings, **options: Any) -> None:
        super().__init__(
            job={},
            project_id=settings.pyspark_project_id,
            region=settings.region,
            deferrable=True,
            cancel_on_kill=True,
            polling_interval_seconds=15,
            **options,
        )
        self._settings = settings

    def execute(self, context: Any) -> Any:
        """Submits; a deferred task returns through :meth:`execute_complete`."""
        run_id, attempt = job_run_id(context["dag_run"]), context["ti"].try_number
        self.job = dataproc_job(self._settings, days_of(context), run_id, attempt, job_options(context))
        # Dataproc runs the same request once; a new attempt is a new request.
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
        return self._outcome(event["job_id"])

    def _outcome(self, job_id: str) -> dict[str, Any]:
        hook = DataprocHook(gcp_conn_id=self.gcp_conn_id)
        # The hook's wrapper that fills in the project accepts keyword arguments alone.
        job = hook.get_job(job_id=job_id, project_id=self.project_id, region=self.region)
        bucket, prefix = split_uri(job.driver_output_resource_uri)
        storage = GCSHook(gcp_conn_id=self.gcp_conn_id)
        parts = sorted(storage.list(bucket, prefix=prefix))
        # The driver's output comes in parts; the summary is in the last of them.
        tail = b"".join(storage.download(bucket, part) for part in parts[-2:])
        return require_done(tail.decode("utf-8", "replace"))
