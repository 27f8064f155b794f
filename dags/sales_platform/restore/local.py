"""Drills on one machine: each step runs :mod:`sales_platform.restore.local_program` in the job's environment."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from sales_platform.restore.backend import DrillBackend
from sales_platform.restore.drill import Backup, DatabaseContents
from sales_platform.settings import LocalSettings
from sales_platform.shared.job_environment import run_program


class LocalDrill(DrillBackend):
    """The warehouse's PostgreSQL, dumps in ``<warehouse>/backups``, copies in ``<warehouse>/drills``."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings

    def _run(self, step: str, *options: str) -> Any:
        program = "sales_platform.restore.local_program"
        return run_program(self._settings, program, self._settings.local_warehouse, step, *options)

    def copy_name(self, at: dt.datetime) -> str:
        """Name of a copy's folder."""
        return f"drill-{at:%Y%m%d-%H%M%S}"

    def latest_backup(self) -> Backup | None:
        """The newest dump; takes one, as Cloud SQL does every night, if the newest is older than the goal."""
        return Backup(**self._run("latest-backup"))

    def make_copy(self, copy: str) -> None:
        """Creates an empty server."""
        self._run("make-copy", "--copy", copy)

    def is_made(self, copy: str) -> bool:
        """True: :meth:`make_copy` waits for the server."""
        return True

    def restore(self, copy: str, backup: str) -> str:
        """Restores a dump into the copy."""
        self._run("restore", "--copy", copy, "--backup", backup)
        return copy

    def is_restored(self, operation: str) -> bool:
        """True: :meth:`restore` waits for its end."""
        return True

    def database_contents(self, copy: str | None, until: str) -> DatabaseContents:
        """Contents of a copy, or of the live database."""
        which = [] if copy is None else ["--copy", copy]
        return DatabaseContents(**self._run("contents", *which, "--until", until))

    def remove_copies(self) -> list[str]:
        """Removes the folders of all copies."""
        removed: list[str] = self._run("remove-copies")
        return removed

    def record(self, report: dict[str, Any]) -> None:
        """Appends the report to ``<warehouse>/restore_drills.jsonl``."""
        path = Path(self._settings.local_warehouse, "restore_drills.jsonl")
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(report) + "\n")
