"""Stand-in for Dataproc: one cluster that starts, stops, breaks, goes and comes, and receives jobs in the API's own
messages; each job is started with ``spark-submit``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud.dataproc_v1 import types
from google.cloud.dataproc_v1.types import ClusterStatus, Job, JobStatus
from google.longrunning.operations_pb2 import Operation

from rehearsal.google_front import method

JOBS = "google.cloud.dataproc.v1.JobController"
CLUSTERS = "google.cloud.dataproc.v1.ClusterController"
HOLD_SECONDS = 30
"""How long an answer to GetJob may wait for the end of the job, so that callers learn of it at once."""

State = JobStatus.State
Up = ClusterStatus.State
ENDED = (State.DONE, State.ERROR, State.CANCELLED)


class _Operation:
    """An operation as :func:`method` takes an answer; nobody asks how it goes on."""

    serialize = Operation.SerializeToString


@dataclass
class Submitted:
    """A job, and the process of its driver."""

    job: Job
    process: subprocess.Popen[bytes]
    ended: threading.Event = field(default_factory=threading.Event)
    asked: int = 0


class Dataproc:
    """One cluster, at first stopped: as a run leaves it behind.

    Args:
        project, region, cluster: the address that a job must name.
        output: gs:// folder of the drivers' output.
        start: starts spark-submit with a job's arguments; its standard output is the driver's.
        keep: stores an object (gs:// URI, content).
    """

    def __init__(
        self,
        project: str,
        region: str,
        cluster: str,
        output: str,
        start: Callable[[list[str]], subprocess.Popen[bytes]],
        keep: Callable[[str, bytes], None],
    ) -> None:
        self._place = (project, region, cluster)
        self._output, self._start, self._keep = output, start, keep
        self._jobs: dict[str, Submitted] = {}
        self._requests: dict[str, str] = {}
        self._lock = threading.Lock()
        self._resource = types.Cluster(cluster_name=cluster, labels={"component": "spark"})
        self._resource.config.worker_config.num_instances = 2
        self._up: int | None = Up.STOPPED
        """Its state; None where it does not exist."""
        self.changes: list[str] = []
        """Requests to start, stop, delete and create the cluster."""
        self.learns = threading.Event()
        """Cleared: Dataproc has not learned yet of drivers that end from now on."""
        self.learns.set()

    def services(self) -> dict[str, dict[str, grpc.RpcMethodHandler]]:
        """The methods of both services."""
        return {
            JOBS: {
                "SubmitJob": method(self._submit, types.SubmitJobRequest, Job),
                "GetJob": method(self._get, types.GetJobRequest, Job),
                "ListJobs": method(self._list, types.ListJobsRequest, types.ListJobsResponse),
                "CancelJob": method(self._cancel, types.CancelJobRequest, Job),
            },
            CLUSTERS: {
                "GetCluster": method(self._cluster, types.GetClusterRequest, types.Cluster),
                "CreateCluster": method(self._create_cluster, types.CreateClusterRequest, _Operation),
                "DeleteCluster": method(self._delete_cluster, types.DeleteClusterRequest, _Operation),
                "StartCluster": method(self._start_cluster, types.StartClusterRequest, _Operation),
                "StopCluster": method(self._stop_cluster, types.StopClusterRequest, _Operation),
            },
        }

    def state_of(self, name: str) -> str | None:
        """The state of a job by its full name ``projects/P/regions/R/jobs/J``; None where it does not exist."""
        project, region, _ = self._place
        submitted = self._jobs.get(name.removeprefix(f"projects/{project}/regions/{region}/jobs/"))
        return State(submitted.job.status.state).name if submitted else None

    def break_cluster(self) -> None:
        """Brings the cluster into a state from which it does not start."""
        self._up = Up.ERROR

    def stop(self) -> None:
        """Ends drivers that still run."""
        for submitted in self._jobs.values():
            if submitted.process.poll() is None:
                # The driver's Python too, and one that a test has stopped.
                for number in (signal.SIGTERM, signal.SIGCONT):
                    with suppress(ProcessLookupError):
                        os.killpg(submitted.process.pid, number)

    def _require_place(self, request: Any, cluster: str, context: grpc.ServicerContext) -> None:
        if (request.project_id, request.region, cluster) != self._place or self._up is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no such cluster: {cluster}")

    def _require_up(self, state: int, context: grpc.ServicerContext) -> None:
        if self._up != state:
            reason = f"the cluster is {Up(self._up or 0).name}, not {Up(state).name}"
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)

    def _cluster(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._require_place(request, request.cluster_name, context)
        state = self._up
        # A look later it has arrived.
        ways = {Up.STARTING: Up.RUNNING, Up.STOPPING: Up.STOPPED, Up.CREATING: Up.RUNNING, Up.DELETING: None}
        self._up = ways.get(Up(state or 0), state)
        found = types.Cluster(self._resource)
        found.status = ClusterStatus(state=state)
        return found

    def _delete_cluster(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._require_place(request, request.cluster_name, context)
        self._up = Up.DELETING
        self.changes.append("delete")
        return Operation(name="delete")

    def _create_cluster(self, request: Any, context: grpc.ServicerContext) -> Any:
        place = (request.project_id, request.region, request.cluster.cluster_name)
        if place != self._place or self._up is not None:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"Already exists: Cluster {place}")
        wanted = types.Cluster(request.cluster)
        # Airflow's hook marks what it makes.
        wanted.labels = {name: value for name, value in wanted.labels.items() if name != "airflow-version"}
        if (wanted.labels, wanted.config) != (self._resource.labels, self._resource.config):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the new cluster is not as the old one was")
        self._up = Up.CREATING
        self.changes.append("create")
        return Operation(name="create")

    def _start_cluster(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._require_place(request, request.cluster_name, context)
        self._require_up(Up.STOPPED, context)
        self._up = Up.STARTING
        self.changes.append("start")
        return Operation(name="start")

    def _stop_cluster(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._require_place(request, request.cluster_name, context)
        self._require_up(Up.RUNNING, context)
        self._up = Up.STOPPING
        self.changes.append("stop")
        # Dataproc lets jobs fail that still run.
        self.stop()
        return Operation(name="stop")

    def _list(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._require_place(request, request.cluster_name, context)
        active = request.job_state_matcher == types.ListJobsRequest.JobStateMatcher.ACTIVE
        jobs = [submitted.job for submitted in self._jobs.values()]
        return types.ListJobsResponse(jobs=[job for job in jobs if not active or job.status.state not in ENDED])

    def _submit(self, request: Any, context: grpc.ServicerContext) -> Any:
        job = request.job
        self._require_place(request, job.placement.cluster_name, context)
        self._require_up(Up.RUNNING, context)
        with self._lock:
            known = self._requests.get(request.request_id)
            if request.request_id and known:
                return self._jobs[known].job
            job_id = job.reference.job_id
            if job_id in self._jobs:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, f"Already exists: Job {job_id}")
            self._requests[request.request_id] = job_id
            self.start_job(job)
        return job

    def start_job(self, job: Job) -> Submitted:
        """Starts a job, whatever else runs."""
        job.driver_output_resource_uri = f"{self._output}/{job.reference.job_id}/driveroutput"
        job.status = JobStatus(state=State.RUNNING)
        submitted = self._jobs[job.reference.job_id] = Submitted(job, self._start(spark_submit_arguments(job)))
        threading.Thread(target=self._follow, args=(submitted,), daemon=True).start()
        return submitted

    def _follow(self, submitted: Submitted) -> None:
        output, _ = submitted.process.communicate()
        self.learns.wait()
        job, code = submitted.job, submitted.process.returncode
        self._keep(f"{job.driver_output_resource_uri}.000000000", output)
        if job.status.state == State.CANCEL_PENDING:
            job.status = JobStatus(state=State.CANCELLED)
        elif code == 0:
            job.status = JobStatus(state=State.DONE)
        else:
            job.status = JobStatus(state=State.ERROR, details=f"the driver ended with {code}")
        submitted.ended.set()

    def _find(self, request: Any, context: grpc.ServicerContext) -> Submitted:
        submitted = self._jobs.get(request.job_id)
        if submitted is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Not found: Job {request.job_id}")
            raise AssertionError  # abort() raises
        return submitted

    def _get(self, request: Any, context: grpc.ServicerContext) -> Any:
        submitted = self._find(request, context)
        submitted.asked += 1
        if submitted.asked > 1:
            submitted.ended.wait(HOLD_SECONDS)
        return submitted.job

    def _cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        submitted = self._find(request, context)
        if not submitted.ended.is_set():
            submitted.job.status = JobStatus(state=State.CANCEL_PENDING)
            submitted.process.terminate()
        return submitted.job


def spark_submit_arguments(job: Job) -> list[str]:
    """The arguments of spark-submit that a job decides.

    Files of the job (``file_uris``) are left out: on YARN they do not reach the driver's SparkFiles, and a job that
    needed them would pass here and fail there. The tag is how a driver on Dataproc knows its job.
    """
    spark = job.pyspark_job
    listed = {"--py-files": spark.python_file_uris, "--jars": spark.jar_file_uris}
    options = [part for name, uris in listed.items() if uris for part in (name, ",".join(uris))]
    options += [part for name, value in spark.properties.items() for part in ("--conf", f"{name}={value}")]
    options += ["--conf", f"spark.yarn.tags=dataproc_job_{job.reference.job_id}"]
    return [*options, spark.main_python_file_uri, *spark.args]
