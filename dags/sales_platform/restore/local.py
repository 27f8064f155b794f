"""Drills on one machine; the work is done by :mod:`sales_platform.restore.local_program` in the job's environment."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from sales_platform.restore.drill import Backup, Facts
from sales_platform.settings import LocalSettings
from sales_platform.shared.job_environment import run_program


def _run(step: str, *arguments: Any) -> Any:
    warehouse = LocalSettings.read().local_warehouse
    return run_program("sales_platform.restore.local_program", warehouse, step, list(arguments))


class LocalSite:
    """The warehouse's PostgreSQL, dumps in ``<warehouse>/backups``, copies in ``<warehouse>/drills``."""

    def name(self, at: dt.datetime) -> str:
        """Name of a copy."""
        return f"drill-{at:%Y%m%d-%H%M%S}"

    def latest_backup(self) -> Backup | None:
        """The newest dump; takes one, as Cloud SQL does every night, where that is older than the goal allows."""
        return Backup(**_run("latest_backup"))

    def make_copy(self, copy: str) -> None:
        """See :class:`~sales_platform.restore.drill.Site`."""
        _run("make_copy", copy)

    def is_made(self, copy: str) -> bool:
        """It is: making waits for it."""
        return True

    def restore(self, copy: str, backup: str) -> str:
        """See :class:`~sales_platform.restore.drill.Site`."""
        _run("restore", copy, backup)
        return copy

    def is_restored(self, waited_for: str) -> bool:
        """It is: restoring waits for it."""
        return True

    def facts(self, copy: str | None, until: str) -> Facts:
        """See :class:`~sales_platform.restore.drill.Site`."""
        return Facts(**_run("facts", copy, until))

    def remove_copies(self) -> list[str]:
        """See :class:`~sales_platform.restore.drill.Site`."""
        removed: list[str] = _run("remove_copies")
        return removed


def site() -> LocalSite:
    """The warehouse's database."""
    return LocalSite()


def record(result: dict[str, Any]) -> None:
    """Keeps a result in ``<warehouse>/restore_drills.jsonl``."""
    path = Path(LocalSettings.read().local_warehouse, "restore_drills.jsonl")
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")
