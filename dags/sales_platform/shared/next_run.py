"""Whether a DAG goes on at once when a run ends: cleared runs, a range, or days that Airflow catches up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.models.dagrun import DagRun
from airflow.utils.state import DagRunState


def another_run_follows(context: Any, wait: dt.timedelta) -> bool:
    """Whether another run of the DAG follows at once, and does not first wait for its arrival.

    Args:
        wait: how long after the end of a day its files are waited for.
    """
    dag, run = context["dag"], context["dag_run"]
    if dag.get_is_paused():
        return False
    waited_for = dt.datetime.now(dt.UTC) - wait
    queued = DagRun.find(dag_id=run.dag_id, state=DagRunState.QUEUED)
    if any((other.conf or {}).get("first_day") or other.data_interval_end <= waited_for for other in queued):
        return True
    if run.run_type != "scheduled":
        return False
    # Airflow makes the next run of the schedule when this one has ended.
    following = dag.next_dagrun_info(dag.get_run_data_interval(run))
    return (
        following is not None
        and following.data_interval.end <= waited_for
        and not DagRun.find(dag_id=run.dag_id, execution_date=following.logical_date)
    )
