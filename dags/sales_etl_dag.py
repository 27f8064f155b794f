"""
### Daily sales

Takes the sales files that arrived in the lake on one day and brings the tables of the warehouse up to date.

1. **wait_for_arrival** waits for files in `sales_data/dt=<day>/` until `ARRIVAL_WAIT_HOURS` after the end of the day. A
   day without files is skipped, with a notification.
2. **find_late_files** looks for files that came to the days before, or changed, after those were taken
   (`LATE_FILE_DAYS` back, as far as each of them ended well): this run takes them again, and names them.
3. **check_reference_data**: products and stores are there, before a cluster works. The job itself loads them into
   PostgreSQL, in the transaction before it reads them: it needs them as they are at its run, however it is started, and
   a task that loaded them earlier would load them twice, or let another file come in between.
4. **start_services** starts the cluster, and outside office hours the database. **stop_services** stops them after
   every run, also after a failure or a day without files: the cluster when no job runs on it and its secondary workers
   have left, the database outside office hours. If another run follows at once, that run stops them. What is still in
   use after two hours is left running, with a notification of its own. The two tasks do not exist where cluster and
   database always run.
5. **run_sales_job**: `pyspark-jobs/sales_analytics_direct.py` for the days of the run, on Dataproc or on this machine.
   Refused input fails at once with the job's own line; anything else is tried again. Known failures have a remedy,
   once a day: a cluster that is lost or in error is made again, a job that is stuck is cancelled, a quota is waited
   for, lost spot workers are done without. If that does not help, the run fails and notifies.
6. **quality_gate**: conditions on the published tables.
7. **refresh_dependents** and **archive_arrival**: the materialized view, a copy of the files.
   **views_agree**: the views add up to the same revenue, pieces and profit as the tables.
   **update_forecast**: the revenue to expect, where days or revenue have changed.
   **write_report**: the page with charts and figures. Without forecast or page the run is done all the same: its tables
   are up to date.
   **start_scans** and **read_scans**, where the environment has scans: profile and quality of each table by Knowledge
   Catalog, and which rules do not hold. The notification waits 20 minutes for that at most.
   **copy_figures**, where the environment has a copy: the tables of figures into the dataset of the recovery region.
8. **notify**: counts, duration, the address of the report and rules that do not hold, or that nothing arrived. A task
   that fails sends its own notification.

The data interval decides everything: one logical day is one run of the job. To run a range at once, trigger the DAG
with `first_day` and `end_day`; `airflow dags backfill` runs day by day. Both end in the same tables. `max_bad_ratio`
beside them accepts days with more bad lines than the job accepts by itself, `hold_unusual_days` false publishes unusual
days where the environment holds them back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.base import PokeReturnValue
from airflow.sensors.python import PythonSensor
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule

from sales_platform.arrivals.late_files import find_late_files
from sales_platform.daily_sales.backend import daily_backend
from sales_platform.daily_sales.quality_gate import CHECKS, VIEWS_AGREE
from sales_platform.notify.notification import failure_notifier, notify
from sales_platform.settings import parse_settings
from sales_platform.shared.datasets import ARCHIVE, ARRIVALS
from sales_platform.shared.default_args import daily_schedule, default_args
from sales_platform.shared.run_parameters import FIND_LATE_FILES, PARAMS, days_of, job_run_id

EVENT = "pipeline_run"
COPY_EVENT = "recovery_copy"
NOTIFIED_FIGURES = ("rows_", "files_", "unmatched_", "revenue_", "gross_profit_", "warnings", "seconds")
"""Beginnings of the names of the figures that a notification has, of those in the job's summary."""
COSTS = ("bytes_billed", "slot_seconds", "worker_seconds", "cost_usd")
"""Further ones, where the job knows them."""


MOST_NAMES = 50
"""Late files that a notification names, and rules that do not hold."""

SCAN_WAIT = timedelta(minutes=20)
"""How long the notification waits for the scans."""


def notify_result(**context: Any) -> None:
    """Notifies of the run's figures, or that nothing arrived."""
    summary = context["ti"].xcom_pull(task_ids="run_sales_job")
    figures = {
        name: value
        for name, value in (summary or {}).items()
        if name.startswith((*NOTIFIED_FIGURES, *COSTS)) and value not in ([], None)
    }
    if summary:
        figures |= quarantine(summary["rows_quarantined"], summary["rows_read"])
        if late := context["ti"].xcom_pull(task_ids=FIND_LATE_FILES)["late"]:
            figures["late_files"] = late[:MOST_NAMES]
        if address := context["ti"].xcom_pull(task_ids="write_report"):
            figures["report"] = address
        if settings.data_scans:
            figures |= scanned(context["ti"].xcom_pull(task_ids="read_scans"))
        if mended := backend.remedies(job_run_id(context["dag_run"])):
            figures["remedies"] = mended
    notify(context, EVENT, "done" if summary else "no_arrival", days=str(days_of(context)), **figures)


