"""Parameters of a run started by hand: a range of arrival days, a higher share of bad lines, and whether unusual days
are held back.

A run without them takes the days of its data interval.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.models.param import Param

FIND_LATE_FILES = "find_late_files"
"""Task whose result says what a run takes, see arrivals/late_files.py."""

PARAMS = {
    name: Param(None, type=["null", "string"], format="date", title=title)
    for name, title in {
        "first_day": "First arrival day of a range; empty: the day of the schedule",
        "end_day": "Day after the last one",
    }.items()
} | {
    "max_bad_ratio": Param(
        None,
        type=["null", "number"],
        minimum=0,
        maximum=1,
        title="Largest share of bad lines that this run accepts; empty: the job's own limit",
    ),
    "hold_unusual_days": Param(
        None,
        type=["null", "boolean"],
        title="Publish nothing where a day is unlike the same weekdays before it; empty: as the environment says",
    ),
}


@dataclass(frozen=True)
class Days:
    """Arrival days from ``start`` to before ``end``."""

    start: dt.date
    end: dt.date
    scheduled: bool
    """True for the one day of the data interval; False for a range, which is in the past and not waited for."""

    def each(self) -> list[dt.date]:
        """Every day, in order."""
        return [self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days)]

    def __str__(self) -> str:
        days = self.each()
        return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def days_of(context: Any) -> Days:
    """The arrival days of a task's run.

    Raises:
        AirflowFailException: the run was given half a range, or a range that ends before it starts.
    """
    params = context["params"]
    first, end = params.get("first_day"), params.get("end_day")
    if not first and not end:
        run = context["dag_run"]
        return Days(run.data_interval_start.date(), run.data_interval_end.date(), scheduled=True)
    if not first or not end:
        raise AirflowFailException("params: give both first_day and end_day, or neither")
    days = Days(dt.date.fromisoformat(first), dt.date.fromisoformat(end), scheduled=False)
    if days.end <= days.start:
        raise AirflowFailException(
            f"params: end_day {end} is not after first_day {first}: the end is excluded, a day ends on the next"
        )
    return days


def days_to_take(context: Any) -> Days:
    """The arrival days that the job takes: those of the run, and from the first day of a late file on."""
    days = days_of(context)
    found = context["ti"].xcom_pull(task_ids=FIND_LATE_FILES)
    return replace(days, start=dt.date.fromisoformat(found["first_day"]))


def job_options(context: Any, hold_unusual_days: bool | None = None) -> list[str]:
    """Arguments of the job from the run's parameters, beside its days.

    Args:
        hold_unusual_days: what the environment does with unusual days, unless the run says otherwise.
    """
    ratio, hold = (context["params"].get(name) for name in ("max_bad_ratio", "hold_unusual_days"))
    options = [] if ratio is None else ["--max-bad-ratio", str(ratio)]
    return [*options, "--hold-unusual-days"] if (hold_unusual_days if hold is None else hold) else options


def job_run_id(dag_run: Any) -> str:
    """Run id of the job: Airflow's, in letters that the job can use in folder names.

    One DAG run is one run of the job, however often its task is retried.
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", dag_run.run_id)[:100]
