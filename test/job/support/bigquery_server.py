"""A BigQuery for tests of requests: the REST methods that the job calls, with answers that get lost.

It understands no SQL: a script with COMMIT counts as a publication, and a query of ``etl_runs`` answers how often its
attempt was published.
"""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Job = dict[str, Any]


@dataclass
class BigQueryServer:
    """What the server holds, and how it behaves."""

    url: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    """The ids of jobs that committed, once for each time."""
    tables: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    drop_answers_to: str = ""
    """Requests whose answer is lost after they were carried out, as a pattern; the connection is closed."""
    drops: int = 10**9
    """How many answers are lost."""
    fail_after_commit: str = ""
    fail_before_commit: str = ""
    """The error of a publication."""
    refuse_submits: int = 0
    """Status with which jobs are refused before they exist."""
    usage: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Bytes billed and slot milliseconds of jobs, by a text of their configuration; of any other job 0."""
    running: set[str] = field(default_factory=set)
    """Ids of jobs that have not ended; each question about one ends it."""

    def submit(self, body: Job) -> tuple[int, Any]:
        job_id = body["jobReference"]["jobId"]
        if self.refuse_submits:
            return self.refuse_submits, error(self.refuse_submits, "no")
        if job_id in self.jobs:
            return 409, error(409, f"Already Exists: Job {job_id}")
        job = self.jobs[job_id] = {**body, "status": {"state": "DONE"}, "statistics": self._statistics(body)}
        sql = body["configuration"].get("query", {}).get("query", "")
        if "COMMIT TRANSACTION" in sql:
            if not self.fail_before_commit:
                self.published.append(job_id)
            if message := self.fail_before_commit or self.fail_after_commit:
                job["status"]["errorResult"] = {"reason": "backendError", "message": message}
        return 200, job

    def _statistics(self, body: Job) -> Any:
        """As BigQuery writes them: numbers as texts, and no bytes billed of a load."""
        configuration = body["configuration"]
        texts = json.dumps(configuration)
        billed, slots = next((used for text, used in self.usage.items() if text in texts), (0, 0))
        query = {"query": {"totalBytesBilled": str(billed)}} if "query" in configuration else {"load": {}}
        return {"totalSlotMs": str(slots), **query}

    def job(self, job_id: str) -> tuple[int, Any]:
        if job_id not in self.jobs:
            return 404, error(404, f"Not found: Job {job_id}")
        if job_id in self.running:
            self.running.discard(job_id)
            return 200, {**self.jobs[job_id], "status": {"state": "RUNNING"}}
        return 200, self.jobs[job_id]

    def results(self, job_id: str) -> tuple[int, Any]:
        status, job = self.job(job_id)
        if status != 200:
            return status, job
        if failed := job["status"].get("errorResult"):
            return 400, error(400, failed["message"])
        sql = job["configuration"].get("query", {}).get("query", "")
        rows = [[str(len(self.published))]] if sql.startswith("SELECT COUNT(*)") else []
        return 200, {
            "jobComplete": True,
            "schema": {"fields": [{"name": "n", "type": "INTEGER"}]},
            "rows": [{"f": [{"v": value} for value in row]} for row in rows],
        }

    def answer(self, method: str, path: str, data: bytes) -> tuple[int, Any]:
        found = re.search(r"/(jobs|queries|tables)(?:/([\w-]+))?$", path)
        assert found, path
        kind, name = found.groups()
        if path.startswith("/upload/"):
            # Between the headers of the first part and the next boundary.
            return self.submit(json.loads(re.split(rb"\r\n\r\n|\r\n--", data)[1]))
        if kind == "tables" and method == "POST":
            self.tables.add(json.loads(data)["tableReference"]["tableId"])
            return 200, {}
        if kind == "tables" and method == "DELETE":
            self.tables.discard(name)
            return 204, None
        if kind == "jobs" and method == "POST":
            return self.submit(json.loads(data))
        return self.job(name) if kind == "jobs" else self.results(name)


def error(code: int, message: str) -> Any:
    return {"error": {"code": code, "message": message}}


class _Handler(http.server.BaseHTTPRequestHandler):
    server_state: BigQueryServer

    def _answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        state = self.server_state
        request = f"{self.command} {path}"
        state.requests.append(request)
        status, body = state.answer(self.command, path, data)
        if state.drop_answers_to and state.drops and re.search(state.drop_answers_to, request):
            state.drops -= 1
            self.close_connection = True
            return
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = do_PATCH = _answer

    def log_message(self, *_: Any) -> None:
        """Stays silent."""


@contextmanager
def serving() -> Iterator[BigQueryServer]:
    """Runs the server."""
    state = BigQueryServer()
    handler = type("Handler", (_Handler,), {"server_state": state})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield state
        server.shutdown()
