"""What the daily DAG mends by itself: known failures, each with one remedy, once a day.

A failure that comes back on the same day ends the run, and people are notified: a second attempt would only cost time.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.models.variable import Variable

from sales_platform.shared.log_events import emit

USED = "sales_remedies"
"""Airflow variable with the remedies used last, by name: day (UTC), run id and reason."""

CAPACITY_WAIT = dt.timedelta(minutes=30)
"""How long a run waits for a quota or for machines of the zone."""

# Words of Dataproc's error messages, https://cloud.google.com/dataproc/docs/troubleshooting, and of BigQuery's,
# https://cloud.google.com/bigquery/docs/error-messages.
LACKS_CAPACITY = re.compile(
    r"Insufficient '\w+' quota|[Qq]uota exceeded|Exceeded .*quota|quotaExceeded|RESOURCE_POOL_EXHAUSTED"
    r"|does not have enough resources available"
)
# YARN's diagnostics of a container whose node is gone, and Spark's of too many such containers.
LOST_WORKERS = re.compile(r"Container released on a \*lost\* node|Max number of executor failures")


class Remedy(Enum):
    """A remedy, by the name that log events and notifications have."""

    RECREATE_CLUSTER = "recreate_cluster"
    WAIT_FOR_CAPACITY = "wait_for_capacity"
    CANCEL_STUCK_JOB = "cancel_stuck_job"
    PRIMARY_WORKERS_ONLY = "primary_workers_only"


def lacks_capacity(message: str) -> bool:
    """Whether a quota is used up, or the zone has no machines: both may be different in half an hour."""
    return bool(LACKS_CAPACITY.search(message))


def lost_workers(output: str) -> bool:
    """Whether a job's output says that it failed because its machines went away, as spot machines do."""
    return bool(LOST_WORKERS.search(output))


def use(remedy: Remedy, run_id: str, reason: str) -> None:
    """Records that a remedy is used now.

    Args:
        run_id: of the run that needs it.
        reason: the failure, in one line.

    Raises:
        AirflowFailException: it was used today already, with the failure as its message.
    """
    reason = reason.splitlines()[0]
    if is_used(remedy):
        raise AirflowFailException(f"{reason} (the remedy {remedy.value} was tried today already)")
    emit({"event": "remedy", "status": "used", "remedy": remedy.value, "run_id": run_id, "reason": reason})
    entry = {"day": _today(), "run_id": run_id, "reason": reason}
    Variable.set(USED, _used() | {remedy.value: entry}, serialize_json=True)


def is_used(remedy: Remedy) -> bool:
    """Whether a remedy was used today, by whatever run."""
    return _used().get(remedy.value, {}).get("day") == _today()


def used_by(run_id: str) -> list[str]:
    """The remedies that a run needed, each with its reason."""
    return [f"{name}: {entry['reason']}" for name, entry in sorted(_used().items()) if entry["run_id"] == run_id]


def _used() -> dict[str, dict[str, str]]:
    found: Any = Variable.get(USED, default_var={}, deserialize_json=True)
    return dict(found)


def _today() -> str:
    return str(dt.datetime.now(dt.UTC).date())
