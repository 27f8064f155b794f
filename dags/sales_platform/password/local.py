"""Where ``rotate_database_password`` works on one machine: the warehouse's secrets and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sales_platform.settings import LocalSettings
from sales_platform.shared.job_environment import run_program


class Requests:
    """Nobody sends requests here: starting the DAG is one."""

    def pull(self) -> tuple[dt.datetime | None, list[str]]:
        """None came."""
        return None, []

    def confirm(self, tokens: list[str]) -> None:
        """Nobody waits for it."""


def requests() -> Requests:
    """What was asked for."""
    return Requests()


def days() -> int:
    """Age at which a password is replaced unasked."""
    return 90


def call(step: Any, *arguments: Any) -> Any:
    """Runs one step of :mod:`sales_platform.password.rotation` where PostgreSQL is."""
    warehouse = LocalSettings.read().local_warehouse
    return run_program("sales_platform.password.local_program", warehouse, step.__name__, list(arguments))
