"""Jobs that meet over one lake and one dataset, as real processes on the emulators; prints what came of it.

1. The daily run of the first day is held in the middle of its work (SIGSTOP). A retry of it, a rebuild, and a run over
   another lake into the same dataset start.
2. It goes on. Another rebuild starts beside it, waits for its lock, gets it, and is killed in the middle of its work.
3. The run of the second day starts before Dataproc knows of that death, and again when it does.

All files of sales lie in one folder, and a descriptor says that their names have the days.

Run by the emulators' Python. Arguments: the dev stack's plan, a folder, and a day of the sample for each of the days.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs")]

from google.cloud.dataproc_v1.types import Job  # noqa: E402

from rehearsal.__main__ import make_lake  # noqa: E402
from rehearsal.cloud import Cloud, cloud, interpreter  # noqa: E402
from rehearsal.compare import as_json, rehearsed  # noqa: E402
from rehearsal.dataproc import Submitted  # noqa: E402
from rehearsal.stack import Stack  # noqa: E402

SHORT_SLEEPS = "0.02"
"""So that a job which waits a minute for a lock waits a second."""

DEADLINE_SECONDS = 900
"""Jobs that take seconds take minutes on a machine with much else to do."""


DESCRIPTOR = {
    "resources": [
        {"name": "sales", "path": "sales_data/*.csv", "arrival": "*_{yyyy}-{MM}-{dd}.csv"},
        {"name": "products", "path": "reference_data/products.csv"},
        {"name": "stores", "path": "reference_data/stores.csv"},
    ]
}


def upload(cloud: Cloud, lake: Path, uri: str) -> None:
    """Uploads a lake with a descriptor: days are in the names of files, not of folders."""
    bucket, _, folder = uri.removeprefix("gs://").partition("/")
    objects = {f"reference_data/{path.name}": path.read_bytes() for path in (lake / "reference_data").iterdir()}
    for path in (lake / "sales_data").glob("dt=*/*.csv"):
        day = path.parent.name.removeprefix("dt=")
        objects[f"sales_data/{path.stem}_{day}.csv"] = path.read_bytes()
    objects["datapackage.json"] = json.dumps(DESCRIPTOR).encode()
    for name, content in objects.items():
        cloud.storage.bucket(bucket).blob(f"{folder}/{name}").upload_from_string(content)


@dataclass
class Meeting:
    """The jobs of a test and what they have in common."""

    stack: Stack
    cloud: Cloud
    lake: Path
    """The folder of the lake's objects."""
    jobs: dict[str, Submitted] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, patient: bool = True) -> Submitted:
        """Starts the job as the DAG or an operator does."""
        settings = self.stack.settings
        sleeps = {} if patient else {"REHEARSAL_SLEEPS": SHORT_SLEEPS}
        shared = {
            "--project-id": settings["PYSPARK_PROJECT_ID"],
            "--region": settings["REGION"],
            "--data-bucket": settings["DATA_BUCKET"],
            "--staging-bucket": settings["STAGING_BUCKET"],
            "--cloudsql-ip": settings["CLOUDSQL_IP"],
            "--database-name": settings["DATABASE_NAME"],
            "--database-user": settings["DATABASE_USER"],
            "--sql-password-secret": settings["SQL_PASSWORD_SECRET"],
            "--customer-key-secret": settings["CUSTOMER_KEY_SECRET"],
            "--bigquery-dataset": settings["BIGQUERY_DATASET"],
            "--environment": settings["ENVIRONMENT"],
            "--lake": settings["SALES_DATA_PATH"].removesuffix("/sales_data"),
        }
        job = Job(
            reference={"project_id": settings["PYSPARK_PROJECT_ID"], "job_id": name},
            pyspark_job={
                "main_python_file_uri": settings["PYSPARK_JOB_PATH"],
                "python_file_uris": [*settings["PYSPARK_PY_FILES"].split(","), settings["PYSPARK_DEPENDENCIES"]],
                "jar_file_uris": [settings["POSTGRES_JAR_PATH"]],
                "args": [*(part for pair in shared.items() for part in pair), *arguments],
            },
        )
        self.cloud.env.update(sleeps)
        started = self.jobs[name] = self.cloud.dataproc.start_job(job)
        for variable in sleeps:
            del self.cloud.env[variable]
        return started

    def output(self, job: Submitted) -> list[str]:
        """What an ended job printed."""
        job.process.wait(DEADLINE_SECONDS)
        prefix = f"{job.job.driver_output_resource_uri}.000000000".removeprefix("gs://")
        bucket, _, name = prefix.partition("/")
        blob = self.cloud.storage.bucket(bucket).blob(name)
        wait_until("output of a job", blob.exists)
        return blob.download_as_text().splitlines()

    def owner(self) -> str:
        """The job that has the lock; "" where none has."""
        try:
            return str(json.loads((self.lake / "processed/_lock").read_text())["job_id"])
        except (OSError, ValueError):
            return ""

    def works(self, name: str) -> bool:
        """Whether this job has the lock and writes lines."""
        marks = self.lake / "processed/_open"
        return self.owner() == name and marks.is_dir() and any(marks.iterdir())


