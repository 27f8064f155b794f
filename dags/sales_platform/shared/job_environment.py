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


def run_program(settings: LocalSettings, module: str, *arguments: str) -> Any:
    """Runs a module as a program and returns its result, the last line that it prints, read as JSON.

    Raises:
        AirflowException: it failed; with the last line of its error.
    """
    project = Path(settings.local_project)
    done = subprocess.run(
        [job_python(settings), "-m", module, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(project / "dags"), str(project / "pyspark-jobs")])},
    )
    if done.returncode != 0:
        log.error("%s", done.stderr)
        line = done.stderr.strip().splitlines()[-1]
        # Only the sentence: the exception's class says nothing to a reader.
        raise AirflowException(line.partition(": ")[2] or line)
    return json.loads(done.stdout.splitlines()[-1])
