"""
### Restore drill

A backup that was never restored is a hope. Every week this restores the latest one into a server of its own, holds it
against the live database, writes down how long that took and how old the data was, and removes the server again.

1. **choose_backup** takes the newest whole backup.
2. **make_copy** and **wait_for_copy**: an empty server beside the live one, which is not touched.
3. **restore_backup** and **wait_for_restore**. A backup that is damaged fails here.
4. **check_copy**: every table is there with its rows, and the newest run of the time that the backup was taken.
5. **remove_copy**, always: also after a failure, and also what a drill left that was killed.
6. **record** keeps the result (`archives/backup/restore_drills/` in the archive bucket, locally
   `<warehouse>/restore_drills.jsonl`) and tells it. Recovery time, recovery point and their goals are in it; a drill
   that misses a goal has failed.
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

from sales_platform.notify.notification import AlreadyTold, failure_teller, tell
from sales_platform.restore import drill
from sales_platform.restore.drill import Backup
from sales_platform.settings import drill_schedule, is_local
from sales_platform.shared.default_args import default_args

if is_local():
    from sales_platform.restore import local as place
else:
    from sales_platform.restore import cloud as place


def choose_backup() -> dict[str, str]:
    """Returns the backup, the copy's name and when the drill began."""
    site, now = place.site(), dt.datetime.now(dt.UTC)
    backup = site.latest_backup()
    if backup is None:
        raise AirflowFailException("there is no backup to restore: see the instance's backups")
    return {"name": backup.name, "taken_at": backup.taken_at, "copy": site.name(now), "started_at": now.isoformat()}


def _chosen(context: Any) -> dict[str, str]:
    chosen: dict[str, str] = context["ti"].xcom_pull(task_ids="choose_backup")
    return chosen


def make_copy(**context: Any) -> None:
    """Begins to make the server."""
    place.site().make_copy(_chosen(context)["copy"])


def wait_for_copy(**context: Any) -> bool:
    """Whether the server stands."""
    return place.site().is_made(_chosen(context)["copy"])


def restore_backup(**context: Any) -> str:
    """Begins to restore; returns what to wait for."""
    chosen = _chosen(context)
    return place.site().restore(chosen["copy"], chosen["name"])


def wait_for_restore(**context: Any) -> bool:
    """Whether the copy is restored."""
    return place.site().is_restored(context["ti"].xcom_pull(task_ids="restore_backup"))


def check_copy(**context: Any) -> dict[str, Any]:
    """Returns what the drill achieved, and what is wrong with the copy."""
    chosen = _chosen(context)
    backup = Backup(chosen["name"], chosen["taken_at"])
    checked = drill.check(place.site(), chosen["copy"], backup)
    started_at = dt.datetime.fromisoformat(chosen["started_at"])
    return {"copy": chosen["copy"], **drill.verdict(checked, backup, started_at, dt.datetime.now(dt.UTC))}


def remove_copy() -> list[str]:
    """Returns the names of what was removed."""
    return place.site().remove_copies()


def record(**context: Any) -> None:
    """Keeps and tells the result; fails where the drill did."""
    chosen = _chosen(context)
    result = context["ti"].xcom_pull(task_ids="check_copy")
    if result is None:
        unfinished = "the drill did not come to its check: see the task that failed"
        if chosen:
            place.record({"copy": chosen["copy"], "backup": chosen["name"], "problems": [unfinished]})
        raise AlreadyTold(unfinished)
    place.record(result)
    problems = result["problems"]
    tell(context, "restore_drill", "failed" if problems else "done", **result)
    if problems:
        raise AlreadyTold("; ".join(problems))


def _waiting(look: Any) -> PythonSensor:
    return PythonSensor(
        task_id=look.__name__,
        python_callable=look,
        # Between two looks it holds no worker.
        mode="reschedule",
        poke_interval=30,
        timeout=timedelta(hours=1).total_seconds(),
    )


with DAG(
    dag_id="restore_drill",
    doc_md=__doc__,
    schedule=drill_schedule(),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    # A drill that was missed is made up for by the next.
    catchup=False,
    # Removing takes every copy there is.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=default_args(failure_teller("restore_drill")),
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
        _waiting(wait_for_copy),
        PythonOperator(task_id="restore_backup", python_callable=restore_backup),
        _waiting(wait_for_restore),
        checked,
        removed,
    ]
    for before, after in itertools.pairwise(steps):
        before >> after
    checked >> recorded
