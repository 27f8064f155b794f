"""The part of BigQuery's REST API that the job needs: tables, queries and loads of rows.

A query or load is a job with an id that is chosen here, and is submitted once at most: the request may be repeated, but
BigQuery never runs two jobs of one id. No job is submitted again because it failed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sales_job.base.google_api import TRANSIENT, ApiError, GoogleApi, related_parts

ENDPOINT = "https://bigquery.googleapis.com"
LONG_POLL_MS = 20_000
POLL_SECONDS = 0.3
PAGE_ROWS = 50_000

Field = dict[str, Any]
"""A column as the API writes it: name, type, mode and description."""


class Parameter(NamedTuple):
    """A named query parameter; the value of an ``ARRAY<...>`` is a list."""

    name: str
    type: str
    value: Any


class Usage(NamedTuple):
    """What the jobs of one client have used. BigQuery bills bytes of queries, or their slots where these are reserved;
    loads are free.
    """

    bytes_billed: int
    slot_ms: int


class JobFailed(Exception):
    """A job ended with an error; its message is BigQuery's."""


class JobRefused(JobFailed):
    """A job was refused before it existed."""


class BigQueryApi:
    """One project's BigQuery, jobs in one location."""

    def __init__(self, google: GoogleApi, project: str, location: str) -> None:
        self.project = project
        self._google, self._location = google, location
        # Google's own client has this variable too.
        self._root = os.environ.get("BIGQUERY_EMULATOR_HOST", ENDPOINT)
        self._url = f"{self._root}/bigquery/v2/projects/{project}"
        self._used: dict[str, Usage] = {}
        """By the ids of the jobs that this client has submitted."""

    def usage(self) -> Usage:
        """What the jobs of this client that have ended used, whether they failed or not. A script has the sums of its
        statements: https://cloud.google.com/bigquery/docs/information-schema-jobs.
        """
        used = list(self._used.values())
        return Usage(sum(job.bytes_billed for job in used), sum(job.slot_ms for job in used))

    def _table_url(self, name: str) -> str:
        project, dataset, table = name.split(".")
        return f"{self._root}/bigquery/v2/projects/{project}/datasets/{dataset}/tables/{table}"

    def labels(self, dataset: str) -> dict[str, str]:
        """The labels of a dataset (``project.dataset``); none where it does not exist."""
        project, _, name = dataset.partition(".")
        try:
            found = self._google.call("GET", f"{self._root}/bigquery/v2/projects/{project}/datasets/{name}")
        except ApiError as error:
            if error.status == 404:
                return {}
            raise
        labels: dict[str, str] = found.get("labels", {})
        return labels

    def fields(self, name: str) -> list[Field] | None:
        """The columns of a table (``project.dataset.table``); None where it does not exist."""
        try:
            table = self._google.call("GET", self._table_url(name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return list(table["schema"]["fields"])

    def create_table(self, name: str, fields: Sequence[Field], expires: dt.datetime | None = None) -> None:
        """Creates a table, unless it exists.

        Args:
            expires: when BigQuery deletes it by itself; None: never.
        """
        project, dataset, table = name.split(".")
        body: dict[str, Any] = {
            "tableReference": {"projectId": project, "datasetId": dataset, "tableId": table},
            "schema": {"fields": list(fields)},
        }
        if expires is not None:
            body["expirationTime"] = str(int(expires.timestamp() * 1000))
        try:
            self._google.call("POST", self._table_url(name).rsplit("/", 1)[0], body)
        except ApiError as error:
            if error.status != 409:
                raise

    def set_fields(self, name: str, fields: Sequence[Field]) -> None:
        """Replaces the columns of a table; BigQuery accepts new ones, and NULLABLE instead of REQUIRED."""
        self._google.call("PATCH", self._table_url(name), {"schema": {"fields": list(fields)}})

    def delete_table(self, name: str) -> None:
        """Deletes a table, if it exists."""
        try:
            self._google.call("DELETE", self._table_url(name))
        except ApiError as error:
            if error.status != 404:
                raise

    def query(self, sql: str, parameters: Iterable[Parameter] = (), job_id: str | None = None) -> list[tuple[Any, ...]]:
        """Runs a statement or a script and returns the rows of its last statement.

        Args:
            job_id: the id of the job; a job that exists is waited for, not run again. None: a new id.

        Raises:
            JobFailed: the query failed.
            ApiError: BigQuery refused the request, or could not be reached.
        """
        named = [_parameter(parameter) for parameter in parameters]
        config: dict[str, Any] = {"query": sql, "useLegacySql": False}
        if named:
            config.update(parameterMode="NAMED", queryParameters=named)
        job = self._submit({"query": config}, job_id or new_job_id())
        return self._results(job)

    def load(self, table: str, fields: Sequence[Field], rows: Iterable[Mapping[str, Any]]) -> None:
        """Replaces the contents of a table.

        Raises:
            JobFailed: a row does not fit the columns.
        """
        project, dataset, name = table.split(".")
        config = {
            "destinationTable": {"projectId": project, "datasetId": dataset, "tableId": name},
            "schema": {"fields": list(fields)},
            "sourceFormat": "NEWLINE_DELIMITED_JSON",
            "writeDisposition": "WRITE_TRUNCATE",
        }
        job_id = new_job_id()
        described = json.dumps(self._job({"load": config}, job_id)).encode()
        lines = "\n".join(json.dumps(row, default=str) for row in rows).encode()
        body, content_type = related_parts(("application/json", described), ("application/octet-stream", lines))
        url = f"{self._root}/upload/bigquery/v2/projects/{self.project}/jobs"
        upload = {"uploadType": "multipart"}
        self.wait(self._submit_once(job_id, lambda: self._google.send("POST", url, body, content_type, upload)))

    def claim(self, job_id: str) -> bool:
        """Takes a job id with a job that does nothing; False where a job has the id already."""
        try:
            self._google.call("POST", f"{self._url}/jobs", self._job({"query": _NOTHING}, job_id))
        except ApiError as error:
            if error.status == 409:
                return False
            raise
        return True

    def wait(self, job_id: str) -> None:
        """Waits until a job has ended.

        Raises:
            JobFailed: it failed.
        """
        while (job := self._get(job_id))["status"]["state"] != "DONE":
            time.sleep(POLL_SECONDS)
        if job_id in self._used:
            self._used[job_id] = _usage(job.get("statistics", {}))
        if error := job["status"].get("errorResult"):
            raise JobFailed(error.get("message", "no reason given"))

    def _get(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self._google.call("GET", f"{self._url}/jobs/{job_id}", query={"location": self._location})
        return job

    def _status(self, job_id: str) -> dict[str, Any]:
        status: dict[str, Any] = self._get(job_id)["status"]
        return status

    def _job(self, configuration: dict[str, Any], job_id: str) -> dict[str, Any]:
        reference = {"projectId": self.project, "jobId": job_id, "location": self._location}
        return {"jobReference": reference, "configuration": configuration}

    def _submit(self, configuration: dict[str, Any], job_id: str) -> str:
        body = self._job(configuration, job_id)
        return self._submit_once(job_id, lambda: self._google.call("POST", f"{self._url}/jobs", body))

    def _submit_once(self, job_id: str, submit: Callable[[], Any]) -> str:
        self._used[job_id] = Usage(0, 0)
        try:
            return str(submit()["jobReference"]["jobId"])
        except ApiError as error:
            if error.status in {0, *TRANSIENT}:
                raise
            # The answer to an earlier request may be lost: what counts is whether the job exists.
            if error.status != 409 and not self._exists(job_id):
                raise JobRefused(str(error)) from error
            return job_id

    def _exists(self, job_id: str) -> bool:
        try:
            self._status(job_id)
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def _results(self, job_id: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        query: dict[str, str | int] = {"location": self._location, "timeoutMs": LONG_POLL_MS, "maxResults": PAGE_ROWS}
        while True:
            try:
                page = self._google.call("GET", f"{self._url}/queries/{job_id}", query=query)
            except ApiError as error:
                # The API answers for a failed query with the query's own error.
                if error.status == 0 or self._status(job_id)["state"] != "DONE":
                    raise
                self.wait(job_id)
                raise
            if not page.get("jobComplete"):
                continue
            types = [field["type"] for field in page.get("schema", {}).get("fields", ())]
            rows += [_row(types, row) for row in page.get("rows", ())]
            if not page.get("pageToken"):
                break
            query["pageToken"] = page["pageToken"]
        self.wait(job_id)
        return rows


_NOTHING = {"query": "SELECT 1", "useLegacySql": False}


def _usage(statistics: Mapping[str, Any]) -> Usage:
    """Of a job's statistics, whose numbers are texts: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job."""
    billed = statistics.get("query", {}).get("totalBytesBilled", 0)
    return Usage(int(billed), int(statistics.get("totalSlotMs", 0)))


def new_job_id() -> str:
    """A job id that no other job has."""
    return f"sales_job_{secrets.token_hex(12)}"


def _row(types: Sequence[str], row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        None if cell["v"] is None else PARSERS.get(kind, str)(cell["v"])
        for kind, cell in zip(types, row["f"], strict=True)
    )


PARSERS: dict[str, Callable[[str], Any]] = {
    "INTEGER": int,
    "INT64": int,
    "NUMERIC": Decimal,
    "FLOAT": float,
    "FLOAT64": float,
    "BOOLEAN": lambda text: text == "true",
    "BOOL": lambda text: text == "true",
    "DATE": dt.date.fromisoformat,
}
"""How a value is read from the text of an answer, by type; values of other types stay texts."""


def _parameter(parameter: Parameter) -> dict[str, Any]:
    kind, value = parameter.type, parameter.value
    if kind.startswith("ARRAY<"):
        element = {"type": kind.removeprefix("ARRAY<").removesuffix(">")}
        return {
            "name": parameter.name,
            "parameterType": {"type": "ARRAY", "arrayType": element},
            "parameterValue": {"arrayValues": [{"value": _text(one)} for one in value]},
        }
    return {"name": parameter.name, "parameterType": {"type": kind}, "parameterValue": {"value": _text(value)}}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
    return str(value)