def quarantine(bad: int, read: int) -> dict[str, Any]:
    """The share of bad lines, and whether it is more than the environment's limit."""
    share = bad / read if read else 0
    limit = "above_limit" if share > settings.maximum_quarantine_share else "within_limit"
    return {"quarantined_percent": round(100 * share, 2), "quarantine": limit}


def scanned(faults: list[str] | None) -> dict[str, Any]:
    """How the scans ended, and the rules that do not hold; ``unknown`` where nobody read the results in time."""
    if faults is None:
        return {"scans": "unknown"}
    return {"scans": "failed", "failed_rules": faults[:MOST_NAMES]} if faults else {"scans": "passed"}


def read_scans(**context: Any) -> PokeReturnValue:
    """Reads the results of the scans, once all have ended."""
    faults = backend.scan_faults(context["ti"].xcom_pull(task_ids="start_scans"))
    return PokeReturnValue(faults is not None, faults)


def list_files(**context: Any) -> dict[str, Any]:
    """Returns what the run takes, late files of earlier days too."""
    return find_late_files(backend, context)


settings = parse_settings()
backend = daily_backend(settings)

with DAG(
    dag_id="sales_analytics_etl",
    doc_md=__doc__,
    **daily_schedule(settings),
    # A day that was missed while the DAG was paused or Airflow was away runs afterwards.
    catchup=True,
    # The warehouse takes one run at a time, and a late line of a day must not meet that day's own run.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),
    params=PARAMS,
    user_defined_macros={"job_run_id": job_run_id},
    default_args=default_args(failure_notifier(EVENT, days=days_of)),
    tags=["sales"],
) as dag:
    arrived = backend.arrival_sensor("wait_for_arrival")
    listed = PythonOperator(task_id=FIND_LATE_FILES, python_callable=list_files)
    checked = PythonOperator(task_id="check_reference_data", python_callable=backend.check_reference_data)
    job = backend.job_operator("run_sales_job")
    with TaskGroup("quality_gate") as gate:
        for check in CHECKS:
            backend.check_operator(check.name, check.statement())
    forecasted = backend.forecast_operator("update_forecast")
    # An older forecast is left out of the page; the failure has its own notification.
    forecasted_or_not = EmptyOperator(task_id="after_forecast", trigger_rule=TriggerRule.ALL_DONE)
    refreshed = backend.refresh_operator("refresh_dependents")
    agreed = backend.check_operator(VIEWS_AGREE.name, VIEWS_AGREE.statement())
    reported = PythonOperator(task_id="write_report", python_callable=backend.write_report)
    # The tables are up to date, page or not; the failure of the page has its own notification.
    with_or_without = EmptyOperator(task_id="after_report", trigger_rule=TriggerRule.ALL_DONE)
    archived = PythonOperator(
        task_id="archive_arrival", python_callable=backend.archive_arrival, inlets=[ARRIVALS], outlets=[ARCHIVE]
    )
    notified = PythonOperator(task_id="notify", python_callable=notify_result, trigger_rule=TriggerRule.NONE_FAILED)

    if settings.data_scans:
        started = PythonOperator(task_id="start_scans", python_callable=backend.start_scans)
        # Holds no worker while it waits. Results that come later are in the alert alone.
        read = PythonSensor(
            task_id="read_scans",
            python_callable=read_scans,
            mode="reschedule",
            poke_interval=30,
            timeout=SCAN_WAIT.total_seconds(),
            soft_fail=True,
        )
        # The tables are up to date, scanned or not; the failure of a scan's task has its own notification.
        scanned_or_not = EmptyOperator(task_id="after_scans", trigger_rule=TriggerRule.ALL_DONE)
        agreed >> started >> read >> scanned_or_not >> notified

    if settings.recovery_dataset:
        copied = PythonOperator(
            task_id="copy_figures",
            python_callable=backend.copy_figures,
            execution_timeout=timedelta(hours=2),
            on_failure_callback=failure_notifier(COPY_EVENT, days=days_of),
        )
        # The tables are up to date, copied or not; a failure has an event and an alert of its own. A run that ends as
        # failed would keep the next ones from looking for late files.
        copied_or_not = EmptyOperator(task_id="after_copy", trigger_rule=TriggerRule.ALL_DONE)
        [agreed, forecasted_or_not] >> copied >> copied_or_not

    arrived >> listed >> checked >> backend.start_before_and_stop_after(job)
    job >> gate >> [refreshed, forecasted, archived]
    forecasted >> forecasted_or_not >> reported
    refreshed >> agreed >> [reported, notified]
    reported >> with_or_without >> notified
    archived >> notified
