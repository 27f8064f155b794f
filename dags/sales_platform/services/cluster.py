"""The Dataproc cluster of one environment: started for a run, stopped when nobody uses it, as Composer's own account.

The stack owns it. A run makes it again only where it is lost or in error, exactly as it was.
"""

from __future__ import annotations

import logging
from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud.dataproc_v1.types import Cluster as ClusterResource
from google.cloud.dataproc_v1.types import ListJobsRequest

from sales_platform.google.connection import CONNECTION
from sales_platform.services import cluster_description
from sales_platform.settings import CloudSettings
from sales_platform.shared.polling import wait_until

log = logging.getLogger(__name__)

TAKES_JOBS = ("RUNNING", "UPDATING", "ERROR_DUE_TO_UPDATE")
"""States in which a job can be submitted; the autoscaler brings a cluster to UPDATING."""
START_SECONDS = 900
STOP_SECONDS = 600
CREATE_SECONDS = 1800


class ClusterBroken(AirflowException):
    """The cluster is lost or in error: it takes no jobs until it is made again."""


class Cluster:
    """The cluster that the settings name."""

    def __init__(self, settings: CloudSettings) -> None:
        self._dataproc = DataprocHook(gcp_conn_id=CONNECTION)
        self._place = {"project_id": settings.pyspark_project_id, "region": settings.region}
        self._name = settings.dataproc_cluster

    def _resource(self) -> ClusterResource:
        try:
            found: ClusterResource = self._dataproc.get_cluster(**self._place, cluster_name=self._name)
        except NotFound:
            raise ClusterBroken(f"the cluster {self._name} does not exist") from None
        return found

    def _state(self) -> str:
        return str(self._resource().status.state.name)

    def active_jobs(self) -> list[Any]:
        """Jobs of anybody on the cluster that have not ended, as the API describes them."""
        request = ListJobsRequest(
            **self._place, cluster_name=self._name, job_state_matcher=ListJobsRequest.JobStateMatcher.ACTIVE
        )
        return list(self._dataproc.get_job_client(region=self._place["region"]).list_jobs(request=request))

    def start(self) -> None:
        """Returns when the cluster takes jobs; starts it if it is stopped.

        Raises:
            ClusterBroken: the cluster is lost or in error.
            AirflowException: it does not start in time.
        """
        # A cluster that is being stopped cannot be started.
        self._wait_for("STOPPED", "STARTING", *TAKES_JOBS)
        if self._state() == "STOPPED":
            self._dataproc.start_cluster(**self._place, cluster_name=self._name)
        self._wait_for(*TAKES_JOBS)
        cluster_description.keep(self._resource())

    def recreate(self) -> None:
        """Makes a cluster that is lost or in error again, as it was; returns when it takes jobs.

        It holds no data: lines, event logs and output of jobs are in buckets.
        """
        description = cluster_description.kept()
        if self._exists():
            self._dataproc.delete_cluster(**self._place, cluster_name=self._name)
            wait_until(lambda: not self._exists(), "the old cluster to be deleted", CREATE_SECONDS)
        self._dataproc.create_cluster(**self._place, cluster_name=self._name, **description)
        self._wait_for(*TAKES_JOBS, seconds=CREATE_SECONDS)

    def _exists(self) -> bool:
        try:
            self._resource()
        except ClusterBroken:
            return False
        return True

    def primary_workers(self) -> int:
        """How many workers it has that are not spot machines."""
        return int(self._resource().config.worker_config.num_instances)

    def stop_if_idle(self) -> bool:
        """Stops the cluster if nobody uses it; returns whether it is stopped.

        Dataproc refuses to stop a cluster with secondary workers or with an operation that still runs, and lets jobs
        fail that run. The autoscaler takes secondary workers away some minutes after the last job.
        """
        cluster = self._resource()
        state = cluster.status.state.name
        secondary = cluster.config.secondary_worker_config.num_instances
        jobs = [job.reference.job_id for job in self.active_jobs()]
        if state in ("STOPPING", "STOPPED"):
            reason = None
        elif state != "RUNNING":
            reason = f"it is {state}"
        elif jobs:
            reason = f"jobs run on it: {', '.join(jobs)}"
        elif secondary:
            reason = f"it has {secondary} secondary workers"
        else:
            reason = self._stop()
        if reason:
            log.info("the cluster is not stopped yet: %s", reason)
            return False
        self._wait_for("STOPPED", seconds=STOP_SECONDS)
        return True

    def _stop(self) -> str | None:
        """Asks Dataproc to stop the cluster; returns the reason if it refuses."""
        try:
            self._dataproc.stop_cluster(**self._place, cluster_name=self._name)
        except BadRequest as refused:
            # A failed precondition is one. What is wrong with the request itself would show at get_cluster.
            return str(refused.message)
        return None

    def _wait_for(self, *states: str, seconds: float = START_SECONDS) -> None:
        def reached() -> bool:
            status = self._resource().status
            if status.state.name == "ERROR":
                raise ClusterBroken(f"the cluster is in state ERROR: {status.detail or 'see its page in Dataproc'}")
            return status.state.name in states

        wait_until(reached, f"the cluster to be {' or '.join(states)}", seconds)
