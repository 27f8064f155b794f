"""The rehearsal: runs the daily DAG on the cloud path, day by day, and a local run of the same days beside it.

Arguments: the dev stack's ``cdk.tf.json``, a folder for everything that is written, and the days of the sample that
arrive on the first days of the stack's schedule.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from rehearsal.cloud import CUSTOMER_KEY, ROOT, Cloud, cloud, interpreter
from rehearsal.compare import as_json, differences, own_tables, rehearsed
from rehearsal.processes import RehearsalError, stop
from rehearsal.report_page import figures, local_page
from rehearsal.stack import Stack

SAMPLE = ROOT / "sample_data"
DAG = "sales_analytics_etl"
LOCAL_ONLY = "LOCAL_"


def _split(uri: str) -> tuple[str, str]:
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name


def make_lake(lake: Path, arrivals: dict[dt.date, str]) -> None:
    """Writes a lake with the sample's reference data; its days ``arrivals`` bring the sales of days of the sample."""
    shutil.copytree(SAMPLE / "reference_data", lake / "reference_data")
    for day, of_sample in arrivals.items():
        shutil.copytree(SAMPLE / f"sales_data/dt={of_sample}", lake / f"sales_data/dt={day}")


def upload(stack: Stack, cloud: Cloud, lake: Path) -> None:
    """Uploads the arrivals and the reference data to where the settings expect them."""

    def put(file: Path, uri: str) -> None:
        bucket, name = _split(uri)
        cloud.storage.bucket(bucket).blob(name).upload_from_filename(str(file))

    for file in sorted((lake / "sales_data").glob("*/*")):
        put(file, f"{stack.settings['SALES_DATA_PATH']}/{file.parent.name}/{file.name}")
    for name in ("products", "stores"):
        put(lake / f"reference_data/{name}.csv", stack.settings[f"{name.upper()}_DATA_PATH"])


def _airflow(stack: Stack, cloud: Cloud, folder: Path) -> dict[str, str]:
    """The environment of an Airflow that has Composer's variables, the shipped DAGs and the emulators' addresses."""
    local = (LOCAL_ONLY, "PYTHONPATH")
    env = {name: value for name, value in os.environ.items() if not name.startswith(local)}
    # The DAG starts and stops the database as the operator account, whose tokens a rehearsal does not emulate.
    settings = {name: value for name, value in stack.settings.items() if name != "OFFICE_HOURS"}
    here = {
        "LOCAL_WAREHOUSE": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(stack.write_dags(folder / "composer")),
        # The DAG files load beside a local run, on as few cores as there are.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "300",
    }
    return {**env, **settings, **cloud.env, **here}


def _run_dag(env: dict[str, str], day: dt.date) -> None:
    # Airflow runs a day when it is over, at the hour of the schedule.
    date = f"{day + dt.timedelta(days=1)}T{int(env['RUN_HOUR']):02}:00:00"
    command = [interpreter("airflow"), str(ROOT / "scripts/local/run_dag.py"), DAG, date, "{}"]
    if subprocess.run(command, env=env).returncode != 0:
        raise RehearsalError(f"the DAG failed for {day}: see above")


def _local_run(lake: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Starts the job on the whole lake at once."""
    (folder / "local").mkdir()
    (folder / "local/customer_key").write_text(CUSTOMER_KEY)
    script = str(ROOT / "pyspark-jobs/sales_analytics_direct.py")
    command = [interpreter("job"), script, "--lake", str(lake), "--warehouse", str(folder / "local")]
    env = {**os.environ, "PYSPARK_PYTHON": interpreter("job")}
    with (folder / "local.log").open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, env=env)


def _compare(stack: Stack, cloud: Cloud, work: Path) -> dict[str, int]:
    dataset = f"{stack.settings['PYSPARK_PROJECT_ID']}.{stack.settings['BIGQUERY_DATASET']}"
    tables = rehearsed(dataset, cloud.bigquery)
    (work / "tables.json").write_text(as_json(tables))
    (work / "own_tables.json").write_text(json.dumps(own_tables(dataset, cloud.bigquery)))
    if lines := differences(tables, work / "local/warehouse.duckdb"):
        raise RehearsalError("the tables differ:\n" + "\n".join(lines))
    template = (ROOT / "dist/report_template.html").read_text(encoding="utf-8")
    blob = cloud.storage.bucket(stack.settings["REPORT_BUCKET"]).get_blob("report.html")
    if blob is None or not blob.content_type.startswith("text/html"):
        raise RehearsalError("the DAG wrote no report that a browser shows")
    (work / "report.html").write_bytes(blob.download_as_bytes())
    page = (work / "report.html").read_text(encoding="utf-8")
    if figures(page, template) != figures(local_page(ROOT, interpreter("job"), work / "local"), template):
        raise RehearsalError(f"the reports differ: {work / 'report.html'}, {work / 'local/report.html'}")
    return {table: len(rows) for table, rows in tables.items()}


def rehearse(plan: Path, folder: Path, of_sample: list[str]) -> dict[str, object]:
    """Runs everything; returns the summary for the last line of output.

    Raises:
        RehearsalError: a part failed, or the tables differ.
    """
    started = time.monotonic()
    stack = Stack(plan)
    # The schedule has no earlier day.
    first = dt.date.fromisoformat(stack.settings["FIRST_DAY"])
    arrivals = {first + dt.timedelta(days=n): day for n, day in enumerate(of_sample)}
    work = folder / "run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    make_lake(work / "lake", arrivals)
    print(f"rehearsal: settings of {plan.relative_to(ROOT)}; logs in {work.relative_to(ROOT)}", flush=True)
    beside = _local_run(work / "lake", work)
    try:
        with cloud(stack, work, interpreter("job")) as running:
            upload(stack, running, work / "lake")
            env = _airflow(stack, running, work)
            for day, sample in arrivals.items():
                print(f"rehearsal: {DAG}, {day} (the sample's {sample})", flush=True)
                _run_dag(env, day)
                # The next run finds it broken, and makes it again.
                running.dataproc.break_cluster()
            if beside.wait() != 0:
                raise RehearsalError(f"the local run failed: see {work / 'local.log'}")
            rows = _compare(stack, running, work)
            if running.refused:
                beyond = sorted(set(running.refused))
                raise RehearsalError(f"the run contacted hosts that a rehearsal does not emulate: {beyond}")
            made_again = ["delete", "create", "stop"]
            if running.dataproc.changes != ["start", "stop"] + made_again * (len(arrivals) - 1):
                raise RehearsalError(f"the cluster was not up for each run alone: {running.dataproc.changes}")
    finally:
        stop(beside)
    seconds = round(time.monotonic() - started, 1)
    return {"status": "equal", "days": [str(day) for day in arrivals], "rows": rows, "seconds": seconds}


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def main(plan: str, target: str, *of_sample: str) -> int:
    """Rehearses, one at a time in a folder; the last line of standard output is one line of JSON."""
    signal.signal(signal.SIGTERM, _end)
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            summary = rehearse(Path(plan), folder, list(of_sample))
        except BlockingIOError:
            print(f"error: another rehearsal runs in {folder}: wait for it", file=sys.stderr)
            return 1
        except (RehearsalError, ValueError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print(json.dumps(summary), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
