"""Files that came to a day, or changed, after the day was taken: the next run takes them."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from airflow.models.dagrun import DagRun
from airflow.utils.state import DagRunState

from sales_platform.arrivals.archive import missing_copies
from sales_platform.daily_sales.backend import Backend
from sales_platform.shared.run_parameters import days_of

log = logging.getLogger(__name__)

DAY = dt.timedelta(days=1)


def find_late_files(backend: Backend, context: Any) -> dict[str, Any]:
    """What the run takes.

    Returns:
        ``first_day``: the first arrival day, the run's own or that of a late file; ``late``: names of late files;
        ``seen``: versions of all files, by name. Names are those of :attr:`ArrivedFile.shown`.
    """
    days = days_of(context)
    late: list[str] = []
    first = days.start
    ended_well = _ended_well(days.start, backend.late_file_days, context) if days.scheduled else set()
    for n in range(1, backend.late_file_days + 1 if days.scheduled else 1):
        day = days.start - n * DAY
        files = backend.files(day)
        if files and day not in ended_well:
            # The job takes whole intervals, and would meet what it refused, or what nobody has asked for.
            break
        for file, _ in missing_copies(day, files, backend.archived(day)):
            log.warning("%s came or changed after its day was taken: this run takes it", file.shown)
            late.append(file.shown)
            first = day
    taken = [first + n * DAY for n in range((days.end - first).days)]
    seen = {file.shown: file.version for day in taken for file in backend.files(day)}
    return {"first_day": str(first), "late": sorted(late), "seen": seen}


def _ended_well(start: dt.date, most: int, context: Any) -> set[dt.date]:
    """The days before ``start``, ``most`` at most, whose runs ended well."""
    midnight = dt.datetime.combine(start, dt.time(), dt.UTC)
    done = DagRun.find(
        dag_id=context["dag_run"].dag_id,
        state=DagRunState.SUCCESS,
        # The logical date of a run by hand is a day after the start of its interval.
        execution_start_date=midnight - most * DAY,
        execution_end_date=midnight + 2 * DAY,
    )
    return {run.data_interval_start.date() for run in done if not (run.conf or {}).get("first_day")}
