"""Dataproc, Cloud Storage and BigQuery, as far as the DAGs call them; google_server.py serves them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

Routes = list[tuple[str, Callable[..., Any]]]
REASONS = {400: "FAILED_PRECONDITION", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS"}


class Refused(Exception):
    """An error that the server answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Dataproc:
    """One cluster. It passes through the states of ``cluster_ways``, one at each look, and is gone after ``GONE``;
    ``changes`` are the requests to start, stop, delete or create it, or for the database, that were accepted.
    ``no_capacity`` is the error of a start or a creation.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cluster: dict[str, Any] = {"status": {"state": "RUNNING"}}
        self.cluster_ways: list[str] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self.changes: list[str] = []
        self.no_capacity: str | None = None

    def dataproc_routes(self) -> Routes:
        """Its methods."""
        return [
            (r"GET .*/clusters/[\w-]+", self._cluster),
            (r"DELETE .*/clusters/[\w-]+", self._delete_cluster),
            (r"POST .*/clusters", self._create_cluster),
            (r"POST .*/clusters/[\w-]+:start", self._start_cluster),
            (r"POST .*/clusters/[\w-]+:stop", self._stop_cluster),
            (r"POST .*/jobs/([\w-]+):cancel", self._cancel),
            (r"GET .*/jobs/([\w-]+)", self._job),
            (r"GET .*/jobs", self._jobs),
            (r"POST .*/jobs:submit", self._submit),
        ]

    @property
    def cluster_state(self) -> str:
        """The state of the cluster."""
        return str(self.cluster["status"]["state"])

    def _cluster(self, *_: Any) -> Any:
        if self.cluster_ways:
            self.cluster["status"]["state"] = self.cluster_ways.pop(0)
        if self.cluster_state == "GONE":
            raise Refused(404, "Not found: Cluster projects/p/regions/r/clusters/sales-dev-spark")
        return self.cluster

    def _delete_cluster(self, *_: Any) -> Any:
        self.changes.append("delete")
        self.cluster_ways = ["DELETING", "DELETING", "GONE"]
        return {"name": "operation"}

    def _create_cluster(self, _query: Any, body: Any) -> Any:
        if self.cluster_state != "GONE":
            raise Refused(409, "Already exists: Cluster projects/p/regions/r/clusters/sales-dev-spark")
        if self.no_capacity:
            raise Refused(400, self.no_capacity)
        self.changes.append("create")
        self.cluster = body | {"status": {"state": "CREATING"}}
        self.cluster_ways = ["CREATING", "RUNNING"]
        return {"name": "operation"}

    def _start_cluster(self, *_: Any) -> Any:
        if self.no_capacity:
            raise Refused(400, self.no_capacity)
        if self.cluster_state != "STOPPED":
            raise Refused(400, f"Cannot start cluster in state {self.cluster_state}.")
        self.changes.append("start")
        self.cluster_ways = ["STARTING", "STARTING", "RUNNING"]
        return {"name": "operation"}

    def _stop_cluster(self, *_: Any) -> Any:
        if self.cluster_state != "RUNNING":
            raise Refused(400, f"Cannot stop cluster in state {self.cluster_state}.")
        if self.cluster.get("config", {}).get("secondaryWorkerConfig", {}).get("numInstances"):
            raise Refused(400, "Cannot stop cluster with secondary workers.")
        # It stops whatever runs on it.
        for job in self._active():
            job["status"]["state"] = "ERROR"
        self.changes.append("stop")
        self.cluster_ways = ["STOPPING", "STOPPED"]
        return {"name": "operation"}

    def _active(self) -> list[dict[str, Any]]:
        return [job for job in self.jobs.values() if job["status"]["state"] not in ("DONE", "ERROR", "CANCELLED")]

    def _jobs(self, query: Any, _body: Any) -> Any:
        assert query["clusterName"], query
        # The matcher is ACTIVE, by name or by number.
        assert query["jobStateMatcher"] in (["ACTIVE"], ["1"]), query
        return {"jobs": self._active()}

    def _job(self, name: str, _query: Any, _body: Any) -> Any:
        if name not in self.jobs:
            raise Refused(404, f"Not found: Job projects/p/regions/r/jobs/{name}")
        return self.jobs[name]

    def _cancel(self, name: str, *_: Any) -> Any:
        self.changes.append(f"cancel {name}")
        self.jobs[name]["status"]["state"] = "CANCEL_PENDING"
        return self.jobs[name]

    def _submit(self, _query: Any, body: Any) -> Any:
        job: dict[str, Any] = body["job"]
        name = job["reference"]["jobId"]
        if self.cluster_state != "RUNNING":
            raise Refused(400, f"Cluster is not running: {self.cluster_state}.")
        if name in self.jobs:
            raise Refused(409, f"Already exists: Job {name}")
        self.jobs[name] = job | {"status": {"state": "PENDING"}}
        return self.jobs[name]


class Storage:
    """Buckets; ``objects`` by bucket and name."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, dict[str, Any]] = {}

    def storage_routes(self) -> Routes:
        """Its methods."""
        return [
            (r"GET /storage/v1/b/([\w-]+)/o", self._list_objects),
            (r"POST /upload/storage/v1/b/([\w-]+)/o", self._upload),
            (r"GET /storage/v1/b/([\w-]+)/o/(.+)", self._object),
            (r"GET /download/storage/v1/b/([\w-]+)/o/(.+)", self._download),
            (r"POST /storage/v1/b/([\w-]+)/o/(.+)/rewriteTo/b/([\w-]+)/o/(.+)", self._rewrite),
        ]

    def put(self, uri: str, content: bytes = b"", **more: Any) -> None:
        """Stores an object; ``more`` are fields of its resource."""
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        resource = {
            "bucket": bucket,
            "name": name,
            "size": str(len(content)),
            "generation": str(len(self.objects) + 1),
            # Any checksum serves; the real one is 4 bytes too.
            "crc32c": base64.b64encode(hashlib.md5(content).digest()[:4]).decode(),
        }
        self.objects[f"{bucket}/{name}"] = resource | more | {"content": content}

    @staticmethod
    def _shown(item: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in item.items() if name != "content"}

    def _found(self, bucket: str, name: str) -> dict[str, Any]:
        if f"{bucket}/{name}" not in self.objects:
            raise Refused(404, f"No such object: {bucket}/{name}")
        return self.objects[f"{bucket}/{name}"]

    def _list_objects(self, bucket: str, query: Any, _body: Any) -> Any:
        start = f"{bucket}/{query.get('prefix', [''])[0]}"
        return {"items": [self._shown(item) for name, item in sorted(self.objects.items()) if name.startswith(start)]}

    def _object(self, bucket: str, name: str, _query: Any, _body: Any) -> Any:
        return self._shown(self._found(bucket, name))

    def _download(self, bucket: str, name: str, _query: Any, _body: Any) -> Any:
        return self._found(bucket, name)["content"]

    def _upload(self, bucket: str, _query: Any, body: bytes) -> Any:
        """A multipart upload: the resource as JSON, then the content."""
        boundary = body[: body.index(b"\r\n")]
        metadata, content = (part.split(b"\r\n\r\n", 1) for part in body.split(boundary)[1:3])
        resource = json.loads(metadata[1])
        name = resource.pop("name")
        declared = content[0].decode().strip().removeprefix("content-type: ")
        self.put(f"gs://{bucket}/{name}", content[1].removesuffix(b"\r\n"), contentType=declared, **resource)
        return self._object(bucket, name, None, None)

    def _rewrite(self, bucket: str, name: str, to: str, new: str, query: Any, _body: Any) -> Any:
        source = self._found(bucket, name)
        if query.get("ifSourceGenerationMatch", [source["generation"]]) != [source["generation"]]:
            raise Refused(412, "At least one of the pre-conditions you specified did not hold.")
        self.put(f"gs://{to}/{new}", source["content"])
        done = {"done": True, "totalBytesRewritten": source["size"], "objectSize": source["size"]}
        return done | {"resource": self._object(to, new, None, None)}


