"""The rotation on one machine: each step runs :mod:`sales_platform.password.local_program` in the job's environment,
which has PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sales_platform.password.backend import RotationBackend
from sales_platform.settings import LocalSettings
from sales_platform.shared.job_environment import run_program


class LocalRotation(RotationBackend):
    """The rotation of the password of a warehouse's PostgreSQL."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings

    def _run(self, step: str, asked_at: dt.datetime | None = None) -> Any:
        options = [] if asked_at is None else ["--asked-at", asked_at.isoformat()]
        program = "sales_platform.password.local_program"
        return run_program(self._settings, program, self._settings.local_warehouse, step, *options)

    def pull_requests(self) -> tuple[dt.datetime | None, list[str]]:
        """No request: here a rotation is asked for by starting the DAG."""
        return None, []

    def confirm_requests(self, tokens: list[str]) -> None:
        """Does nothing: there are no messages."""

    def find_reason(self, asked_at: dt.datetime | None) -> str | None:
        """Why there is something to do; None if there is nothing."""
        reason: str | None = self._run("find-reason", asked_at)
        return reason

    def rotate(self, asked_at: dt.datetime | None) -> int:
        """Adds a version if one is due, and sets the newest. Returns its number."""
        return int(self._run("rotate", asked_at))

    def check_login(self) -> None:
        """Logs in with the newest version."""
        self._run("check-login")

    def disable_old_versions(self) -> list[int]:
        """Disables replaced versions after their grace. Returns their numbers."""
        disabled: list[int] = self._run("disable-old-versions")
        return disabled
