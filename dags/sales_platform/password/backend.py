"""What ``rotate_database_password`` needs of the target: requests for a rotation, and its steps."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod

from sales_platform.settings import CloudSettings, LocalSettings, is_local


class RotationBackend(ABC):
    """The rotation on one target. The steps are those of :class:`~sales_platform.password.rotation.Rotation`."""

    @abstractmethod
    def pull_requests(self) -> tuple[dt.datetime | None, list[str]]:
        """When the newest request for a rotation was sent, and the tokens that confirm every message received."""

    @abstractmethod
    def confirm_requests(self, tokens: list[str]) -> None:
        """Confirms messages; those that are not confirmed are delivered again."""

    @abstractmethod
    def find_reason(self, asked_at: dt.datetime | None) -> str | None:
        """Why there is something to do; None if there is nothing."""

    @abstractmethod
    def rotate(self, asked_at: dt.datetime | None) -> int:
        """Adds a version if one is due, and sets the newest. Returns its number."""

    @abstractmethod
    def check_login(self) -> None:
        """Logs in with the newest version."""

    @abstractmethod
    def disable_old_versions(self) -> list[int]:
        """Disables replaced versions after their grace. Returns their numbers."""


def rotation_backend() -> RotationBackend:
    """The backend of this Airflow. Called by tasks: parsing the DAG imports neither target's packages."""
    if is_local():
        from sales_platform.password.local import LocalRotation

        return LocalRotation(LocalSettings.read())
    from sales_platform.password.cloud import CloudRotation

    return CloudRotation(CloudSettings.read())
