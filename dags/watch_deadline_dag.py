"""
### The deadline of a day's figures

Tells once when the tables of a day are not up to date by the deadline: `DEADLINE_HOURS` after the hour at which
`sales_analytics_etl` takes the day. Whatever keeps that DAG from ending, a file that does not come, a failure or a
scheduler that is behind, ends here in the one message `deadline_missed`. While it waits it holds no worker.

Airflow's own SLAs are not used: they are checked by the scheduler's callbacks only, and Airflow 3 has none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.models.dag import DAG
from airflow.sensors.external_task import ExternalTaskSensor

from sales_platform.notify.notification import tell
from sales_platform.settings import deadline_hours
from sales_platform.shared.default_args import default_args, each_day

SALES = "sales_analytics_etl"


def tell_late(context: Any) -> None:
    """Airflow's callback when the time is up."""
    day = context["dag_run"].data_interval_start.date()
    tell(context, "deadline_missed", "late", dag_id=SALES, days=str(day), hours=deadline_hours())


with DAG(
    dag_id="watch_deadline",
    doc_md=__doc__,
    **each_day(),
    # Nobody wants to hear of the deadlines of last month.
    catchup=False,
    max_active_runs=2,
    dagrun_timeout=timedelta(hours=deadline_hours() + 1),
    default_args=default_args(tell_late) | {"retries": 0},
    tags=["sales", "operations"],
) as dag:
    ExternalTaskSensor(
        task_id="sales_day_is_done",
        external_dag_id=SALES,
        deferrable=True,
        poke_interval=60,
        # The deadline itself: a deferred sensor knows no other.
        execution_timeout=timedelta(hours=deadline_hours()),
    )
