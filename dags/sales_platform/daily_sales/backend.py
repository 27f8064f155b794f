"""What ``sales_analytics_etl`` needs of the target: tasks that differ between Google Cloud and one machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from airflow.models.baseoperator import BaseOperator

from sales_platform.settings import CloudSettings, LocalSettings, ParseSettings, is_local


class Backend(ABC):
    """The tasks of the daily DAG on one target: operators, and functions that a task runs."""

    @abstractmethod
    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Waits for the sales files of the run's days; skips the run if none arrive."""

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

    @abstractmethod
    def archive_arrival(self, **context: Any) -> None:
        """Copies the files of the run's days to the archive."""


def daily_backend(settings: ParseSettings) -> Backend:
    """The backend of this Airflow; imports the packages of its target alone."""
    if is_local():
        from sales_platform.daily_sales.local import LocalBackend

        return LocalBackend(LocalSettings.read())
    from sales_platform.daily_sales.cloud import CloudBackend

    return CloudBackend(CloudSettings.read(), settings)
