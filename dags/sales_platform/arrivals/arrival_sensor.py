"""The sensor that waits for an arrival in Cloud Storage."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.exceptions import AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.providers.google.cloud.triggers.gcs import GCSPrefixBlobTrigger
from airflow.triggers.base import BaseTrigger
from airflow.triggers.temporal import TimeDeltaTrigger

from sales_job.lake.data_package import beginnings, judge
from sales_platform.arrivals.lake_names import DESCRIPTOR, Package, package_of
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused
from sales_platform.google.connection import CONNECTION
from sales_platform.google.storage import StoredObject, objects, read_if_there, split_uri
from sales_platform.shared.run_parameters import days_of

POLL_SECONDS = 60


def descriptor(lake: str) -> bytes | None:
    """The ``datapackage.json`` of a lake in a bucket; None where it has none."""
    return read_if_there(f"{lake}/{DESCRIPTOR}")


class ArrivalSensor(BaseOperator):
    """Waits for a sales file of the run's days without holding a worker.

    A day whose time is up, and a range of the past, is looked at once: catching up does not wait.

    Args:
        lake: its URI, without a slash at the end.
        wait: how long after its end a day's files are waited for.
    """

    deferrable = True

    def __init__(self, *, lake: str, wait: dt.timedelta, **options: Any) -> None:
        # The sensor's own deadline ends it, so the task has no other.
        super().__init__(execution_timeout=None, **options)
        self._lake, self._wait = lake, wait
        self._bucket, self._folder = split_uri(lake)

    def execute(self, context: Any, event: Any = None) -> list[str]:
        """Returns the names of the sales files; skips the run if none came in time."""
        if event and event.get("status") == "error":
            self.log.warning("cannot look into the bucket: %s", event["message"])
        days = days_of(context)
        package = package_of(descriptor(self._lake))
        # Of a descriptor, the days have the same.
        begins = sorted({begin for day in days.each() for begin in beginnings(package, str(day))})
        found = [item for begin in begins for item in objects(self._bucket, f"{self._folder}/{begin}")]
        if names := self._sales_files(package, found, {str(day) for day in days.each()}):
            return names
        deadline = context["dag_run"].data_interval_end + self._wait
        left = deadline - dt.datetime.now(dt.UTC)
        if days.scheduled and left > dt.timedelta(0):
            self.defer(trigger=self._trigger(begins, found), method_name="execute", timeout=left)
        raise AirflowSkipException(f"nothing arrived: {self._lake} has no sales file for {days}")

    def _trigger(self, begins: list[str], found: list[StoredObject]) -> BaseTrigger:
        """What ends the wait: the first object of an empty folder, or time where there are others, or several folders
        to look into.
        """
        if found or len(begins) > 1:
            return TimeDeltaTrigger(dt.timedelta(seconds=POLL_SECONDS))
        return GCSPrefixBlobTrigger(
            bucket=self._bucket,
            prefix=f"{self._folder}/{begins[0]}",
            poke_interval=POLL_SECONDS,
            google_cloud_conn_id=CONNECTION,
            hook_params={},
        )

    def _sales_files(self, package: Package, found: list[StoredObject], days: set[str]) -> list[str]:
        """The names of those that the job reads.

        Raises:
            JobRefused: Cloud Storage would unpack one on its way to the job, which then cannot read it.
        """
        names = []
        for item in found:
            path = item.name.removeprefix(f"{self._folder}/")
            judged = judge(package, path)
            if judged is None:
                continue
            if judged.passed_over:
                self.log.warning("%s is passed over: it %s", path, judged.passed_over)
            elif judged.arrival not in days:
                continue
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
