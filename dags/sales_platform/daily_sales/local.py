"""The tasks on one machine: a lake and a warehouse in folders, Spark and PostgreSQL started by the job itself."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator

from sales_platform.daily_sales import quality_gate as checks
from sales_platform.daily_sales.archive import archive_name, name_of_change
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused, require_done
from sales_platform.settings import LocalLakeSettings, LocalSettings
from sales_platform.shared.datasets import ARCHIVE, ARRIVALS, REFERENCE_DATA, TABLES
from sales_platform.shared.job_environment import job_python
from sales_platform.shared.run_parameters import Days, days_of, job_options, job_run_id

# DuckDB lives in the job's environment; Airflow's has other versions of what both need.
ASK = "import sys, duckdb; duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])"

STOP_SECONDS = 60
"""How long a job that is ended may take to stop Spark and PostgreSQL."""


def _arrivals(settings: LocalLakeSettings, days: Days) -> list[tuple[Path, Any]]:
    sales = Path(settings.local_lake, "sales_data")
    return [(file, day) for day in days.each() for file in sorted(sales.glob(f"dt={day}/*.csv*")) if file.is_file()]


def _wait_for_arrival(**context: Any) -> list[str]:
    settings, days = LocalLakeSettings.read(), days_of(context)
    found = [str(file) for file, _ in _arrivals(settings, days)]
    if not found:
        raise AirflowSkipException(f"nothing arrived: {settings.local_lake}/sales_data has no file for {days}")
    return found


def wait_for_arrival() -> PythonOperator:
    """Looks once: what is to arrive on one machine is there when the run is started."""
    return PythonOperator(task_id="wait_for_arrival", python_callable=_wait_for_arrival)


def _check_reference_data() -> None:
    for name in ("products.csv", "stores.csv"):
        path = Path(LocalLakeSettings.read().local_lake, "reference_data", name)
        if not path.is_file():
            raise JobRefused(f"reference_data/{name} is missing: put it there and run again", REFUSED)


def check_reference_data() -> PythonOperator:
    """Fails before Spark starts on what the job would refuse."""
    return PythonOperator(task_id="check_reference_data", python_callable=_check_reference_data)


class SalesJobOperator(BaseOperator):
    """Runs the job in its own Python environment; its log becomes the task's."""

    _process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> dict[str, Any]:
        """Returns the job's summary, or fails with the job's line."""
        settings, days = LocalLakeSettings.read(), days_of(context)
        command = [
            job_python(settings),
            str(Path(settings.local_project, "pyspark-jobs/sales_analytics_direct.py")),
            *("--lake", settings.local_lake, "--warehouse", settings.local_warehouse),
            *("--start", str(days.start), "--end", str(days.end)),
            *("--run-id", job_run_id(context["dag_run"])),
            *job_options(context),
        ]
        # A session of its own, so that killing the task reaches Spark and PostgreSQL too.
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        printed: list[str] = []
        reader = threading.Thread(target=printed.extend, args=(self._process.stdout,))
        reader.start()
        try:
            for line in self._process.stderr:
                printed.append(line)
                self.log.info("%s", line.rstrip())
            self._process.wait()
        finally:
            # Interrupted at a terminal, nobody else ends it.
            self.on_kill()
        reader.join()
        return require_done("".join(printed))

    def on_kill(self) -> None:
        """Ends the job, which cleans up after itself."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(STOP_SECONDS)


def run_sales_job() -> SalesJobOperator:
    """The job on this machine's Spark."""
    return SalesJobOperator(
        task_id="run_sales_job",
        execution_timeout=timedelta(hours=3),
        inlets=[ARRIVALS, REFERENCE_DATA],
        outlets=TABLES,
    )


def _ask(sql: str) -> None:
    settings = LocalSettings.read()
    database = str(Path(settings.local_warehouse, "warehouse.duckdb"))
    asked = subprocess.run([job_python(settings), "-c", ASK, database, sql], capture_output=True, text=True)
    if asked.returncode != 0:
        raise AirflowException(asked.stderr.strip().splitlines()[-1])


def quality_check(name: str) -> PythonOperator:
    """One condition on the published tables."""
    return PythonOperator(task_id=name, python_callable=_ask, op_args=[checks.statement(name)], retries=0)


def _refresh_dependents() -> None:
    settings = LocalSettings.read()
    script = Path(settings.local_project, "scripts/report.mjs")
    out = Path(settings.local_warehouse, "report.html")
    subprocess.run(
        [settings.local_node, str(script), "--warehouse", settings.local_warehouse, "--out", str(out)], check=True
    )


def refresh_dependents() -> PythonOperator:
    """Writes the report anew."""
    return PythonOperator(task_id="refresh_dependents", python_callable=_refresh_dependents)


def _archive_arrival(**context: Any) -> None:
    settings = LocalLakeSettings.read()
    for source, day in _arrivals(settings, days_of(context)):
        content = source.read_bytes()
        name = archive_name(day, source.name)
        target = Path(settings.local_warehouse, name)
        if target.exists() and target.read_bytes() != content:
            target = Path(settings.local_warehouse, name_of_change(name, hashlib.md5(content).hexdigest()))
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            # A copy that is cut off must not look like one.
            unfinished = target.with_name(f".{target.name}.unfinished")
            shutil.copyfile(source, unfinished)
            unfinished.replace(target)


def archive_arrival() -> PythonOperator:
    """Copies the arrival to the warehouse's archives."""
    return PythonOperator(
        task_id="archive_arrival", python_callable=_archive_arrival, inlets=[ARRIVALS], outlets=[ARCHIVE]
    )
