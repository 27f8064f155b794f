"""Starts what sleeps outside office hours, database and cluster, and lets it sleep again; as the operator account.

Stopped and started, never made or deleted: the stack owns them.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from airflow.exceptions import AirflowException
from airflow.operators.python import PythonOperator

from sales_platform.daily_sales.office_hours import office_hours
from sales_platform.google.api import GoogleApi
from sales_platform.google.cloud_sql import CloudSql
from sales_platform.settings import CloudSettings

log = logging.getLogger(__name__)

CLUSTER, DATABASE = "cluster", "database"
POLL_SECONDS = 10.0
START_SECONDS = 900


class Services:
    """Cluster and database of one environment."""

    def __init__(self, settings: CloudSettings) -> None:
        api = GoogleApi(settings.operator_service_account)
        self._api, self._sql = api, CloudSql(api, settings.pyspark_project_id)
        self._instance = settings.cloudsql_instance
        self._cluster = (
            f"projects/{settings.pyspark_project_id}/regions/{settings.region}/clusters/{settings.dataproc_cluster}"
        )

    def _cluster_state(self) -> str:
        return str(self._api.call("GET", "dataproc", self._cluster)["status"]["state"])

    def sleeping(self) -> list[str]:
        """Which of them are stopped, or about to be."""
        cluster = [CLUSTER] if self._cluster_state() in ("STOPPING", "STOPPED") else []
        instance = self._sql.instance(self._instance) or {}
        return cluster + ([] if self._sql.is_running(instance) else [DATABASE])

    def wake(self, names: list[str]) -> None:
        """Starts them and waits until they run."""
        if DATABASE in names:
            self._activate("ALWAYS")
        if CLUSTER in names:
            self._until("STOPPED", "STOPPED", "STARTING", "RUNNING")
            if self._cluster_state() == "STOPPED":
                self._api.call("POST", "dataproc", f"{self._cluster}:start", {})
            self._until("RUNNING", "RUNNING")
        if DATABASE in names:
            self._wait(lambda: self._sql.is_running(self._sql.instance(self._instance) or {}), "the database to run")

    def rest(self, names: list[str]) -> None:
        """Stops them, without waiting."""
        if CLUSTER in names and self._cluster_state() == "RUNNING":
            self._api.call("POST", "dataproc", f"{self._cluster}:stop", {})
        if DATABASE in names:
            self._activate("NEVER")

    def _activate(self, policy: str) -> None:
        self._sql.call("PATCH", f"/{self._instance}", {"settings": {"activationPolicy": policy}})

    def _until(self, wanted: str, *states: str) -> None:
        def reached() -> bool:
            state = self._cluster_state()
            if state == "ERROR":
                raise AirflowException("the cluster is in state ERROR: see its page in Dataproc")
            return state in states

        self._wait(reached, f"the cluster to be {wanted}")

    @staticmethod
    def _wait(reached: Any, what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not reached():
            if time.monotonic() > deadline:
                raise AirflowException(f"waited {START_SECONDS} s for {what}")
            time.sleep(POLL_SECONDS)


def _find_sleeping() -> list[str]:
    try:
        return Services(CloudSettings.read()).sleeping()
    except Exception as error:
        # In office hours nothing sleeps: that it cannot be asked must not stop the day's run, which tells by itself.
        log.warning("whether cluster and database sleep cannot be asked: %s", error)
        return []


def _wake_services(**context: Any) -> None:
    if names := context["ti"].xcom_pull(task_ids="find_sleeping"):
        Services(CloudSettings.read()).wake(names)


def _rest_services(**context: Any) -> None:
    names, hours = context["ti"].xcom_pull(task_ids="find_sleeping"), office_hours()
    # The morning may have come in between.
    if names and hours is not None and not hours.are_now(dt.datetime.now(dt.UTC)):
        Services(CloudSettings.read()).rest(names)


def around(job: Any) -> Any:
    """Puts the tasks before and after ``job``; returns the first of them.

    What sleeps is found out by a task of its own, so that a start that is tried again still knows what to stop.
    """
    found = PythonOperator(task_id="find_sleeping", python_callable=_find_sleeping)
    woken = PythonOperator(task_id="wake_services", python_callable=_wake_services)
    rested = PythonOperator(task_id="rest_services", python_callable=_rest_services).as_teardown(setups=found)
    found >> woken >> job >> rested
    return found
