"""The operator that runs the job on Dataproc."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from airflow.exceptions import AirflowException, TaskDeferralError
from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.providers.google.cloud.operators.dataproc import DataprocSubmitJobOperator
from airflow.providers.google.cloud.triggers.dataproc import DataprocSubmitTrigger
from airflow.triggers.temporal import TimeDeltaTrigger
from google.api_core.exceptions import NotFound

from sales_platform.daily_sales.dataproc_job import EXECUTORS_A_WORKER, dataproc_job, is_sales_job, job_id, run_of
from sales_platform.daily_sales.job_outcome import FOR_GOOD, JobRefused, require_done, summary_of
from sales_platform.google.storage import split_uri
from sales_platform.services import remedies
from sales_platform.services.cluster import Cluster
from sales_platform.services.remedies import Remedy
from sales_platform.settings import CloudSettings
from sales_platform.shared.polling import wait_until
from sales_platform.shared.run_parameters import days_to_take, job_options, job_run_id

FINAL = ("done", *FOR_GOOD)
"""Statuses of the summary after which another attempt would change nothing."""
LATE_SECONDS = 60
"""How long after the end of a job the last part of its output may come."""


class DataprocSalesJobOperator(DataprocSubmitJobOperator):
    """Submits the job and reads the job's own lines when it ends, instead of Dataproc's message about it.

    One job at a time works on the warehouse. A job goes on when Airflow loses its task, so an attempt first looks for
    jobs that still run: it takes the outcome of one of its own run, and waits for the end of any other.

    Waiting holds no worker; killing the task cancels the job of its own run.

    What is known to pass is mended, see services/remedies.py: a job that takes longer than the task may is cancelled
    and tried again, a job that found no capacity is tried again later, one that lost its spot workers without them.
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
        """Submits; a deferred task returns through :meth:`execute_complete` or :meth:`after_another`."""
        run_id = job_run_id(context["dag_run"])
        self._wait_for_another(run_id)
        attempt = self._unused(run_id, context["ti"].try_number)
        options = job_options(context, self._settings.hold_unusual_days)
        self.job = dataproc_job(self._settings, days_to_take(context), run_id, attempt, options, self._most_executors())
        # Dataproc runs the same request once; a new attempt is a new request.
        self.request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, self.job["reference"]["job_id"]))
        try:
            submitted = super().execute(context)
        except AirflowException:
            if self.job_id is None:
                raise
            submitted = self.job_id
        return self._outcome(context, submitted)

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Returns the job's summary, or fails with the job's line."""
        return self._outcome(context, event["job_id"])

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Goes on after a wait; one that took longer than the task may ends with the cancellation of the job."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralError:
            run_id = job_run_id(context["dag_run"])
            stuck = [job for job in self._running_jobs() if run_of(job) == run_id]
            if not stuck:
                raise
            name = stuck[0].reference.job_id
            DataprocHook(gcp_conn_id=self.gcp_conn_id).cancel_job(
                job_id=name, project_id=self.project_id, region=self.region
            )
            reason = f"the job {name} ran longer than {self.execution_timeout}"
            remedies.use(Remedy.CANCEL_STUCK_JOB, run_id, reason)
            raise AirflowException(f"{reason}: cancelled") from None

    def after_another(self, context: Any, own: bool, event: Any = None) -> Any:
        """Goes on when the job has ended that was waited for.

        Args:
            own: whether it was a job of the same run. Its outcome counts, unless it failed or was cancelled.
        """
        if own:
            output = self._output(event["job_id"])
            if summary_of(output).get("status") in FINAL:
                return require_done(output)
        return self.execute(context)

    def _wait_for_another(self, run_id: str) -> None:
        """Defers the task while another job works on the warehouse."""
        running = self._running_jobs()
        # A job of the same run first: a task that is killed cancels it.
        running.sort(key=lambda job: run_of(job) != run_id)
        for job in running[:1]:
            name, own = job.reference.job_id, run_of(job) == run_id
            self.log.info("job %s still runs: %s", name, "its outcome is this run's" if own else "it goes first")
            trigger = DataprocSubmitTrigger(
                job_id=name,
                project_id=self.project_id,
                region=self.region,
                gcp_conn_id=self.gcp_conn_id,
                polling_interval_seconds=self.polling_interval_seconds,
                cancel_on_kill=own,
            )
            self.defer(trigger=trigger, method_name="after_another", kwargs={"own": own})

    def _running_jobs(self) -> list[Any]:
        """Jobs that work on the warehouse."""
        return [job for job in Cluster(self._settings).active_jobs() if is_sales_job(self._settings, job)]

    def _most_executors(self) -> int | None:
        """As many as fit on the primary workers, beside YARN's own container, on a day that lost spot workers."""
        if not remedies.is_used(Remedy.PRIMARY_WORKERS_ONLY):
            return None
        return Cluster(self._settings).primary_workers() * EXECUTORS_A_WORKER - 1

    def _unused(self, run_id: str, attempt: int) -> int:
        """The first number from ``attempt`` on whose job id Dataproc has not seen.

        A new Airflow counts a run's attempts from 1 again, and Dataproc would answer with the job of then.
        """
        return next(number for number in itertools.count(attempt) if self._job(job_id(run_id, number)) is None)

    def _job(self, name: str) -> Any:
        """The job as the API describes it; None if there is no such job."""
        # The hook's wrapper that fills in the project accepts keyword arguments alone.
        try:
            return DataprocHook(gcp_conn_id=self.gcp_conn_id).get_job(
                job_id=name, project_id=self.project_id, region=self.region
            )
        except NotFound:
            return None

    def _output(self, name: str) -> str:
        """The last parts of a job's output, which has come to its end or to a summary.

        The last part may reach the bucket after the job has ended.
        """
        bucket, prefix = split_uri(self._job(name).driver_output_resource_uri)
        storage = GCSHook(gcp_conn_id=self.gcp_conn_id)
        tail = b""

        def has_summary() -> bool:
            nonlocal tail
            parts = sorted(storage.list(bucket, prefix=prefix))
            tail = b"".join(storage.download(bucket, part) for part in parts[-2:])
            return bool(summary_of(tail.decode("utf-8", "replace")))

        try:
            wait_until(has_summary, "the job's summary", LATE_SECONDS)
        except AirflowException:
            self.log.info("the job ended without a summary")
        return tail.decode("utf-8", "replace")

    def _outcome(self, context: Any, name: str) -> dict[str, Any]:
        """The job's summary. A failure with a remedy is tried again: at once by Airflow, or after a wait."""
        output, run_id = self._output(name), job_run_id(context["dag_run"])
        try:
            return require_done(output)
        except JobRefused:
            raise
        except AirflowException as failure:
            if remedies.lacks_capacity(str(failure)):
                remedies.use(Remedy.WAIT_FOR_CAPACITY, run_id, str(failure))
                self.defer(trigger=TimeDeltaTrigger(remedies.CAPACITY_WAIT), method_name="after_wait")
            if remedies.lost_workers(output):
                remedies.use(Remedy.PRIMARY_WORKERS_ONLY, run_id, str(failure))
            raise

    def after_wait(self, context: Any, event: Any = None) -> Any:
        """Submits another attempt."""
        return self.execute(context)
