"""What ``sales_analytics_etl`` needs of the target: tasks that differ between Google Cloud and one machine."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from airflow.models.baseoperator import BaseOperator

from sales_platform.arrivals.archive import ArrivedFile, missing_copies
from sales_platform.settings import CloudSettings, LocalSettings, ParseSettings, is_local
from sales_platform.shared.datasets import ARRIVALS, REFERENCE_DATA, TABLES
from sales_platform.shared.run_parameters import FIND_LATE_FILES, days_to_take

JOB_OPTIONS: dict[str, Any] = {
    "execution_timeout": dt.timedelta(hours=3),
    "inlets": [ARRIVALS, REFERENCE_DATA],
    "outlets": TABLES,
}
"""Options of the task that runs the job, on every target."""


class Backend(ABC):
    """The tasks of the daily DAG on one target: operators, and functions that a task runs."""

    @abstractmethod
    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Waits for the sales files of the run's days; skips the run if none arrive."""

    late_file_days: int
    """How many days before a run's own may have files that came late."""

    @abstractmethod
    def files(self, day: dt.date) -> list[ArrivedFile]:
        """The sales files of a day."""

    @abstractmethod
    def archived(self, day: dt.date) -> Mapping[str, str]:
        """Digests of the copies of a day's files, by name."""

    @abstractmethod
    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        """Copies a file to the archive as ``name``."""

    @abstractmethod
    def check_reference_data(self) -> None:
        """Fails if products or stores are missing, before Spark starts on what the job would refuse."""

    def start_before_and_stop_after(self, job: BaseOperator) -> BaseOperator:
        """Adds the tasks that start what ``job`` needs and stop it afterwards; returns the first of them.

        By default there are none, and ``job`` itself is the first.
        """
        return job

    @abstractmethod
    def job_operator(self, task_id: str) -> BaseOperator:
        """Runs the job; its result is the job's summary."""

    @abstractmethod
    def check_operator(self, task_id: str, statement: str) -> BaseOperator:
        """Runs a statement of the quality gate, which fails unless the check holds."""

    @abstractmethod
    def refresh_operator(self, task_id: str) -> BaseOperator:
        """Brings what is made from the tables up to date."""

    def archive_arrival(self, **context: Any) -> None:
        """Copies the files that the run took to the archive.

        One that came or changed since is left for the next run.
        """
        seen = context["ti"].xcom_pull(task_ids=FIND_LATE_FILES)["seen"]
        for day in days_to_take(context).each():
            for file, name in missing_copies(day, self.files(day), self.archived(day)):
                if seen.get(f"dt={day}/{file.name}") == file.version:
                    self.copy(day, file, name)


def daily_backend(settings: ParseSettings) -> Backend:
    """The backend of this Airflow; imports the packages of its target alone."""
    if is_local():
        from sales_platform.daily_sales.local import LocalBackend

        return LocalBackend(LocalSettings.read())
    from sales_platform.daily_sales.cloud import CloudBackend

    return CloudBackend(CloudSettings.read(), settings)
