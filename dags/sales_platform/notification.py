"""Tells people how a run ended: one line of JSON in ``<warehouse>/notifications.jsonl`` locally, the log in the
cloud."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from sales_platform.days import days_of, job_run_id
from sales_platform.settings import LocalSettings, is_local

log = logging.getLogger(__name__)


def message(context: Any, status: str, **details: Any) -> dict[str, Any]:
    """What is told of a run."""
    run = context["dag_run"]
    return {
        "status": status,
        "dag_id": run.dag_id,
        "run_id": job_run_id(run),
        "days": str(days_of(context)),
        **details,
        "link": context["task_instance"].log_url,
    }


def tell(told: dict[str, Any]) -> None:
    """Sends one message."""
    line = json.dumps(told)
    log.info("notification: %s", line)
    if is_local():
        folder = Path(LocalSettings.read().local_warehouse)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "notifications.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def tell_failure(context: Any) -> None:
    """Airflow's callback when a task has failed for good."""
    reason = str(context.get("exception") or "no reason given").splitlines()[0]
    tell(message(context, "failed", task=context["task_instance"].task_id, reason=reason))
