"""The sensor that waits for an arrival in Cloud Storage."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.exceptions import AirflowSkipException
from airflow.providers.google.cloud.sensors.gcs import GCSObjectsWithPrefixExistenceSensor

from sales_platform.shared.run_parameters import days_of


class ArrivalSensor(GCSObjectsWithPrefixExistenceSensor):
    """Waits for a file of the run's days without holding a worker.

    A day whose time is up, and a range of the past, is looked at once: catching up does not wait.

    Args:
        folder: name of the folder with the ``dt=`` folders, without a slash at the end.
        wait: how long after its end a day's files are waited for.
    """

    def __init__(self, *, bucket: str, folder: str, wait: dt.timedelta, **options: Any) -> None:
        # The sensor's own deadline ends it, so the task has no other.
        super().__init__(bucket=bucket, prefix="", deferrable=True, poke_interval=60, execution_timeout=None, **options)
        self._folder, self._wait = folder, wait

    def execute(self, context: Any) -> Any:
        """Returns the names of the files; skips the run if none came in time."""
        days = days_of(context)
        deadline = context["dag_run"].data_interval_end + self._wait
        left = (deadline - dt.datetime.now(dt.UTC)).total_seconds()
        if days.scheduled and left > 0:
            self.prefix, self.timeout = f"{self._folder}/dt={days.start}/", left
            return super().execute(context)
        found: list[str] = []
        for day in days.each():
            self.prefix = f"{self._folder}/dt={day}/"
            found += self._matches if self.poke(context) else []
        if not found:
            raise AirflowSkipException(f"nothing arrived: gs://{self.bucket}/{self._folder} has no file for {days}")
        return found

    def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
        """Looks a last time when the time is up: the sensor's own soft_fail would skip a missing permission too."""
        # Airflow resumes so after a timeout, or, with a traceback, after a trigger that failed.
        if next_method == "__fail__" and not (next_kwargs or {}).get("traceback"):
            return self.execute(context)
        return super().resume_execution(next_method, next_kwargs, context)
