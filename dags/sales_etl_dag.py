"""
### Daily sales

Takes what arrived in the lake on one day and brings the tables of the warehouse up to date.

1. **wait_for_arrival** waits for `sales_data/dt=<day>/` until twelve hours after the run's hour. A day without
   sales is skipped, and told.
2. **check_reference_data**: products and stores are there, before a cluster works. The job itself loads them into
   PostgreSQL, in the transaction before it reads them: it needs them as they are at its run, on every way of starting
   it, and a task that loaded them before would load them twice, or let another file come in between.
3. **find_sleeping**, **wake_services** and **rest_services**, only where the environment has office hours: what is
   stopped for the night is started for the job and stopped after it, also after a failure, unless the day has begun.
4. **run_sales_job**: `pyspark-jobs/sales_analytics_direct.py` for the run's days, on Dataproc or on this machine.
   Refused input fails at once with the job's own line; anything else is tried again.
5. **quality_gate**: conditions on the published tables.
6. **refresh_dependents** and **archive_arrival**: what is made of the tables, and a copy of what came.
7. **notify**: counts and duration, or that nothing arrived. A failure is told by the task that failed.

The data interval drives everything: one logical day is one run of the job. To run a range at once, trigger the DAG
with `first_day` and `end_day`; `airflow dags backfill` runs day by day. Both end in the same tables. `max_bad_ratio`
beside them loads days of which more lines are bad than the job takes by itself.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.models.dag import DAG
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule

from sales_platform.daily_sales.office_hours import office_hours
from sales_platform.daily_sales.quality_gate import CHECKS
from sales_platform.notify.notification import failure_teller, tell
from sales_platform.settings import is_local, setting
from sales_platform.shared.default_args import default_args, each_day
from sales_platform.shared.run_parameters import PARAMS, days_of, job_run_id

if is_local():
    from sales_platform.daily_sales import local as tasks
else:
    from sales_platform.daily_sales import cloud as tasks
    from sales_platform.daily_sales import office_hours_tasks as services


TOLD = ("rows_", "unmatched_", "revenue_", "gross_profit_", "seconds")


def notify(**context: object) -> None:
    """Tells how the run ended."""
    summary = context["ti"].xcom_pull(task_ids="run_sales_job")  # type: ignore[attr-defined]
    told = {name: value for name, value in (summary or {}).items() if name.startswith(TOLD)}
    tell(context, "pipeline_run", "done" if summary else "no_arrival", days=str(days_of(context)), **told)


with DAG(
    dag_id="sales_analytics_etl",
    doc_md=__doc__,
    **each_day(),
    # A day that was missed while the DAG was paused or Airflow was away is run afterwards.
    catchup=True,
    # One warehouse takes one run at a time, and a late line of a day must not meet that day's own run.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),
    params=PARAMS,
    user_defined_macros={"setting": setting, "job_run_id": job_run_id},
    default_args=default_args(failure_teller("pipeline_run", days=days_of)),
    tags=["sales"],
) as dag:
    arrived = tasks.wait_for_arrival()
    checked = tasks.check_reference_data()
    job = tasks.run_sales_job()
    with TaskGroup("quality_gate") as gate:
        for check in CHECKS:
            tasks.quality_check(check)
    told = PythonOperator(task_id="notify", python_callable=notify, trigger_rule=TriggerRule.NONE_FAILED)

    # Outside office hours cluster and database sleep: they are woken for the job.
    before_job = job if is_local() or office_hours() is None else services.around(job)
    arrived >> checked >> before_job
    job >> gate >> [tasks.refresh_dependents(), tasks.archive_arrival()] >> told
