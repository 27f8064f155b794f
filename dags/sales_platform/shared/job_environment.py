"""Programs that run in the job's Python environment, which has PostgreSQL and DuckDB; Airflow's has neither."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException

from sales_platform.settings import LocalSettings

log = logging.getLogger(__name__)


def job_python(settings: LocalSettings) -> str:
    """The interpreter of the job's environment."""
    return str(Path(settings.local_project, ".venv/job/bin/python"))


def run_program(module: str, warehouse: str, step: str, arguments: list[Any]) -> Any:
    """Runs one step of a module and returns its result, the last line that it prints as JSON.

    Raises:
        AirflowException: it failed; with the last line of its error.
    """
    settings = LocalSettings.read()
    project = Path(settings.local_project)
    done = subprocess.run(
        [job_python(settings), "-m", module, warehouse, step, json.dumps(arguments, default=str)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(project / "dags"), str(project / "pyspark-jobs")])},
    )
    if done.returncode != 0:
        log.error("%s", done.stderr)
        line = done.stderr.strip().splitlines()[-1]
        # Without what kind of exception it was: the sentence says what is wrong.
        raise AirflowException(line.partition(": ")[2] or line)
    return json.loads(done.stdout.splitlines()[-1])
