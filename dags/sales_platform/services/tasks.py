"""The tasks around the job that start and stop cluster and database."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.python import PythonSensor

from sales_platform.google.cloud_sql import CloudSql
from sales_platform.notify.notification import failure_notifier
from sales_platform.services.cluster import Cluster
from sales_platform.services.office_hours import OfficeHours
from sales_platform.settings import CloudSettings
from sales_platform.shared.next_run import another_run_follows
from sales_platform.shared.polling import wait_until

log = logging.getLogger(__name__)

DATABASE_SECONDS = 900
IDLE_HOURS = 2
"""How long the cluster may stay in use after the job, by secondary workers that leave or by other jobs."""
LEFT_RUNNING = "services_left_running"


class ServiceTasks:
    """The tasks of one environment.

    Args:
        standing: whether the cluster always runs.
        hours: the database's office hours; None if it always runs.
    """

    def __init__(self, settings: CloudSettings, standing: bool, hours: OfficeHours | None) -> None:
        self._settings, self._standing, self._hours = settings, standing, hours

    def around(self, job: BaseOperator) -> BaseOperator:
        """Puts the tasks before and after ``job``; returns the first task."""
        if self._standing and self._hours is None:
            return job
        started = PythonOperator(
            task_id="start_services",
            python_callable=self.start_services,
            execution_timeout=dt.timedelta(seconds=2 * DATABASE_SECONDS),
        )
        # Without a setup, a teardown runs after every run: also what an earlier run left running is stopped.
        stopped = PythonSensor(
            task_id="stop_services",
            python_callable=self.stop_services,
            mode="reschedule",
            poke_interval=60,
            timeout=dt.timedelta(hours=IDLE_HOURS).total_seconds(),
            # The tables are good: this is no failure of the pipeline.
            on_failure_callback=failure_notifier(LEFT_RUNNING),
        ).as_teardown()
        started >> job >> stopped
        return started

    def _database(self) -> CloudSql:
        return CloudSql(self._settings.pyspark_project_id, self._settings.operator_service_account)

    def start_services(self) -> None:
        """Starts what is stopped, and waits until it runs."""
        started = self._hours is not None and self._start_database()
        if not self._standing:
            Cluster(self._settings).start()
        if started:
            running = lambda: self._database().is_running(self._settings.cloudsql_instance)  # noqa: E731
            wait_until(running, "the database to run", DATABASE_SECONDS)

    def _start_database(self) -> bool:
        """Whether the database was stopped; starts it, without waiting."""
        name = self._settings.cloudsql_instance
        try:
            if self._database().is_running(name):
                return False
        except Exception as error:
            # In office hours it runs: a failed request must not end the run. Outside, the job itself fails.
            log.warning("cannot find out whether the database is stopped: %s", error)
            return False
        self._database().set_activation_policy(name, "ALWAYS")
        return True

    def stop_services(self, **context: Any) -> bool:
        """Stops what nobody needs now; returns whether that is done.

        The database goes last: a job that still runs needs it.
        """
        if another_run_follows(context, dt.timedelta(hours=self._settings.arrival_wait_hours)):
            log.info("another run follows and stops cluster and database")
            return True
        cluster = Cluster(self._settings)
        if bool(cluster.active_jobs()) if self._standing else not cluster.stop_if_idle():
            return False
        if self._hours is not None and not self._hours.are_now(dt.datetime.now(dt.UTC)):
            self._database().set_activation_policy(self._settings.cloudsql_instance, "NEVER")
        return True
