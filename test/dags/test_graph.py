"""The DAG file as Airflow parses it, in the cloud's profile and without a single setting."""

import datetime as dt
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


FILES = {
    "restore_drill": "restore_drill_dag",
    "rotate_database_password": "rotate_database_password_dag",
    "sales_analytics_etl": "sales_etl_dag",
    "watch_deadline": "watch_deadline_dag",
}


@pytest.fixture(scope="module")
def dags(parse_dags):
    with warnings.catch_warnings(record=True) as warned:
        bag = parse_dags()
    ours = [str(warning.message) for warning in warned if str(ROOT / "dags") in warning.filename]
    assert ours == []
    # The package beside them is no DAG, and is not searched for any.
    assert {stat.file for stat in bag.dagbag_stats} == {f"/{file}.py" for file in FILES.values()}
    assert set(bag.dags) == set(FILES)
    return bag.dags


@pytest.fixture
def dag(dags):
    return dags["sales_analytics_etl"]


def graph(dag):
    return {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks}


def test_tasks_follow_each_other(dag):
    checks = [f"quality_gate.{name}" for name in ("keys_are_unique", "rows_balance", "totals_agree")]
    both = ["archive_arrival", "refresh_dependents"]
    assert graph(dag) == {
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


@pytest.mark.parametrize("dag_id", sorted({*FILES} - {"watch_deadline"}))
def test_every_task_is_bounded_and_tried_again(dags, dag_id):
    dag = dags[dag_id]
    assert dag.doc_md.strip().startswith("### ")
    assert dag.dagrun_timeout is not None
    assert dag.max_active_runs == 1
    for task in dag.tasks:
        # The sensor has a deadline of its own and holds no worker until then.
        assert task.execution_timeout is not None or task.deferrable, task.task_id
        assert task.retries >= 1, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.on_failure_callback, task.task_id


def test_waiting_holds_no_worker(dag):
    assert dag.get_task("wait_for_arrival").deferrable is True
    job = dag.get_task("run_sales_job")
    assert (job.deferrable, job.cancel_on_kill) == (True, True)


def test_a_day_without_arrival_still_tells(dag):
    assert dag.get_task("notify").trigger_rule == "none_failed"


def test_the_rotation_goes_step_by_step(dags):
    dag = dags["rotate_database_password"]
    assert graph(dag) == {
        "find_reason": ["rotate_password"],
        "rotate_password": ["check_login"],
        "check_login": ["disable_old_versions"],
        "disable_old_versions": ["confirm_request"],
        "confirm_request": ["notify"],
        "notify": [],
    }
    assert (dag.schedule_interval, dag.catchup) == ("*/15 * * * *", False)


def test_a_drill_always_removes_its_copy(dags):
    dag = dags["restore_drill"]
    assert graph(dag) == {
        "choose_backup": ["make_copy", "remove_copy"],
        "make_copy": ["wait_for_copy"],
        "wait_for_copy": ["restore_backup"],
        "restore_backup": ["wait_for_restore"],
        "wait_for_restore": ["check_copy"],
        "check_copy": ["record", "remove_copy"],
        "remove_copy": [],
        "record": [],
    }
    assert dag.get_task("remove_copy").is_teardown
    assert dag.get_task("record").trigger_rule == "all_done"
    assert [task for task in ("wait_for_copy", "wait_for_restore") if dag.get_task(task).mode != "reschedule"] == []
    # Without a setting only a person starts it.
    assert dag.schedule_interval is None


@pytest.mark.parametrize("file", FILES.values())
def test_parsing_touches_nothing(file):
    """No network, no database and no setting: a process without any of them parses the file."""
    code = (
        "import socket, sys, time\n"
        "def refuse(*_): raise OSError('a DAG file asked for the network')\n"
        "socket.socket.connect = refuse\n"
        "import airflow.models.dag, airflow.operators.python\n"
        f"sys.path.insert(0, {str(ROOT / 'dags')!r})\n"
        "start = time.perf_counter()\n"
        f"import {file}\n"
        f"print('parsed in', round(time.perf_counter() - start, 2), 's', len({file}.dag.tasks))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    print(done.stdout)
    assert "parsed in" in done.stdout, done.stderr


@pytest.mark.parametrize("file", FILES.values())
def test_a_file_that_was_imported_parses_in_less_than_a_second(file, dags):
    """As the scheduler does again and again, the providers being imported."""
    from airflow.models.dagbag import DagBag

    # Seconds of this process's own work: a busy machine is not the file's fault.
    start = time.process_time()
    DagBag(str(ROOT / "dags" / f"{file}.py"), include_examples=False)
    assert time.process_time() - start < 1
