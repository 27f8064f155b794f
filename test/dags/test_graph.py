"""The DAG files as Airflow parses them in the cloud's profile, with the dev stack's settings."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from composer import composer_variables

from sales_platform.daily_sales.quality_gate import CHECKS
from sales_platform.settings import CloudSettings

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "restore_drill": "restore_drill_dag",
    "rotate_database_password": "rotate_database_password_dag",
    "sales_analytics_etl": "sales_etl_dag",
    "watch_deadline": "watch_deadline_dag",
    "watch_reads": "watch_reads_dag",
}


@pytest.fixture(scope="module")
def dags(parse_dags: Callable[[], Any], dev_settings: dict[str, str]) -> Any:
    """The parsed DAGs, by id."""
    with pytest.MonkeyPatch.context() as environment, warnings.catch_warnings(record=True) as warned:
        for name, value in dev_settings.items():
            environment.setenv(name, value)
        bag = parse_dags()
    ours = [str(warning.message) for warning in warned if str(ROOT / "dags") in warning.filename]
    assert ours == []
    # The package beside them is no DAG, and is not searched for any.
    assert {stat.file for stat in bag.dagbag_stats} == {f"/{file}.py" for file in FILES.values()}
    assert set(bag.dags) == set(FILES)
    return bag.dags


@pytest.fixture
def dag(dags: Any) -> Any:
    """The daily DAG."""
    return dags["sales_analytics_etl"]


def graph(dag: Any) -> dict[str, list[str]]:
    """The tasks that follow each task."""
    return {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks}


def test_tasks_follow_each_other(dag: Any) -> None:
    checks = [f"quality_gate.{name}" for name in ("keys_are_unique", "lines_are_accounted_for", "totals_agree")]
    assert sorted(f"quality_gate.{check.name}" for check in CHECKS) == checks
    next_ones = ["archive_arrival", "refresh_dependents", "update_forecast"]
    assert graph(dag) == {
        "wait_for_arrival": ["find_late_files"],
        "find_late_files": ["check_reference_data"],
        "check_reference_data": ["start_services"],
        "start_services": ["run_sales_job"],
        "run_sales_job": [*checks, "stop_services"],
        "stop_services": [],
        **{check: next_ones for check in checks},
        "update_forecast": ["after_forecast"],
        "after_forecast": ["write_report"],
        "refresh_dependents": ["views_agree"],
        "views_agree": ["notify", "write_report"],
        "write_report": ["after_report"],
        "after_report": ["notify"],
        "archive_arrival": ["notify"],
        "notify": [],
    }


def test_scans_follow_the_check_of_the_views_where_there_are_any(
    parse_dags: Callable[[], Any], dev_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**dev_settings, "DATA_SCANS": "a,b"}.items():
        monkeypatch.setenv(name, value)
    dag = parse_dags().dags["sales_analytics_etl"]
    scanned = graph(dag)
    assert scanned["views_agree"] == ["notify", "start_scans", "write_report"]
    assert [scanned[task] for task in ("start_scans", "read_scans", "after_scans")] == [
        ["read_scans"],
        ["after_scans"],
        ["notify"],
    ]
    read = dag.get_task("read_scans")
    # Holds no worker, and no notification for long.
    assert (read.mode, read.timeout, read.soft_fail) == ("reschedule", 1200, True)


def test_the_copy_follows_the_views_and_the_forecast_where_there_is_one(
    parse_dags: Callable[[], Any], dev_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**dev_settings, "RECOVERY_DATASET": "sales_recovery_dev"}.items():
        monkeypatch.setenv(name, value)
    copied = graph(parse_dags().dags["sales_analytics_etl"])
    assert [task for task, after in copied.items() if "copy_figures" in after] == ["after_forecast", "views_agree"]
    assert copied["copy_figures"] == ["after_copy"]


def test_one_day_at_a_time_and_no_day_is_missed(dag: Any, dev_settings: dict[str, str]) -> None:
    assert dag.schedule_interval == f"0 {dev_settings['RUN_HOUR']} * * *"
    assert dag.catchup is True
    assert dag.max_active_runs == 1
    assert dag.start_date == dt.datetime.fromisoformat(f"{dev_settings['FIRST_DAY']}T00:00:00+00:00")


@pytest.mark.parametrize("dag_id", sorted({*FILES} - {"watch_deadline"}))
def test_every_task_is_bounded_and_tried_again(dags: Any, dag_id: str) -> None:
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


def test_waiting_holds_no_worker(dag: Any) -> None:
    assert dag.get_task("wait_for_arrival").deferrable is True
    job = dag.get_task("run_sales_job")
    assert (job.deferrable, job.cancel_on_kill) == (True, True)


def test_queries_have_the_limit_and_the_dataset_of_the_settings(dag: Any, dev_settings: dict[str, str]) -> None:
    for task_id in (*(f"quality_gate.{check.name}" for check in CHECKS), "refresh_dependents", "views_agree"):
        task = dag.get_task(task_id)
        query = task.configuration["query"]
        assert (task.project_id, task.location) == (dev_settings["PYSPARK_PROJECT_ID"], dev_settings["REGION"])
        assert query["maximumBytesBilled"] == dev_settings["MAXIMUM_BYTES_BILLED"]
        assert query["defaultDataset"] == {
            "projectId": dev_settings["PYSPARK_PROJECT_ID"],
            "datasetId": dev_settings["BIGQUERY_DATASET"],
        }


def test_the_forecast_has_the_limit_and_writes_its_two_tables_of_the_dataset(
    dag: Any, dev_settings: dict[str, str]
) -> None:
    """Without a default dataset, in which the emulator would look for temporary tables."""
    task = dag.get_task("update_forecast")
    query = task.configuration["query"]
    assert query["maximumBytesBilled"] == dev_settings["MAXIMUM_BYTES_BILLED"]
    assert "defaultDataset" not in query
    dataset = f"{dev_settings['PYSPARK_PROJECT_ID']}.{dev_settings['BIGQUERY_DATASET']}"
    written = re.findall(r"(?:INSERT INTO|DELETE FROM|MERGE|UPDATE|DROP TABLE) `(.*?)`", query["query"])
    assert set(written) == {f"{dataset}.forecast_accuracy", f"{dataset}.revenue_forecast"}
    # The report does not wait for a forecast that failed.
    assert dag.get_task("after_forecast").trigger_rule == "all_done"
    assert dag.get_task("write_report").trigger_rule == "all_success"


def test_the_job_announces_every_published_table(dag: Any) -> None:
    """Those that pyspark-jobs/sales_job/tables/published/ declares."""
    published = {path.stem for path in (ROOT / "pyspark-jobs/sales_job/tables/published").glob("*.json")}
    assert {dataset.uri for dataset in dag.get_task("run_sales_job").outlets} == {
        f"sales-warehouse/{table}" for table in published
    }


def test_a_day_without_arrival_still_notifies(dag: Any) -> None:
    assert dag.get_task("notify").trigger_rule == "none_failed"


def test_the_rotation_goes_step_by_step(dags: Any) -> None:
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


def test_a_drill_always_removes_its_copy(dags: Any, dev_settings: dict[str, str]) -> None:
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
    # In dev an operator starts drills.
    assert dag.schedule_interval is None
    assert "RESTORE_DRILL_SCHEDULE" not in dev_settings


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_in_every_environment_the_cluster_runs_for_the_job_alone(
    stacks: dict[str, dict[str, Any]], parse_dags: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable, value in composer_variables(stacks[name]).items():
        monkeypatch.setenv(variable, value)
    if name == "prod":
        # Its database always runs.
        monkeypatch.delenv("OFFICE_HOURS", raising=False)
    dag = parse_dags().dags["sales_analytics_etl"]
    job = dag.get_task("run_sales_job")
    assert job.upstream_task_ids == {"start_services"}
    assert "stop_services" in job.downstream_task_ids


def test_the_deadline_does_not_wait_for_the_cluster_to_stop(dags: Any) -> None:
    waits = dags["watch_deadline"].get_task("sales_day_is_done")
    assert (waits.external_dag_id, waits.external_task_ids) == ("sales_analytics_etl", ["notify"])
    # The task that is the last one of the day's tables.
    assert dags["sales_analytics_etl"].get_task("notify").downstream_task_ids == set()


PARSE = """
import socket, sys
def refuse(*_): raise OSError("a DAG file asked for the network")
socket.socket.connect = refuse
import airflow.models.dag, airflow.operators.python, airflow.sensors.external_task
sys.path[:0] = sys.argv[2:]
before = set(sys.modules)
dag = __import__(sys.argv[1]).dag
print(len(dag.tasks), *sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


@pytest.mark.parametrize("file", FILES.values())
def test_parsing_needs_no_network_and_imports_no_more_than_it_uses(file: str, cloud_settings: CloudSettings) -> None:
    """A new process with the settings, as the DAG processor starts one. Google's packages take seconds to import."""
    command = [sys.executable, "-W", "ignore", "-c", PARSE, file, str(ROOT / "dags"), str(ROOT / "pyspark-jobs")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tasks, *imported = done.stdout.splitlines()[-1].split()
    assert int(tasks) > 0
    assert {"pyspark", "duckdb", "pg8000"} & set(imported) == set()
    # The daily DAG alone has operators of Google's provider.
    assert ("google" in imported) == (file == "sales_etl_dag")


@pytest.mark.parametrize("file", FILES.values())
def test_a_file_that_was_imported_parses_in_less_than_a_second(
    file: str, dags: Any, cloud_settings: CloudSettings
) -> None:
    """As the scheduler does again and again, with the providers imported."""
    from airflow.models.dagbag import DagBag

    # Seconds of this process's own work: a busy machine is not the file's fault.
    start = time.process_time()
    bag = DagBag(str(ROOT / "dags" / f"{file}.py"), include_examples=False)
    assert bag.import_errors == {}
    assert time.process_time() - start < 1
