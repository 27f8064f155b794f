"""Runs a DAG once with Airflow's own `DAG.test`, prints its tasks, and ends with the job's exit code.

Arguments: the DAG's id; its logical date, for the sales DAG the day after the arrival day; and JSON with the params
that differ from their defaults.
Airflow's log goes to `$AIRFLOW_HOME/logs/<date>.log`; standard output gets one line a task, one a notification and,
last, one line of JSON: the job's summary, or another DAG's last notification.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

NOTHING = dict.fromkeys(
    (
        "rows_read",
        "rows_loaded",
        "rows_duplicate",
        "rows_quarantined",
        "files_passed_over",
        "unmatched_products",
        "unmatched_stores",
        "revenue_added",
        "gross_profit_added",
    ),
    0,
)
STATUS = {2: "misconfigured", 3: "refused"}
SALES = "sales_analytics_etl"


def _own_streams(log: Path) -> TextIO:
    """Sends what this process and its children print to a file; returns the terminal."""
    terminal = os.fdopen(os.dup(1), "w", buffering=1)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    return terminal


class NotificationLog:
    """The notifications that this run sends."""

    def __init__(self) -> None:
        self._file = Path(os.environ["LOCAL_WAREHOUSE"], "notifications.jsonl")
        self._before = len(self._all())

    def _all(self) -> list[str]:
        return self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []

    def lines(self) -> list[str]:
        """One line of JSON each."""
        return self._all()[self._before :]


def main(dag_id: str, date: str, params: str) -> int:
    """Runs the DAG; returns the exit code."""
    name = date if dag_id == SALES else f"{dag_id}-{date}".replace(":", "-")
    log = Path(os.environ["AIRFLOW_HOME"], "logs", f"{name}.log")
    out = _own_streams(log)
    # Turns the signal into an exception, so that child processes are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return _run(dag_id, date, json.loads(params), log, out)
    except Exception as error:
        print(f"error: {type(error).__name__}: {error}: see {log}", file=out)
        raise


def _run(dag_id: str, date: str, params: dict[str, Any], log: Path, out: TextIO) -> int:
    import pendulum
    from airflow.listeners import hookimpl
    from airflow.listeners.listener import get_listener_manager
    from airflow.models.dagbag import DagBag
    from airflow.www.extensions.init_auth_manager import get_auth_manager_cls

    # Imports the models of users, which the tables of runs reference.
    get_auth_manager_cls()

    class Narrator:
        """Prints every task that starts and keeps the first failure."""

        failure: Any = None

        @hookimpl
        def on_task_instance_running(self, task_instance: Any) -> None:
            print(f"  {task_instance.task_id}", file=out)

        @hookimpl
        def on_task_instance_failed(self, error: Any) -> None:
            self.failure = self.failure or error

    narrator = Narrator()
    get_listener_manager().add_listener(narrator)
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], include_examples=False)
    if bag.import_errors:
        print(f"error: {next(iter(bag.import_errors.values())).splitlines()[-1]}: see {log}", file=out)
        return 1
    dag = bag.get_dag(dag_id)
    for task in dag.tasks:
        # A user waits at a terminal: show a failure now, not after the retries of a night.
        task.retries = 0
    notifications = NotificationLog()
    run = dag.test(execution_date=pendulum.parse(date, tz="UTC"), run_conf=params)
    for line in notifications.lines():
        print(f"  notified: {line}", file=out)
    tasks = {task.task_id: task for task in run.get_task_instances()}
    if run.state == "success":
        print(_last_line(dag_id, tasks, notifications), file=out)
        return 0
    failed = [name for name, task in tasks.items() if task.state == "failed"]
    print(f"error: {', '.join(failed)}: {narrator.failure or 'failed'} (log: {log})", file=out)
    code: int = getattr(narrator.failure, "exit_code", 1)
    counts = NOTHING if dag_id == SALES else {}
    print(json.dumps({"status": STATUS.get(code, "failed"), **counts}), file=out)
    return code


def _last_line(dag_id: str, tasks: dict[str, Any], notifications: NotificationLog) -> str:
    if dag_id != SALES:
        lines = notifications.lines()
        return lines[-1] if lines else json.dumps({"status": "nothing_to_do"})
    skipped = {"status": "no_arrival", **NOTHING, "dates": []}
    return json.dumps(tasks["run_sales_job"].xcom_pull(task_ids="run_sales_job") or skipped)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
