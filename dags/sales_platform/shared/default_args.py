"""What every task of every DAG has unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pendulum

from sales_platform.settings import first_day, run_hour


def default_args(tell_failure: Callable[[Any], None]) -> dict[str, Any]:
    """Retries for what is transient, a limit of time, and somebody who is told.

    Args:
        tell_failure: Airflow calls it when a task has failed for good.
    """
    return {
        "owner": "sales-analytics",
        # Airflow spreads the delays of equal tasks by a hash of the try: the jitter.
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        "execution_timeout": timedelta(minutes=20),
        "on_failure_callback": tell_failure,
    }


def each_day() -> dict[str, Any]:
    """The schedule of what is done for every day of sales: DAGs with it have a run of the same logical date."""
    return {
        "schedule": f"0 {run_hour()} * * *",
        # Days before it are never scheduled; a range or a backfill reaches them.
        "start_date": pendulum.parse(first_day(), tz="UTC"),
    }
