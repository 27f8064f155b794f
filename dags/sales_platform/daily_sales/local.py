"""The daily DAG on one machine: lake and warehouse are folders, the job starts Spark and PostgreSQL itself."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator

from sales_job.lake.arrival_names import is_sales_file
from sales_platform.arrivals.archive import ArrivedFile, archive_folder
from sales_platform.daily_sales.backend import JOB_OPTIONS, Backend
from sales_platform.daily_sales.job_outcome import REFUSED, JobRefused
from sales_platform.daily_sales.local_operator import LocalSalesJobOperator
from sales_platform.settings import LocalSettings
from sales_platform.shared.job_environment import job_python
from sales_platform.shared.run_parameters import days_of

# DuckDB is a package of the job's environment; Airflow's has other versions of what both need.
QUERY = "import sys, duckdb; duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])"

LATE_FILE_DAYS = 14


class LocalBackend(Backend):
    """The tasks of one lake and one warehouse."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._warehouse = Path(settings.local_warehouse)
        self.late_file_days = LATE_FILE_DAYS

    def _paths(self, day: dt.date) -> list[Path]:
        folder = Path(self._settings.lake, "sales_data", f"dt={day}")
        return [path for path in sorted(folder.glob("*")) if path.is_file() and is_sales_file(path.name)]

    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Looks once: on one machine the files are there when the run is started."""
        return PythonOperator(task_id=task_id, python_callable=self._find_arrivals)

    def _find_arrivals(self, **context: Any) -> list[str]:
        days = days_of(context)
        found = [str(path) for day in days.each() for path in self._paths(day)]
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
            **JOB_OPTIONS,
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

    def files(self, day: dt.date) -> list[ArrivedFile]:
        """Those of the lake's folder."""
        found = []
        for path in self._paths(day):
            status = path.stat()
            found.append(ArrivedFile(path.name, f"{status.st_size}-{status.st_mtime_ns}", _digest(path)))
        return found

    def archived(self, day: dt.date) -> Mapping[str, str]:
        """Those of the warehouse's archives."""
        folder = archive_folder(day)
        copies = self._warehouse.joinpath(folder).glob("[!.]*")
        return {folder + path.name: _digest(path) for path in copies}

    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        """A copy that is cut off does not look complete."""
        target = self._warehouse / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.unfinished")
        shutil.copyfile(Path(self._settings.lake, "sales_data", f"dt={day}", file.name), unfinished)
        unfinished.replace(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
