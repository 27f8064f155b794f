"""The daily DAG on one machine: lake and warehouse are folders, the job starts Spark and PostgreSQL itself."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator

from sales_job.lake.arrival_names import is_sales_file
from sales_platform.daily_sales.archive import archive_name, name_of_change
from sales_platform.daily_sales.backend import Backend
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused
from sales_platform.daily_sales.local_operator import LocalSalesJobOperator
from sales_platform.settings import LocalSettings
from sales_platform.shared.datasets import ARRIVALS, REFERENCE_DATA, TABLES
from sales_platform.shared.job_environment import job_python
from sales_platform.shared.run_parameters import Days, days_of

# DuckDB is a package of the job's environment; Airflow's has other versions of what both need.
QUERY = "import sys, duckdb; duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])"


class LocalBackend(Backend):
    """The tasks of one lake and one warehouse."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._warehouse = Path(settings.local_warehouse)

    def _arrivals(self, days: Days) -> list[tuple[Path, dt.date]]:
        sales = Path(self._settings.lake, "sales_data")
        return [
            (file, day)
            for day in days.each()
            for file in sorted(sales.glob(f"dt={day}/*"))
            if file.is_file() and is_sales_file(file.name)
        ]

    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Looks once: on one machine the files are there when the run is started."""
        return PythonOperator(task_id=task_id, python_callable=self._find_arrivals)

    def _find_arrivals(self, **context: Any) -> list[str]:
        days = days_of(context)
        found = [str(file) for file, _ in self._arrivals(days)]
        if not found:
            raise AirflowSkipException(
                f"nothing arrived: {self._settings.lake}/sales_data has no sales file for {days}"
            )
        return found

    def check_reference_data(self) -> None:
        """Fails if one of the two files is missing."""
        for name in ("products.csv", "stores.csv"):
            if not Path(self._settings.lake, "reference_data", name).is_file():
                raise JobRefused(f"reference_data/{name} is missing: put it there and run again", REFUSED)

    def job_operator(self, task_id: str) -> BaseOperator:
        """Runs the job with this machine's Spark."""
        return LocalSalesJobOperator(
            task_id=task_id,
            settings=self._settings,
            execution_timeout=dt.timedelta(hours=3),
            inlets=[ARRIVALS, REFERENCE_DATA],
            outlets=TABLES,
        )

    def check_operator(self, task_id: str, statement: str) -> BaseOperator:
        """Runs a statement in the warehouse's DuckDB file."""
        return PythonOperator(task_id=task_id, python_callable=self._query, op_args=[statement], retries=0)

    def _query(self, statement: str) -> None:
        database = str(self._warehouse / "warehouse.duckdb")
        command = [job_python(self._settings), "-c", QUERY, database, statement]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise AirflowException(done.stderr.strip().splitlines()[-1])

    def refresh_operator(self, task_id: str) -> BaseOperator:
        """Writes the report."""
        return PythonOperator(task_id=task_id, python_callable=self._write_report)

    def _write_report(self) -> None:
        script = str(Path(self._settings.local_project, "scripts/report.mjs"))
        out = str(self._warehouse / "report.html")
        command = [self._settings.local_node, script, "--warehouse", str(self._warehouse), "--out", out]
        subprocess.run(command, check=True)

    def archive_arrival(self, **context: Any) -> None:
        """Copies the files to the warehouse's archives."""
        for source, day in self._arrivals(days_of(context)):
            content = source.read_bytes()
            name = archive_name(day, source.name)
            target = self._warehouse / name
            if target.exists() and target.read_bytes() != content:
                target = self._warehouse / name_of_change(name, hashlib.md5(content).hexdigest())
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                # A copy that is cut off must not look complete.
                unfinished = target.with_name(f".{target.name}.unfinished")
                shutil.copyfile(source, unfinished)
                unfinished.replace(target)
