"""What a person may say at the trigger form: the arrival days of a run, which are those of its data interval
otherwise, and how many bad lines are loaded all the same."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.models.param import Param

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
        title="Share of bad lines that this run loads all the same; empty: the job's own limit",
    )
}


@dataclass(frozen=True)
class Days:
    """Arrival days from ``start`` on, ``end`` excluded."""

    start: dt.date
    end: dt.date
    scheduled: bool
    """Whether this is the one day of the data interval; a range is of the past, and is not waited for."""

    def each(self) -> list[dt.date]:
        """Every day."""
        return [self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days)]

    def __str__(self) -> str:
        days = self.each()
        return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def days_of(context: Any) -> Days:
    """The days of a task's run.

    Raises:
        AirflowFailException: half a range was given, or one that ends before it starts.
    """
    params = context["params"]
    first, end = params.get("first_day"), params.get("end_day")
    if not first and not end:
        interval = context["dag_run"]
        return Days(interval.data_interval_start.date(), interval.data_interval_end.date(), scheduled=True)
    if not first or not end:
        raise AirflowFailException("params: give both first_day and end_day, or neither")
    days = Days(dt.date.fromisoformat(first), dt.date.fromisoformat(end), scheduled=False)
    if days.end <= days.start:
        raise AirflowFailException(
            f"params: end_day {end} is not after first_day {first}: the end is excluded, a day ends on the next"
        )
    return days


def job_options(context: Any) -> list[str]:
    """What the job is told besides its days: nothing, but in a run that a person started to load bad lines."""
    ratio = context["params"].get("max_bad_ratio")
    return [] if ratio is None else ["--max-bad-ratio", str(ratio)]


def job_run_id(dag_run: Any) -> str:
    """Airflow's run id in the letters that the job takes: it becomes part of folder names.

    One run of the DAG is one run of the job, however often a task is tried.
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", dag_run.run_id)[:100]
