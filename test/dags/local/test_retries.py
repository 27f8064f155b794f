"""Airflow's own retries and backfill around the real job: only the pauses are shorter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sandbox import HEADER, JOB_PYTHON, ROOT, Sandbox, job_environment

ENVIRONMENT = """
import { airflowEnvironment, prepareAirflow } from "./scripts/local/airflow.mjs";
const env = airflowEnvironment(...process.argv.slice(1));
await prepareAirflow(env);
console.log(JSON.stringify(env));
"""

RUN = """
import json, os, signal, sys
from datetime import timedelta
import pendulum
from airflow.listeners import hookimpl
from airflow.listeners.listener import get_listener_manager
from airflow.models.dagbag import DagBag
from airflow.www.extensions.init_auth_manager import get_auth_manager_cls

get_auth_manager_cls()
date, holder = sys.argv[1], int(sys.argv[2])

class Release:
    @hookimpl
    def on_task_instance_failed(self, task_instance):
        if holder:
            os.kill(holder, signal.SIGTERM)

get_listener_manager().add_listener(Release())
dag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], include_examples=False).dags["sales_analytics_etl"]
for task in dag.tasks:
    task.retry_delay = task.max_retry_delay = timedelta(seconds=1)
run = dag.test(execution_date=pendulum.parse(date, tz="UTC"))
print(json.dumps({task.task_id: [task.state, task.try_number] for task in run.get_task_instances()}))
"""

HOLD = """
import pathlib, sys, time
from sales_job.targets import local
with local.locked(pathlib.Path(sys.argv[1])):
    print(flush=True)
    time.sleep(600)
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A lake of three days, the last with a line that belongs to the first, and a fourth day that is refused."""
    made = Sandbox(tmp_path).fill()
    made.write("sales_data/dt=2026-03-04/day.csv", f"{HEADER}\nA1,P1,S1,1,2.00,2026-03-04,C1\n")
    made.write(
        "sales_data/dt=2026-03-05/day.csv",
        f"{HEADER}\nB1,P2,S1,2,5.00,2026-03-05,C2\nB2,P1,S1,1,2.00,2026-03-03,C2\n",
    )
    made.write("sales_data/dt=2026-03-06/cut.csv", HEADER.replace(",quantity", "") + "\n")
    return made


@pytest.fixture
def airflow(sandbox: Sandbox) -> dict[str, str]:
    """The environment of an Airflow that never ran."""
    command = ["node", "--input-type=module", "-e", ENVIRONMENT, str(sandbox.warehouse), str(sandbox.lake)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    environment: dict[str, str] = json.loads(printed.splitlines()[-1])
    return environment


def run(airflow: dict[str, str], date: str, holder: int = 0) -> dict[str, Any]:
    """Runs the daily DAG; returns state and attempts of each task, and ends the process ``holder`` at a failure."""
    command = [sys.executable, "-W", "ignore", "-c", RUN, date, str(holder)]
    done = subprocess.run(command, capture_output=True, text=True, env=airflow)
    assert done.returncode == 0, done.stderr[-3000:]
    tasks: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return tasks


def test_a_failure_that_passes_is_tried_again(sandbox: Sandbox, airflow: dict[str, str]) -> None:
    """Another run holds the warehouse and ends when ours has failed once."""
    holder = subprocess.Popen(
        [JOB_PYTHON, "-c", HOLD, str(sandbox.warehouse)],
        stdout=subprocess.PIPE,
        env=job_environment(),
    )
    assert holder.stdout
    holder.stdout.readline()
    try:
        tasks = run(airflow, "2026-03-05", holder.pid)
    finally:
        holder.kill()
        holder.communicate()
    assert tasks["run_sales_job"] == ["success", 2]
    assert {state for state, _ in tasks.values()} == {"success"}
    assert [(line["status"], line["days"]) for line in sandbox.notifications()] == [("done", "2026-03-04")]


def test_refused_input_is_not(sandbox: Sandbox, airflow: dict[str, str]) -> None:
    tasks = run(airflow, "2026-03-07")
    # Three retries were left.
    assert tasks["run_sales_job"] == ["failed", 1]
    assert tasks["notify"][0] == "upstream_failed"
    ((status, task),) = [(line["status"], line["task"]) for line in sandbox.notifications()]
    assert (status, task) == ("failed", "run_sales_job")


def test_a_backfill_of_three_days_ends_as_one_run_over_all(
    sandbox: Sandbox, airflow: dict[str, str], tmp_path: Path
) -> None:
    options = ["--start-date", "2026-03-03", "--end-date", "2026-03-05", "--yes"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "airflow", "dags", "backfill", *options, "sales_analytics_etl"],
        capture_output=True,
        text=True,
        # Tasks in Airflow's process, one after the other.
        env={**airflow, "AIRFLOW__CORE__EXECUTOR": "DebugExecutor"},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    sent = sandbox.notifications()
    assert {line["run_id"].partition("__")[0] for line in sent} == {"backfill"}
    assert [line["days"] for line in sent] == ["2026-03-03", "2026-03-04", "2026-03-05"]
    whole = Sandbox(tmp_path / "whole")
    job = [JOB_PYTHON, str(ROOT / "pyspark-jobs/sales_analytics_direct.py"), "--lake", str(sandbox.lake)]
    interval = ["--start", "2026-03-03", "--end", "2026-03-06"]
    subprocess.run([*job, "--warehouse", str(whole.warehouse), *interval], check=True, capture_output=True, env=airflow)
    assert sandbox.tables() == whole.tables()
    # 51.00 of the day itself, 2.00 late; 2.00 of the day before; then 2.00 and 10.00.
    revenue = [[row[0], row[4]] for row in sandbox.tables()["daily_sales_summary"]]
    assert revenue == [
        ["2026-03-02", "2.000000000"],
        ["2026-03-03", "53.000000000"],
        ["2026-03-04", "2.000000000"],
        ["2026-03-05", "10.000000000"],
    ]
