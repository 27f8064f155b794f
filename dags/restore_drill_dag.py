"""
### Restore drill

A backup that was never restored is a hope. Every week this DAG restores the latest backup into a server of its own,
compares it with the live database, records how long that took and how old the data was, and removes the server.

1. **choose_backup** chooses the newest complete backup.
2. **make_copy** and **wait_for_copy**: an empty server beside the live one, which is not touched.
3. **restore_backup** and **wait_for_restore**. A damaged backup fails here.
4. **check_copy**: every table is there with its rows, and the newest run of the time when the backup was taken.
5. **remove_copy**, always: also after a failure, and also the copies that a killed drill left.
6. **record** keeps the report (`archives/backup/restore_drills/` in the archive bucket, locally
   `<warehouse>/restore_drills.jsonl`) and sends a notification. The report has recovery time, recovery point and their
   goals; a drill that misses a goal has failed.
"""

from __future__ import annotations

import datetime as dt
import itertools
from datetime import timedelta
from typing import Any

import pendulum
from airflow.exceptions import AirflowFailException
from airflow.models.dag import DAG
from airflow.operators.python import PythonOperator
from airflow.sensors.python import PythonSensor
from airflow.utils.trigger_rule import TriggerRule

from sales_platform.notify.notification import AlreadyNotified, failure_notifier, notify
from sales_platform.restore.backend import drill_backend
from sales_platform.restore.drill import Backup, drill_report
from sales_platform.settings import parse_settings
from sales_platform.shared.default_args import default_args

EVENT = "restore_drill"
# Between two looks a waiting task holds no worker.
WAIT: dict[str, Any] = {"mode": "reschedule", "poke_interval": 30, "timeout": timedelta(hours=1).total_seconds()}


def choose_backup() -> dict[str, str]:
    """Returns the backup, the copy's name and when the drill began."""
    backend, now = drill_backend(), dt.datetime.now(dt.UTC)
    backup = backend.latest_backup()
    if backup is None:
        raise AirflowFailException("there is no backup to restore: see the backups of the instance")
    return {
        "name": backup.name,
        "taken_at": backup.taken_at,
        "copy": backend.copy_name(now),
        "started_at": now.isoformat(),
    }


def _chosen(context: Any) -> dict[str, str]:
    chosen: dict[str, str] = context["ti"].xcom_pull(task_ids="choose_backup")
    return chosen


def make_copy(**context: Any) -> None:
    """Starts to create the server."""
    drill_backend().make_copy(_chosen(context)["copy"])


def wait_for_copy(**context: Any) -> bool:
    """Whether the server accepts connections."""
    return drill_backend().is_made(_chosen(context)["copy"])


def restore_backup(**context: Any) -> str:
    """Starts to restore; returns the operation to wait for."""
    chosen = _chosen(context)
    return drill_backend().restore(chosen["copy"], chosen["name"])


def wait_for_restore(**context: Any) -> bool:
    """Whether the copy is restored."""
    return drill_backend().is_restored(context["ti"].xcom_pull(task_ids="restore_backup"))


def check_copy(**context: Any) -> dict[str, Any]:
    """Returns the report of the drill, with what is wrong with the copy."""
    chosen, backend = _chosen(context), drill_backend()
    copy, backup = chosen["copy"], Backup(chosen["name"], chosen["taken_at"])
    live = backend.database_contents(None, backup.taken_at)
    restored = backend.database_contents(copy, backup.taken_at)
    started_at = dt.datetime.fromisoformat(chosen["started_at"])
    return {"copy": copy, **drill_report(restored, live, backup, started_at, dt.datetime.now(dt.UTC))}


def remove_copy() -> list[str]:
    """Returns the names of the removed copies."""
    return drill_backend().remove_copies()


def record(**context: Any) -> None:
    """Keeps the report and notifies of it; fails if the drill has failed."""
    chosen, backend = _chosen(context), drill_backend()
    report = context["ti"].xcom_pull(task_ids="check_copy")
    if report is None:
        unfinished = "the drill ended before its check: see the task that failed"
        if chosen:
            backend.record({"copy": chosen["copy"], "backup": chosen["name"], "problems": [unfinished]})
        raise AlreadyNotified(unfinished)
    backend.record(report)
    problems = report["problems"]
    notify(context, EVENT, "failed" if problems else "done", **report)
    if problems:
        raise AlreadyNotified("; ".join(problems))


with DAG(
    dag_id="restore_drill",
    doc_md=__doc__,
    schedule=parse_settings().restore_drill_schedule,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    # The next drill makes up for a missed one.
    catchup=False,
    # remove_copy removes every copy.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=default_args(failure_notifier(EVENT)),
    tags=["sales", "operations"],
) as dag:
    chosen = PythonOperator(task_id="choose_backup", python_callable=choose_backup)
    checked = PythonOperator(task_id="check_copy", python_callable=check_copy)
    removed = PythonOperator(
        task_id="remove_copy", python_callable=remove_copy, execution_timeout=timedelta(minutes=45)
    ).as_teardown(setups=chosen)
    recorded = PythonOperator(task_id="record", python_callable=record, trigger_rule=TriggerRule.ALL_DONE)
    steps = [
        chosen,
        PythonOperator(task_id="make_copy", python_callable=make_copy),
        PythonSensor(task_id="wait_for_copy", python_callable=wait_for_copy, **WAIT),
        PythonOperator(task_id="restore_backup", python_callable=restore_backup),
        PythonSensor(task_id="wait_for_restore", python_callable=wait_for_restore, **WAIT),
        checked,
        removed,
    ]
    for before, after in itertools.pairwise(steps):
        before >> after
    checked >> recorded
