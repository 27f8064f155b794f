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
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator

from sales_platform.arrivals.archive import ArrivedFile, archive_folder
from sales_platform.arrivals.lake_names import DESCRIPTOR
from sales_platform.daily_sales.backend import JOB_OPTIONS, Backend
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
        self.reference = {name: f"reference_data/{name}.csv" for name in ("products", "stores")}

    @property
    def lake(self) -> str:  # type: ignore[override]
        """Its folder."""
        return self._settings.lake

    def arrival_sensor(self, task_id: str) -> BaseOperator:
        """Looks once: on one machine the files are there when the run is started."""
        return PythonOperator(task_id=task_id, python_callable=self._find_arrivals)

    def _find_arrivals(self, **context: Any) -> list[str]:
        days = days_of(context)
        found = [file.path for day in days.each() for file in self.files(day)]
        if not found:
            raise AirflowSkipException(f"nothing arrived: {self.lake} has no sales file for {days}")
        return found

    def descriptor(self) -> bytes | None:
        """That of the lake's folder."""
        path = Path(self._settings.lake, DESCRIPTOR)
        return path.read_bytes() if path.is_file() else None

    def stored(self, beginning: str) -> Mapping[str, Path]:
        """The files of the folder that ``beginning`` names, and of those below it."""
        lake = Path(self._settings.lake)
        folder = lake / beginning.rpartition("/")[0]
        found = {str(path.relative_to(lake)): path for path in folder.rglob("*") if path.is_file()}
        return {name: path for name, path in found.items() if name.startswith(beginning)}

    def arrived(self, path: str, found: Path) -> ArrivedFile:
        """With a checksum of the content."""
        return ArrivedFile(path, _version(found), _digest(found))

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
        """Nothing: no view is stored."""
        return EmptyOperator(task_id=task_id)

    def forecast_operator(self, task_id: str) -> BaseOperator:
        """As ``npm run etl`` does after the job."""
        return PythonOperator(task_id=task_id, python_callable=self._update_forecast)

    def _update_forecast(self) -> None:
        project = self._settings.local_project
        command = [str(Path(project, ".venv/forecast/bin/python")), "-m", "forecast"]
        done = subprocess.run(
            [*command, "--warehouse", str(self._warehouse)], cwd=project, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise AirflowException(done.stderr.strip().splitlines()[-1])

    def write_report(self) -> str:
        """As ``npm run report`` does, into the warehouse's folder."""
        script = str(Path(self._settings.local_project, "scripts/report.mjs"))
        out = str(self._warehouse / "report.html")
        command = [self._settings.local_node, script, "--warehouse", str(self._warehouse), "--out", out]
        subprocess.run(command, check=True)
        return out

    def archived(self, day: dt.date) -> Mapping[str, str]:
        """Those of the warehouse's archives."""
        folder = archive_folder(day)
        copies = [path for path in self._warehouse.joinpath(folder).rglob("[!.]*") if path.is_file()]
        return {str(path.relative_to(self._warehouse)): _digest(path) for path in copies}

    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        """A copy that is cut off does not look complete."""
        target = self._warehouse / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.unfinished")
        source = Path(self._settings.lake, file.path)
        shutil.copyfile(source, unfinished)
        if _version(source) == file.version:
            unfinished.replace(target)
        else:
            unfinished.unlink()


def _version(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
