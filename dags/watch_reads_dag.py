"""
### Who reads far more than they used to

Looks once a day at the audit log of the day before: an account whose queries read more than `MAXIMUM_BYTES_BILLED`
and more than ten times what it usually reads on a day raises the event `unusual_reads`. One event for each account.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.models.dag import DAG
from airflow.operators.python import PythonOperator

from sales_platform.notify.notification import failure_notifier, notify
from sales_platform.settings import CloudSettings, parse_settings
from sales_platform.shared.default_args import daily_schedule, default_args


def watch(**context: Any) -> list[str]:
    """Notifies of each unusual account of the run's day; returns their names."""
    # Google's packages take seconds to import, and a DAG file that is parsed needs none of them.
    from sales_platform.audit.unusual_reads import read_log, unusual

    settings = CloudSettings.read()
    day = context["dag_run"].data_interval_start.date()
    found = unusual(read_log(settings, day), day, settings.maximum_bytes_billed)
    for one in found:
        details = {"account": one.account, "gib": one.gib, "usual_gib": one.usual_gib}
        notify(context, "unusual_reads", "unusual", days=str(day), **details)
    return [one.account for one in found]


with DAG(
    dag_id="watch_reads",
    doc_md=__doc__,
    **daily_schedule(parse_settings()),
    # A past day is still worth a look, but not weeks of them after a pause.
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args=default_args(failure_notifier("unusual_reads")),
    tags=["sales", "operations"],
) as dag:
    PythonOperator(task_id="watch", python_callable=watch)
