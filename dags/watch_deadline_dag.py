"""
### The deadline of a day's figures

Notifies once when the tables of a day are not up to date by the deadline: `DEADLINE_HOURS` after the hour at which
`sales_analytics_etl` takes the day. Whatever keeps that DAG from ending, a missing file, a failure or a scheduler that
is behind, ends here in the one message `deadline_missed`. While it waits it holds no worker.

Airflow's own SLAs are not used: only callbacks of the scheduler check them, and Airflow 3 has none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.models.dag import DAG
from airflow.sensors.external_task import ExternalTaskSensor

from sales_platform.notify.notification import notify
from sales_platform.settings import parse_settings
from sales_platform.shared.default_args import daily_schedule, default_args

SALES = "sales_analytics_etl"
NOTIFIED = "notify"
"""Task of that DAG that succeeds when the tables of a day are up to date, or nothing arrived."""

settings = parse_settings()
deadline = timedelta(hours=settings.deadline_hours)


def notify_late(context: Any) -> None:
    """Airflow's callback when the time is up."""
    day = context["dag_run"].data_interval_start.date()
    notify(context, "deadline_missed", "late", dag_id=SALES, days=str(day), hours=settings.deadline_hours)


with DAG(
    dag_id="watch_deadline",
    doc_md=__doc__,
    **daily_schedule(settings),
    # The deadlines of past days are of no use to anybody.
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=deadline + timedelta(hours=1),
    default_args=default_args(notify_late) | {"retries": 0},
    tags=["sales", "operations"],
) as dag:
    ExternalTaskSensor(
        task_id="sales_day_is_done",
        external_dag_id=SALES,
        # The whole run ends later, when the cluster is stopped.
        external_task_id=NOTIFIED,
        deferrable=True,
        poke_interval=60,
        # The deadline itself: a deferred sensor knows no other.
        execution_timeout=deadline,
    )