def goes_on(job: Submitted) -> bool:
    return job.process.poll() is None


def wait_until(what: str, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def end_of(lines: list[str]) -> dict[str, Any]:
    """How a job ended: its status and its lines for people."""
    summary = next(json.loads(line) for line in reversed(lines) if line.startswith('{"status"'))
    errors = [line for line in lines if line.startswith("error: ")]
    return {
        "status": summary["status"],
        "rows_read": summary["rows_read"],
        "errors": errors,
        "traces": [line for line in lines if line.startswith("Traceback")],
    }


def meet(at: Meeting, days: list[dt.date]) -> dict[str, Any]:
    """Everything, in the order of the module's text."""
    result: dict[str, Any] = {}

    def interval(day: dt.date) -> list[str]:
        return ["--start-date", str(day), "--end-date", str(day + dt.timedelta(days=1)), "--run-id", f"daily-{day}"]

    first = at.start("first-1", *interval(days[0]))
    wait_until("the first run works", lambda: at.works("first-1") or not goes_on(first))
    if not goes_on(first):
        raise RuntimeError("\n".join(at.output(first)[-30:]))
    os.killpg(first.process.pid, signal.SIGSTOP)
    try:
        retry = at.start("first-2", *interval(days[0]), patient=False)
        beside = at.start("rebuild-1", "--rebuild", "--run-id", "rebuild-1", patient=False)
        elsewhere = at.start("other-lake", "--lake", f"gs://{at.stack.settings['DATA_BUCKET']}/sample_data")
        result["beside a run that lives"] = [end_of(at.output(retry)), end_of(at.output(beside))]
        result["from another lake"] = end_of(at.output(elsewhere))
    finally:
        os.killpg(first.process.pid, signal.SIGCONT)
    name, result["rebuilds refused meanwhile"] = "rebuild-2", []
    rebuild = at.start(name, "--rebuild", "--run-id", "rebuild-2")
    while not at.works(name):
        time.sleep(0.05)
        if not goes_on(rebuild):
            # On a slow machine the first run goes on for longer than a minute.
            result["rebuilds refused meanwhile"].append(end_of(at.output(rebuild)))
            name = f"{name}-again"
            rebuild = at.start(name, "--rebuild", "--run-id", "rebuild-2")
    os.killpg(rebuild.process.pid, signal.SIGSTOP)
    result["first"] = end_of(at.output(first))
    result["rebuild"] = name

    at.cloud.dataproc.learns.clear()
    os.killpg(rebuild.process.pid, signal.SIGKILL)
    rebuild.process.wait()
    # What Dataproc has not learned yet holds the jobs that ended after it too.
    early = at.start("second-1", *interval(days[1]), patient=False)
    early.process.wait(DEADLINE_SECONDS)
    result["the lock's owner then"] = at.owner()
    at.cloud.dataproc.learns.set()
    result["before its death is known"] = end_of(at.output(early))
    wait_until("Dataproc learns", lambda: rebuild.job.status.state.name == "ERROR")
    result["second"] = end_of(at.output(at.start("second-2", *interval(days[1]))))
    return result


def main(plan: str, target: str, *of_sample: str) -> None:
    stack, work = Stack(Path(plan)), Path(target)
    first = dt.date.fromisoformat(stack.settings["FIRST_DAY"])
    arrivals = {first + dt.timedelta(days=n): day for n, day in enumerate(of_sample)}
    make_lake(work / "lake", arrivals)
    with cloud(stack, work, interpreter("job")) as running:
        uri = stack.settings["SALES_DATA_PATH"].removesuffix("/sales_data")
        upload(running, work / "lake", uri)
        lake = work / "buckets" / uri.removeprefix("gs://")
        result = meet(Meeting(stack, running, lake), list(arrivals))
        dataset = f"{stack.settings['PYSPARK_PROJECT_ID']}.{stack.settings['BIGQUERY_DATASET']}"
        tables = rehearsed(dataset, running.bigquery)
        (work / "tables.json").write_text(as_json(tables))
        runs = running.bigquery.list_rows(running.bigquery.get_table(f"{dataset}.etl_runs"))
        result["runs"] = sorted([row["run_id"], row["status"]] for row in runs)
        result["left in the dataset"] = [
            table.table_id for table in running.bigquery.list_tables(dataset) if table.table_id.startswith("staged_")
        ]
        days = (lake / "processed").glob("transaction_date=*")
        stored = [{path.parent.name for path in day.glob("version=*/*.parquet")} for day in days]
        result["versions of a day"] = sorted({len(versions) for versions in stored})
        # Objects alone: the emulator keeps the folders of deleted ones.
        names = [str(path.relative_to(lake)) for path in (lake / "processed").rglob("*") if path.is_file()]
        result["left in the lake"] = sorted(name for name in names if re.search("/(_lock|_temporary|_open/|2)", name))
    print(json.dumps(result))


main(*sys.argv[1:])
