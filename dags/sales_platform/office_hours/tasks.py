"""Starts database and cluster outside office hours and stops them again, as the operator account.

They are never created or deleted: the stack owns them.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator
from airflow.providers.google.cloud.hooks.dataproc import DataprocHook

from sales_platform.google.cloud_sql import CloudSql
from sales_platform.google.connection import CONNECTION
from sales_platform.office_hours.hours import OfficeHours
from sales_platform.settings import CloudSettings
from sales_platform.shared.polling import wait_until

log = logging.getLogger(__name__)

CLUSTER, DATABASE = "cluster", "database"
START_SECONDS = 900


class Services:
    """Cluster and database of one environment."""

    def __init__(self, settings: CloudSettings) -> None:
        account = settings.operator_service_account
        self._sql = CloudSql(settings.pyspark_project_id, account)
        self._instance = settings.cloudsql_instance
        self._dataproc = DataprocHook(gcp_conn_id=CONNECTION, impersonation_chain=account)
        self._cluster = {
            "project_id": settings.pyspark_project_id,
            "region": settings.region,
            "cluster_name": settings.dataproc_cluster,
        }

    def _cluster_state(self) -> str:
        return str(self._dataproc.get_cluster(**self._cluster).status.state.name)

    def stopped(self) -> list[str]:
        """Which of the two are stopped, or about to be."""
        # The database first: without a token for the account this fails at once, the cluster's client after minutes.
        database = [] if self._sql.is_running(self._instance) else [DATABASE]
        return database + ([CLUSTER] if self._cluster_state() in ("STOPPING", "STOPPED") else [])

    def start(self, names: list[str]) -> None:
        """Starts them and waits until they run."""
        if DATABASE in names:
            self._sql.set_activation_policy(self._instance, "ALWAYS")
        if CLUSTER in names:
            # A cluster that is being stopped cannot be started.
            self._wait_for_cluster("STOPPED", "STARTING", "RUNNING")
            if self._cluster_state() == "STOPPED":
                self._dataproc.start_cluster(**self._cluster)
            self._wait_for_cluster("RUNNING")
        if DATABASE in names:
            wait_until(lambda: self._sql.is_running(self._instance), "the database to run", START_SECONDS)

    def stop(self, names: list[str]) -> None:
        """Stops them, without waiting."""
        if CLUSTER in names and self._cluster_state() == "RUNNING":
            self._dataproc.stop_cluster(**self._cluster)
        if DATABASE in names:
            self._sql.set_activation_policy(self._instance, "NEVER")

    def _wait_for_cluster(self, *states: str) -> None:
        def reached() -> bool:
            state = self._cluster_state()
            if state == "ERROR":
                raise AirflowException("the cluster is in state ERROR: see its page in Dataproc")
            return state in states

        wait_until(reached, f"the cluster to be {' or '.join(states)}", START_SECONDS)


class OfficeHoursTasks:
    """The tasks of an environment with office hours."""

    def __init__(self, settings: CloudSettings, hours: OfficeHours) -> None:
        self._settings, self._hours = settings, hours

    def around(self, job: BaseOperator) -> BaseOperator:
        """Puts the tasks before and after ``job``; returns the first of them.

        A task of its own finds what is stopped, so that a start that is retried still knows what to stop.
        """
        found = PythonOperator(task_id="find_stopped", python_callable=self.find_stopped)
        started = PythonOperator(task_id="start_services", python_callable=self.start_services)
        stopped = PythonOperator(task_id="stop_services", python_callable=self.stop_services)
        found >> started >> job >> stopped.as_teardown(setups=found)
        return found

    def find_stopped(self) -> list[str]:
        """Returns the names of the stopped services."""
        try:
            return Services(self._settings).stopped()
        except Exception as error:
            # In office hours nothing is stopped: a failed request must not end the run. Outside, the job itself fails.
            log.warning("cannot find out whether cluster and database are stopped: %s", error)
            return []

    def start_services(self, **context: Any) -> None:
        """Starts what find_stopped found."""
        if names := context["ti"].xcom_pull(task_ids="find_stopped"):
            Services(self._settings).start(names)

    def stop_services(self, **context: Any) -> None:
        """Stops what find_stopped found, unless office hours have begun in between."""
        names = context["ti"].xcom_pull(task_ids="find_stopped")
        if names and not self._hours.are_now(dt.datetime.now(dt.UTC)):
            Services(self._settings).stop(names)
