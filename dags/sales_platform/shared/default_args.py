"""Default arguments of all tasks, and the daily schedule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pendulum

from sales_platform.settings import ParseSettings


def default_args(notify_failure: Callable[[Any], None]) -> dict[str, Any]:
    """Retries for transient failures, a time limit, and a notification of failure.

    Args:
        notify_failure: Airflow calls it with the task's context after the last retry has failed.
    """
    return {
        "owner": "sales-analytics",
        # Airflow derives the delay of each retry from a hash of the attempt, so equal tasks do not retry together.
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        "execution_timeout": timedelta(minutes=20),
        "on_failure_callback": notify_failure,
    }


def daily_schedule(settings: ParseSettings) -> dict[str, Any]:
    """Arguments of a DAG that runs once for every day of sales; DAGs with it share their logical dates."""
    first = settings.first_day
    return {
        "schedule": f"0 {settings.run_hour} * * *",
        # Earlier days are never scheduled; a range or a backfill takes them.
        "start_date": pendulum.datetime(first.year, first.month, first.day, tz="UTC"),
    }
