"""
### Rotation of the database password

Gives the job's database user a new password, keeps it as a version of the secret, and checks that it logs in.

1. **find_reason** looks for something to do, every quarter of an hour: Secret Manager's message that a rotation is due,
   a password that is missing or too old, a database that refuses the newest version (a run was killed), old versions to
   disable. A run without anything to do ends here. A database that is stopped outside office hours stays stopped.
2. **rotate_password** keeps a new version, then sets it on the user, which the first run creates. The job reads the
   newest version: between the two the database refuses it, for the seconds that setting takes, and the job tries again.
3. **check_login** logs in with the newest version of the secret.
4. **disable_old_versions**, a day after they were replaced. Disabled, not destroyed: they can be enabled again.
5. **confirm_request** acknowledges the message; until then Pub/Sub delivers it again.
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

from sales_platform.notify.notification import failure_notifier, notify
from sales_platform.password.backend import rotation_backend
from sales_platform.password.rotation import DatabaseStopped
from sales_platform.settings import parse_settings
from sales_platform.shared.default_args import default_args

EVENT = "password_rotation"


def find_reason(**context: Any) -> dict[str, Any]:
    """Returns the reason, when it was asked for, and what confirms the request; skips the run without a reason."""
    backend = rotation_backend()
    asked_at, tokens = backend.pull_requests()
    if context["dag_run"].run_type == "manual":
        asked_at = context["logical_date"]
    try:
        reason = backend.find_reason(asked_at)
    except DatabaseStopped as stopped:
        raise AirflowSkipException(str(stopped)) from None
    if reason is None:
        # A request that an earlier run served, or a message about something else.
        backend.confirm_requests(tokens)
        raise AirflowSkipException("nothing to do: the newest version is young enough, and the database accepts it")
    return {"reason": reason, "asked_at": asked_at and asked_at.isoformat(), "tokens": tokens}


def _found(context: Any) -> dict[str, Any]:
    found: dict[str, Any] = context["ti"].xcom_pull(task_ids="find_reason")
    return found


def rotate_password(**context: Any) -> int:
    """Returns the number of the newest version."""
    asked_at = _found(context)["asked_at"]
    return rotation_backend().rotate(asked_at and dt.datetime.fromisoformat(asked_at))


def check_login() -> None:
    """Fails unless the newest version logs in."""
    rotation_backend().check_login()


def disable_old_versions() -> list[int]:
    """Returns the numbers of the disabled versions."""
    return rotation_backend().disable_old_versions()


def confirm_request(**context: Any) -> None:
    """Acknowledges the messages that find_reason received."""
    rotation_backend().confirm_requests(_found(context)["tokens"])


def notify_result(**context: Any) -> None:
    """Notifies of the versions that were added and disabled, and the reason."""
    task = context["ti"]
    notify(
        context,
        EVENT,
        "done",
        version=task.xcom_pull(task_ids="rotate_password"),
        disabled=task.xcom_pull(task_ids="disable_old_versions"),
        reason=_found(context)["reason"],
    )


# Reads no value, but fails the import if a setting of the tasks is missing.
parse_settings()

with DAG(
    dag_id="rotate_database_password",
    doc_md=__doc__,
    schedule="*/15 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    # The next run does what a missed one would have done.
    catchup=False,
    # Two runs at once would each make a password.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=default_args(failure_notifier(EVENT)) | {"execution_timeout": timedelta(minutes=10)},
    tags=["sales", "operations"],
) as dag:
    steps = [
        PythonOperator(task_id="find_reason", python_callable=find_reason),
        PythonOperator(task_id="rotate_password", python_callable=rotate_password),
        PythonOperator(task_id="check_login", python_callable=check_login),
        PythonOperator(task_id="disable_old_versions", python_callable=disable_old_versions),
        PythonOperator(task_id="confirm_request", python_callable=confirm_request),
        PythonOperator(task_id="notify", python_callable=notify_result),
    ]
    for before, after in itertools.pairwise(steps):
        before >> after
