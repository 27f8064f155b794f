"""The DAG file as Airflow parses it, in the cloud's profile and without a single setting."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def dag():
    from airflow.models.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"), include_examples=False)
    assert bag.import_errors == {}
    # The package beside it is no DAG, and is not searched for any.
    assert list(bag.dags) == ["sales_analytics_etl"]
    assert bag.dagbag_stats[0].file == "/sales_etl_dag.py"
    assert len(bag.dagbag_stats) == 1
    return bag.dags["sales_analytics_etl"]


def test_tasks_follow_each_other(dag):
    after = {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks}
    checks = [f"quality_gate.{name}" for name in ("keys_are_unique", "rows_balance", "totals_agree")]
    both = ["archive_arrival", "refresh_dependents"]
    assert after == {
        "wait_for_arrival": ["check_reference_data"],
        "check_reference_data": ["run_sales_job"],
        "run_sales_job": checks,
        **{check: both for check in checks},
        "refresh_dependents": ["notify"],
        "archive_arrival": ["notify"],
        "notify": [],
    }


def test_one_day_at_a_time_and_no_day_is_missed(dag):
    assert dag.schedule_interval == "0 0 * * *"
    assert dag.catchup is True
    assert dag.max_active_runs == 1
    assert dag.start_date.utcoffset() == dt.timedelta(0)


def test_every_task_is_bounded_and_tried_again(dag):
    for task in dag.tasks:
        # The sensor has a deadline of its own and holds no worker until then.
        assert task.execution_timeout is not None or task.deferrable, task.task_id
        assert task.retries >= 1, task.task_id
        assert task.on_failure_callback, task.task_id


def test_waiting_holds_no_worker(dag):
    assert dag.get_task("wait_for_arrival").deferrable is True
    job = dag.get_task("run_sales_job")
    assert (job.deferrable, job.cancel_on_kill) == (True, True)


def test_a_day_without_arrival_still_tells(dag):
    assert dag.get_task("notify").trigger_rule == "none_failed"


def test_parsing_costs_little_beside_the_imports():
    """No network, no database and no setting is touched: a process without any of them parses the file."""
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise OSError('a DAG file asked for the network')\n"
        "socket.socket.connect = refuse\n"
        f"sys.path.insert(0, {str(ROOT / 'dags')!r})\n"
        "import sales_etl_dag\n"
        "print(len(sales_etl_dag.dag.tasks))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "9", done.stderr
