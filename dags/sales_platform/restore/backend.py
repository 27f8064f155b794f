"""What ``restore_drill`` needs of the target: the database, its backups, and copies of it."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from typing import Any

from sales_platform.restore.drill import Backup, DatabaseContents
from sales_platform.settings import CloudSettings, LocalSettings, is_local


class DrillBackend(ABC):
    """Drills on one target. A step that runs twice does the second time only what is left to do."""

    @abstractmethod
    def copy_name(self, at: dt.datetime) -> str:
        """Name of the copy of a drill that starts at ``at``."""

    @abstractmethod
    def latest_backup(self) -> Backup | None:
        """The newest complete backup."""

    @abstractmethod
    def make_copy(self, copy: str) -> None:
        """Starts to create an empty server."""

    @abstractmethod
    def is_made(self, copy: str) -> bool:
        """Whether the server accepts connections."""

    @abstractmethod
    def restore(self, copy: str, backup: str) -> str:
        """Starts to restore a backup into the copy; returns what :meth:`is_restored` takes."""

    @abstractmethod
    def is_restored(self, operation: str) -> bool:
        """Whether the restore has ended well; raises if it has failed."""

    @abstractmethod
    def database_contents(self, copy: str | None, until: str) -> DatabaseContents:
        """Contents of a copy, or of the live database; see :func:`~sales_platform.restore.drill.read_contents`."""

    @abstractmethod
    def remove_copies(self) -> list[str]:
        """Removes every copy, also those that an earlier drill left. Returns their names."""

    @abstractmethod
    def record(self, report: dict[str, Any]) -> None:
        """Keeps the report of a drill."""


def drill_backend() -> DrillBackend:
    """The backend of this Airflow. Called by tasks: parsing the DAG imports neither target's packages."""
    if is_local():
        from sales_platform.restore.local import LocalDrill

        return LocalDrill(LocalSettings.read())
    from sales_platform.restore.cloud import CloudDrill

    return CloudDrill(CloudSettings.read())
