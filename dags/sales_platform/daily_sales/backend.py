"""What ``sales_analytics_etl`` needs of the target: tasks that differ between Google Cloud and one machine."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from airflow.models.baseoperator import BaseOperator

from sales_job.lake.arrival_names import beginning_of
from sales_job.lake.data_package import beginnings, judge
from sales_platform.arrivals.archive import ArrivedFile, missing_copies
from sales_platform.arrivals.lake_names import package_of
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused
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

    lake: str
    """The lake, as messages name it."""

    reference: Mapping[str, str]
    """The files of products and stores in a lake without a descriptor, by their paths below it."""

    late_file_days: int
    """How many days before a run's own may have files that came late."""

    @abstractmethod
    def descriptor(self) -> bytes | None:
        """The lake's ``datapackage.json``; None where it has none."""

    @abstractmethod
    def stored(self, beginning: str) -> Mapping[str, Any]:
        """What is stored, by its path below the lake, of paths that begin with ``beginning``."""

    @abstractmethod
    def arrived(self, path: str, found: Any) -> ArrivedFile:
        """One sales file, of what :meth:`stored` has found."""

    def files(self, day: dt.date) -> list[ArrivedFile]:
        """The sales files of a day."""
        package = package_of(self.descriptor())
        found = {path: at for begin in beginnings(package, str(day)) for path, at in self.stored(begin).items()}
        judged = {path: judge(package, path) for path in sorted(found)}
        return [self.arrived(path, found[path]) for path, one in judged.items() if one and one.arrival == str(day)]

    @abstractmethod
    def archived(self, day: dt.date) -> Mapping[str, str]:
        """Digests of the copies of a day's files, by name."""

    @abstractmethod
    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        """Copies a file to the archive as ``name``, unless it has another version by now: the next run takes that."""

    def check_reference_data(self) -> None:
        """Fails if products or stores are missing, before Spark starts on what the job would refuse.

        A descriptor may leave out either.
        """
        package = package_of(self.descriptor())
        for name, path in self.reference.items():
            if not package:
                wanted, there = path, path in self.stored(path)
            elif resource := package.get(name):
                wanted = ", ".join(resource.paths)
                begins = map(beginning_of, resource.paths)
                there = any(resource.judge(path) for begin in begins for path in self.stored(begin))
            else:
                continue
            if not there:
                raise JobRefused(f"{wanted} is missing from {self.lake}: put it there and run again", REFUSED)

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
        """Brings views that are stored up to date."""

    def start_scans(self) -> list[str]:
        """Starts the scans of the tables; returns the names of their jobs. An alert fires on a fault, too."""
        raise NotImplementedError("this target has no scans")

    def scan_faults(self, jobs: list[str]) -> list[str] | None:
        """The rules that do not hold, each with its scan; None until all jobs have ended."""
        raise NotImplementedError("this target has no scans")

    def copy_figures(self) -> None:
        """Copies the tables of figures into another region."""
        raise NotImplementedError("this target has no other region")

    @abstractmethod
    def forecast_operator(self, task_id: str) -> BaseOperator:
        """Brings ``revenue_forecast`` and ``forecast_accuracy`` up to date, where days or revenue have changed."""

    @abstractmethod
    def write_report(self) -> str:
        """Writes the report of the tables; returns its address."""

    def remedies(self, run_id: str) -> list[str]:
        """What the run mended by itself, with reasons; nothing by default."""
        return []

    def archive_arrival(self, **context: Any) -> None:
        """Copies the files that the run took to the archive.

        One that came or changed since is left for the next run.
        """
        seen = context["ti"].xcom_pull(task_ids=FIND_LATE_FILES)["seen"]
        for day in days_to_take(context).each():
            for file, name in missing_copies(day, self.files(day), self.archived(day)):
                if seen.get(file.shown) == file.version:
                    self.copy(day, file, name)


def daily_backend(settings: ParseSettings) -> Backend:
    """The backend of this Airflow; imports the packages of its target alone."""
    if is_local():
        from sales_platform.daily_sales.local import LocalBackend

        return LocalBackend(LocalSettings.read())
    from sales_platform.daily_sales.cloud import CloudBackend

    return CloudBackend(CloudSettings.read(), settings)
