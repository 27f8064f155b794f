"""The sensor that waits for an arrival in Cloud Storage."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.exceptions import AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.providers.google.cloud.triggers.gcs import GCSPrefixBlobTrigger
from airflow.triggers.base import BaseTrigger
from airflow.triggers.temporal import TimeDeltaTrigger

from sales_job.lake.arrival_names import judge
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused
from sales_platform.google.connection import CONNECTION
from sales_platform.google.storage import StoredObject, objects
from sales_platform.shared.run_parameters import days_of

POLL_SECONDS = 60


class ArrivalSensor(BaseOperator):
    """Waits for a sales file of the run's days without holding a worker.

    A day whose time is up, and a range of the past, is looked at once: catching up does not wait.

    Args:
        folder: name of the folder with the ``dt=`` folders, without a slash at the end.
        wait: how long after its end a day's files are waited for.
    """

    deferrable = True

    def __init__(self, *, bucket: str, folder: str, wait: dt.timedelta, **options: Any) -> None:
        # The sensor's own deadline ends it, so the task has no other.
        super().__init__(execution_timeout=None, **options)
        self._bucket, self._folder, self._wait = bucket, folder, wait

    def execute(self, context: Any, event: Any = None) -> list[str]:
        """Returns the names of the sales files; skips the run if none came in time."""
        if event and event.get("status") == "error":
            self.log.warning("cannot look into the bucket: %s", event["message"])
        days = days_of(context)
        found = [item for day in days.each() for item in objects(self._bucket, f"{self._folder}/dt={day}/")]
        if names := self._sales_files(found):
            return names
        deadline = context["dag_run"].data_interval_end + self._wait
        left = deadline - dt.datetime.now(dt.UTC)
        if days.scheduled and left > dt.timedelta(0):
            self.defer(trigger=self._trigger(days.start, found), method_name="execute", timeout=left)
        raise AirflowSkipException(f"nothing arrived: gs://{self._bucket}/{self._folder} has no sales file for {days}")

    def _trigger(self, day: dt.date, found: list[StoredObject]) -> BaseTrigger:
        """What ends the wait: the first object of an empty folder, or time where there is one that is no sales file."""
        if found:
            return TimeDeltaTrigger(dt.timedelta(seconds=POLL_SECONDS))
        return GCSPrefixBlobTrigger(
            bucket=self._bucket,
            prefix=f"{self._folder}/dt={day}/",
            poke_interval=POLL_SECONDS,
            google_cloud_conn_id=CONNECTION,
            hook_params={},
        )

    def _sales_files(self, found: list[StoredObject]) -> list[str]:
        """The names of those that the job reads.

        Raises:
            JobRefused: Cloud Storage would unpack one on its way to the job, which then cannot read it.
        """
        names = []
        for item in found:
            path = item.name.removeprefix(f"{self._folder}/")
            if reason := judge(path).passed_over:
                self.log.warning("%s is passed over: it %s", path, reason)
            elif item.encoding == "gzip":
                uri = f"gs://{self._bucket}/{item.name}"
                raise JobRefused(
                    f"{uri}: has Content-Encoding gzip: remove it with "
                    f"'gcloud storage objects update {uri} --clear-content-encoding'",
                    REFUSED,
                )
            else:
                names.append(item.name)
        return names

    def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
        """Looks a last time when the time is up."""
        # Airflow resumes so after a timeout, or, with a traceback, after a trigger that failed.
        if next_method == "__fail__" and not (next_kwargs or {}).get("traceback"):
            return self.execute(context)
        return super().resume_execution(next_method, next_kwargs, context)
