"""How a run of the job ended, from what it printed: the last line of JSON, and the line that says what is wrong."""

from __future__ import annotations

import json
from typing import Any

from airflow.exceptions import AirflowException, AirflowFailException

WRONG_ARGUMENTS, REFUSED = 2, 3
FOR_GOOD = {"misconfigured": WRONG_ARGUMENTS, "refused": REFUSED}
"""Status in the summary, and the job's exit code, where trying again would end alike."""


def summary_of(output: str) -> dict[str, Any]:
    """The job's summary; empty where it was killed before it could print one."""
    for line in reversed(output.splitlines()):
        if line.startswith("{") and '"rows_read"' in line:
            try:
                summary: dict[str, Any] = json.loads(line)
            except json.JSONDecodeError:
                continue
            return summary
    return {}


class JobRefused(AirflowFailException):
    """Input or arguments were refused: only a person can change that, so no retry.

    Args:
        exit_code: the job's.
    """

    def __init__(self, reason: str, exit_code: int) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


def require_done(output: str) -> dict[str, Any]:
    """The summary of a run that is done.

    Raises:
        JobRefused: it was refused.
        AirflowException: anything else, which a retry may pass.
    """
    summary = summary_of(output)
    if summary.get("status") == "done":
        return summary
    errors = [line.removeprefix("error: ") for line in output.splitlines() if line.startswith("error: ")]
    reason = errors[-1] if errors else "the job ended without a summary: its log says how far it came"
    if code := FOR_GOOD.get(summary.get("status", "")):
        raise JobRefused(reason, code)
    raise AirflowException(reason)
