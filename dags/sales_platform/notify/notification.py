"""Notifications of how a run ended: in the log, and by e-mail and chat; on one machine in
``<warehouse>/notifications.jsonl``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowFailException

from sales_platform.settings import LocalSettings, is_local
from sales_platform.shared.log_events import emit
from sales_platform.shared.run_parameters import job_run_id


class AlreadyNotified(AirflowFailException):
    """Raised by a task that has already sent the notification of its failure."""


def notify(context: Any, event: str, status: str, **details: Any) -> None:
    """Sends one notification about a run.

    Args:
        event: name of the event; docs/platform/log-events.md lists events, statuses and details.
        status: how the run ended.
    """
    run = context["dag_run"]
    message = {
        "event": event,
        "status": status,
        "dag_id": run.dag_id,
        "run_id": job_run_id(run),
        **details,
        "link": context["task_instance"].log_url,
    }
    emit(message)
    if is_local():
        folder = Path(LocalSettings.read().local_warehouse)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "notifications.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")
    else:
        # Google's packages take seconds to import, and a DAG file that is parsed needs none of them.
        from sales_platform.notify import channels

        channels.send(message)


def failure_notifier(event: str, **more: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Makes Airflow's callback for a task whose last retry has failed.

    Args:
        more: further details of the notification, computed from the task's context.
    """

    def notify_failure(context: Any) -> None:
        if isinstance(context.get("exception"), AlreadyNotified):
            return
        reason = str(context.get("exception") or "no reason given").splitlines()[0]
        details = {name: str(value(context)) for name, value in more.items()}
        notify(context, event, "failed", **details, task=context["task_instance"].task_id, reason=reason)

    return notify_failure
