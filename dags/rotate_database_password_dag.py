"""
### Rotation of the database password

Gives the job's database user a new password, keeps it as a version of the secret, and checks that it logs in.

1. **find_reason** looks whether there is something to do, every quarter of an hour: Secret Manager's message that a
   rotation is due, a password that is missing or too old, a database that does not take the newest version (a run was
   killed), old versions to disable. Nothing to do ends the run. A database that is stopped for the night is left so.
2. **rotate_password** keeps a new version, then sets it on the user, which the first run makes. The job reads the
   newest version: between the two it would be refused for as long as setting takes, some seconds, and tries again.
3. **check_login** logs in with what the secret says now.
4. **disable_old_versions**, a day after they were replaced. Disabled, not destroyed: they can be enabled again.
5. **confirm_request** tells Pub/Sub that the message is served; until then it comes again.
6. **notify**.

Every step can be killed and run again. A run started by hand always makes a new password. No password leaves a step:
none is in a log, an XCom or a setting.
"""

from __future__ import annotations

import datetime as dt
import itertools
from datetime import timedelta
from typing import Any

import pendulum
from airflow.exceptions import AirflowSkipException
from airflow.models.dag import DAG
from airflow.operators.python import PythonOperator

from sales_platform.notify.notification import failure_teller, tell
from sales_platform.password import rotation
from sales_platform.settings import is_local
from sales_platform.shared.default_args import default_args

if is_local():
    from sales_platform.password import local as place
else:
    from sales_platform.password import cloud as place


def find_reason(**context: Any) -> dict[str, Any]:
    """Returns why, when it was asked for, and what confirms the request; skips the run where there is no reason."""
    requests = place.requests()
    asked_at, tokens = requests.pull()
    if context["dag_run"].run_type == "manual":
        asked_at = context["logical_date"]
    try:
        reason = place.call(rotation.find_reason, asked_at, place.days())
    except rotation.DatabaseAsleep as asleep:
        raise AirflowSkipException(str(asleep)) from None
    if reason is None:
        # A request that an earlier run served, or a message about something else.
        requests.confirm(tokens)
        raise AirflowSkipException("nothing to do: the newest version is young enough, and the database takes it")
    return {"reason": reason, "asked_at": asked_at and asked_at.isoformat(), "tokens": tokens}


def _found(context: Any) -> dict[str, Any]:
    found: dict[str, Any] = context["ti"].xcom_pull(task_ids="find_reason")
    return found


def rotate_password(**context: Any) -> int:
    """Returns the number of the newest version."""
    asked_at = _found(context)["asked_at"]
    version: int = place.call(rotation.rotate, asked_at and dt.datetime.fromisoformat(asked_at), place.days())
    return version


def check_login() -> None:
    """Fails unless the newest version logs in."""
    place.call(rotation.check_login)


def disable_old_versions() -> list[int]:
    """Returns the numbers of what was disabled."""
    disabled: list[int] = place.call(rotation.disable_old_versions)
    return disabled


def confirm_request(**context: Any) -> None:
    """Tells Secret Manager's queue."""
    place.requests().confirm(_found(context)["tokens"])


def notify(**context: Any) -> None:
    """Tells what was done, and why."""
    task = context["ti"]
    tell(
        context,
        "password_rotation",
        "done",
        version=task.xcom_pull(task_ids="rotate_password"),
        disabled=task.xcom_pull(task_ids="disable_old_versions"),
        reason=_found(context)["reason"],
    )


with DAG(
    dag_id="rotate_database_password",
    doc_md=__doc__,
    schedule="*/15 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    # What a missed run would have done, the next one does.
    catchup=False,
    # Two runs at once would each make a password.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=default_args(failure_teller("password_rotation")) | {"execution_timeout": timedelta(minutes=10)},
    tags=["sales", "operations"],
) as dag:
    steps = [
        PythonOperator(task_id=step.__name__, python_callable=step)
        for step in (find_reason, rotate_password, check_login, disable_old_versions, confirm_request, notify)
    ]
    for before, after in itertools.pairwise(steps):
        before >> after