class BigQuery:
    """Queries that end at once, with ``query_error`` if there is one, else with ``query_rows``, or with the rows of the
    first of ``answers`` whose key is in their text, as columns and rows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.queries: dict[str, dict[str, Any]] = {}
        self.query_error: dict[str, str] | None = None
        self.query_types: dict[str, str] = {}
        """Types of the result's columns."""
        self.query_rows: list[dict[str, str]] = []
        self.answers: dict[str, tuple[dict[str, str], list[list[str | None]]]] = {}

    def bigquery_routes(self) -> Routes:
        """Its methods."""
        return [
            (r"POST /bigquery/v2/projects/[\w-]+/jobs", self._query),
            (r"GET /bigquery/v2/projects/[\w-]+/(?:jobs|queries)/([\w-]+)", self._query_job),
        ]

    def _query(self, _query: Any, body: Any) -> Any:
        job: dict[str, Any] = body | {"status": {"state": "DONE"}, "statistics": {"query": {}}}
        if self.query_error:
            job["status"] |= {"errorResult": self.query_error, "errors": [self.query_error]}
        self.queries[job["jobReference"]["jobId"]] = job
        return job

    def _query_job(self, name: str, _query: Any, _body: Any) -> Any:
        job = self.queries[name]
        if "query" not in job["configuration"]:
            return job
        asked = job["configuration"]["query"]["query"]
        others = (self.query_types, [[row[column] for column in self.query_types] for row in self.query_rows])
        columns, rows = next((answer for part, answer in self.answers.items() if part in asked), others)
        fields = [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in columns.items()]
        found = [{"f": [{"v": value} for value in row]} for row in rows]
        return job | {"jobComplete": True, "totalRows": str(len(rows)), "schema": {"fields": fields}, "rows": found}
