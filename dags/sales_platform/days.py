"""The arrival days of a run: its data interval, or a range from the trigger form."""

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


def job_run_id(dag_run: Any) -> str:
    """Airflow's run id in the letters that the job takes: it becomes part of folder names.

    One run of the DAG is one run of the job, however often a task is tried.
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", dag_run.run_id)[:100]
