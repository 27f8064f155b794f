"""How a run of the job ended, read from its output: the summary, which is its last line of JSON, and its error line."""

from __future__ import annotations

import json
from typing import Any

from airflow.exceptions import AirflowException, AirflowFailException

WRONG_ARGUMENTS, REFUSED = 2, 3
FOR_GOOD = {"misconfigured": WRONG_ARGUMENTS, "refused": REFUSED}
"""Statuses of the summary after which a retry would end the same way, and the job's exit codes."""


def summary_of(output: str) -> dict[str, Any]:
    """The job's summary; empty if it was killed before it could print one."""
    for line in reversed(output.splitlines()):
        if line.startswith("{") and '"rows_read"' in line:
            try:
                summary: dict[str, Any] = json.loads(line)
            except json.JSONDecodeError:
                continue
            return summary
    return {}


class JobRefused(AirflowFailException):
    """The job refused its input or its arguments, which no retry changes.

    Args:
        exit_code: of the job.
    """

    def __init__(self, reason: str, exit_code: int) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


def require_done(output: str) -> dict[str, Any]:
    """The summary of a run that is done.

    Raises:
        JobRefused: the run was refused.
        AirflowException: it failed otherwise; a retry may succeed.
    """
    summary = summary_of(output)
    if summary.get("status") == "done":
        return summary
    errors = [line.removeprefix("error: ") for line in output.splitlines() if line.startswith("error: ")]
    reason = errors[-1] if errors else "the job ended without a summary: see its log for how far it came"
    if code := FOR_GOOD.get(summary.get("status", "")):
        raise JobRefused(reason, code)
    raise AirflowException(reason)
