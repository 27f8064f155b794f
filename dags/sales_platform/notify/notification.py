"""Tells how a run ended: in the log, and to people by e-mail and chat; locally in
``<warehouse>/notifications.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowFailException

from sales_platform.settings import LocalSettings, is_local
from sales_platform.shared.log_events import emit
from sales_platform.shared.run_parameters import job_run_id


class AlreadyTold(AirflowFailException):
    """A task fails for good after it told so itself."""


def tell(context: Any, event: str, status: str, **details: Any) -> None:
    """Tells of a run, in the log and to people.

    Args:
        event: see docs/platform/log-events.md, as for what ``details`` holds.
        status: how it ended.
    """
    run = context["dag_run"]
    told = {
        "event": event,
        "status": status,
        "dag_id": run.dag_id,
        "run_id": job_run_id(run),
        **details,
        "link": context["task_instance"].log_url,
    }
    emit(told)
    if is_local():
        folder = Path(LocalSettings.read().local_warehouse)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "notifications.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
    else:
        from sales_platform.notify import channels

        channels.send(told)


def failure_teller(event: str, **more: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Airflow's callback when a task has failed for good.

    Args:
        more: what else to tell, from the context.
    """

    def tell_failure(context: Any) -> None:
        if isinstance(context.get("exception"), AlreadyTold):
            return
        reason = str(context.get("exception") or "no reason given").splitlines()[0]
        details = {name: str(value(context)) for name, value in more.items()}
        tell(context, event, "failed", **details, task=context["task_instance"].task_id, reason=reason)

    return tell_failure
