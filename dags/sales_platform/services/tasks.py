"""The tasks around the job that start and stop cluster and database."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator
from airflow.sensors.python import PythonSensor
from airflow.triggers.temporal import TimeDeltaTrigger
from google.api_core.exceptions import GoogleAPICallError

from sales_platform.google.cloud_sql import CloudSql
from sales_platform.notify.notification import failure_notifier
from sales_platform.services import remedies
from sales_platform.services.cluster import Cluster, ClusterBroken
from sales_platform.services.office_hours import OfficeHours
from sales_platform.settings import CloudSettings
from sales_platform.shared.next_run import another_run_follows
from sales_platform.shared.polling import wait_until
from sales_platform.shared.run_parameters import job_run_id

log = logging.getLogger(__name__)

DATABASE_SECONDS = 900
IDLE_HOURS = 2
"""How long the cluster may stay in use after the job, by secondary workers that leave or by other jobs."""
LEFT_RUNNING = "services_left_running"
START_HOURS = 2
"""For a cluster that has to be made again after such a wait."""


class StartServices(BaseOperator):
    """Starts cluster and database; waits once, without a worker, where there is no capacity.

    Args:
        start: starts them for a run id.
    """

    def __init__(self, *, start: Callable[[str], None], **options: Any) -> None:
        super().__init__(execution_timeout=dt.timedelta(hours=START_HOURS), **options)
        self._start = start

    def execute(self, context: Any, event: Any = None) -> None:
        """Starts them, or defers the task for half an hour and starts them then."""
        run_id = job_run_id(context["dag_run"])
        try:
            self._start(run_id)
        except (AirflowException, GoogleAPICallError) as failure:
            if not remedies.lacks_capacity(str(failure)):
                raise
            remedies.use(remedies.Remedy.WAIT_FOR_CAPACITY, run_id, str(failure))
            self.defer(trigger=TimeDeltaTrigger(remedies.CAPACITY_WAIT), method_name="execute")


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
        started = StartServices(task_id="start_services", start=self.start_services)
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

    def start_services(self, run_id: str) -> None:
        """Starts what is stopped, makes a broken cluster again, and waits until both run."""
        started = self._hours is not None and self._start_database()
        if not self._standing:
            self._start_cluster(run_id)
        if started:
            running = lambda: self._database().is_running(self._settings.cloudsql_instance)  # noqa: E731
            wait_until(running, "the database to run", DATABASE_SECONDS)

    def _start_cluster(self, run_id: str) -> None:
        cluster = Cluster(self._settings)
        try:
            cluster.start()
        except ClusterBroken as broken:
            # Where machines are missing, the same cluster would fail again at once: first the wait.
            if remedies.lacks_capacity(str(broken)) and not remedies.is_used(remedies.Remedy.WAIT_FOR_CAPACITY):
                raise
            remedies.use(remedies.Remedy.RECREATE_CLUSTER, run_id, str(broken))
            cluster.recreate()

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
