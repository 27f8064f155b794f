"""Stand-in for Dataproc: receives jobs in the API's own messages and starts each with ``spark-submit``."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud.dataproc_v1.types import CancelJobRequest, GetJobRequest, Job, JobStatus, SubmitJobRequest

from rehearsal.google_front import method

SERVICE = "google.cloud.dataproc.v1.JobController"
HOLD_SECONDS = 30
"""How long an answer to GetJob may wait for the end of the job, so that callers learn of it at once."""

State = JobStatus.State


@dataclass
class _Submitted:
    job: Job
    process: subprocess.Popen[bytes]
    ended: threading.Event = field(default_factory=threading.Event)
    asked: int = 0


class Dataproc:
    """One cluster.

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
        self._jobs: dict[str, _Submitted] = {}
        self._requests: dict[str, str] = {}
        self._lock = threading.Lock()

    def methods(self) -> dict[str, grpc.RpcMethodHandler]:
        """The service's methods."""
        return {
            "SubmitJob": method(self._submit, SubmitJobRequest, Job),
            "GetJob": method(self._get, GetJobRequest, Job),
            "CancelJob": method(self._cancel, CancelJobRequest, Job),
        }

    def stop(self) -> None:
        """Ends drivers that still run."""
        for submitted in self._jobs.values():
            if submitted.process.poll() is None:
                submitted.process.terminate()

    def _submit(self, request: Any, context: grpc.ServicerContext) -> Any:
        job = request.job
        if (request.project_id, request.region, job.placement.cluster_name) != self._place:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no such cluster: {job.placement.cluster_name}")
        with self._lock:
            known = self._requests.get(request.request_id)
            if request.request_id and known:
                return self._jobs[known].job
            job_id = job.reference.job_id
            if job_id in self._jobs:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, f"Already exists: Job {job_id}")
            job.driver_output_resource_uri = f"{self._output}/{job_id}/driveroutput"
            job.status = JobStatus(state=State.RUNNING)
            submitted = _Submitted(job, self._start(spark_submit_arguments(job)))
            self._jobs[job_id] = submitted
            self._requests[request.request_id] = job_id
        threading.Thread(target=self._follow, args=(submitted,), daemon=True).start()
        return job

    def _follow(self, submitted: _Submitted) -> None:
        output, _ = submitted.process.communicate()
        job, code = submitted.job, submitted.process.returncode
        self._keep(f"{job.driver_output_resource_uri}.000000000", output)
        if job.status.state == State.CANCEL_PENDING:
            job.status = JobStatus(state=State.CANCELLED)
        elif code == 0:
            job.status = JobStatus(state=State.DONE)
        else:
            job.status = JobStatus(state=State.ERROR, details=f"the driver ended with {code}")
        submitted.ended.set()

    def _find(self, request: Any, context: grpc.ServicerContext) -> _Submitted:
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
    needed them would pass here and fail there.
    """
    spark = job.pyspark_job
    listed = {"--py-files": spark.python_file_uris, "--jars": spark.jar_file_uris}
    options = [part for name, uris in listed.items() if uris for part in (name, ",".join(uris))]
    options += [part for name, value in spark.properties.items() for part in ("--conf", f"{name}={value}")]
    return [*options, spark.main_python_file_uri, *spark.args]
