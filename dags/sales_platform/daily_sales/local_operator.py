"""The operator that runs the job on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from airflow.models.baseoperator import BaseOperator

from sales_platform.daily_sales.job_outcome import require_done
from sales_platform.settings import LocalSettings
from sales_platform.shared.job_environment import job_python
from sales_platform.shared.run_parameters import days_to_take, job_options, job_run_id

STOP_SECONDS = 60
"""How long a job may take to stop Spark and PostgreSQL after SIGTERM."""


class LocalSalesJobOperator(BaseOperator):
    """Runs the job in its own Python environment; its log becomes the task's."""

    _process: subprocess.Popen[str] | None = None

    def __init__(self, *, settings: LocalSettings, **options: Any) -> None:
        super().__init__(**options)
        self._settings = settings

    def execute(self, context: Any) -> dict[str, Any]:
        """Returns the job's summary, or fails with the job's line."""
        settings, days = self._settings, days_to_take(context)
        command = [
            job_python(settings),
            str(Path(settings.local_project, "pyspark-jobs/sales_analytics_direct.py")),
            *("--lake", settings.lake, "--warehouse", settings.local_warehouse),
            *("--start", str(days.start), "--end", str(days.end)),
            *("--run-id", job_run_id(context["dag_run"])),
            *job_options(context),
        ]
        # A session of its own, so that killing the task also reaches Spark and PostgreSQL.
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
            # An interrupt at a terminal reaches this process alone.
            self.on_kill()
        reader.join()
        return require_done("".join(printed))

    def on_kill(self) -> None:
        """Ends the job, which cleans up after itself."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(STOP_SECONDS)
