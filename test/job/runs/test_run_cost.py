"""What a run costs: the statistics of its BigQuery jobs, the time of its workers, and their prices."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bigquery_server import BigQueryServer, serving
from harness import Sandbox
from publications import friday, publication, publish, run_row, thursday
from pyspark.sql import SparkSession

from sales_job.base.arguments import Cloud, parse
from sales_job.base.errors import ConfigurationError, JobError
from sales_job.base.google_api import GoogleApi
from sales_job.base.run_log import RunLog
from sales_job.pipeline import pipeline
from sales_job.pipeline.run import Run
from sales_job.targets import dataproc
from sales_job.targets.run_cost import Executor, executors, run_cost, spot_seconds
from sales_job.warehouse.bigquery import BigQueryWarehouse
from sales_job.warehouse.bigquery_api import BigQueryApi, JobFailed, Usage
from sales_job.warehouse.duckdb import DuckDbWarehouse

CLOUD = Cloud("sales", "us-central1", "lake", "scratch", "", "", "", "", "warehouse", "dev")
PRICED = replace(
    CLOUD, primary_workers=2, cluster_usd_per_hour=0.9, spot_worker_usd_per_hour=0.1, query_usd_per_tib=6.25
)
VERSION = "20260102T030405Z-0a1b2c3d"
NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BigQueryServer]:
    with serving() as state:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", state.url)
        yield state


def api() -> BigQueryApi:
    return BigQueryApi(GoogleApi(lambda: "token", retry_seconds=1.5), "sales", "us-central1")


def test_a_publication_uses_what_its_jobs_used(server: BigQueryServer) -> None:
    server.usage = {"COMMIT TRANSACTION": (50 * 2**20, 4000), "NEWLINE_DELIMITED_JSON": (0, 250), "SELECT": (2**20, 7)}
    warehouse = BigQueryWarehouse(api(), CLOUD, "", VERSION)
    warehouse.publish(publication("daily", friday()))
    # The script, four loads of the driver's rows, whether the run is recorded, and the results of the checks.
    kinds = [next(iter(job["configuration"])) for job in server.jobs.values()]
    assert sorted(kinds) == ["load"] * 4 + ["query"] * 3
    assert warehouse.usage() == Usage((50 + 1 + 1) * 2**20, 4000 + 4 * 250 + 2 * 7)


def test_a_job_counts_once_however_often_it_is_asked_for(server: BigQueryServer) -> None:
    server.usage = {"SELECT 5": (10 * 2**20, 30)}
    server.drop_answers_to, server.drops = r"^POST .*/jobs$|^GET .*/jobs/", 2
    used = api()
    used.query("SELECT 5", job_id="known")
    used.query("SELECT 5", job_id="known")
    assert used.usage() == Usage(10 * 2**20, 30)


def test_a_job_that_fails_counts_too(server: BigQueryServer) -> None:
    server.usage = {"COMMIT TRANSACTION": (10 * 2**20, 900)}
    server.fail_before_commit = "Resources exceeded"
    used = api()
    with pytest.raises(JobFailed):
        used.query("COMMIT TRANSACTION;")
    assert used.usage() == Usage(10 * 2**20, 900)


def test_the_publication_of_a_killed_run_is_not_this_runs(server: BigQueryServer) -> None:
    server.usage = {"COMMIT TRANSACTION": (10 * 2**20, 900)}
    BigQueryWarehouse(api(), CLOUD, "", VERSION).publish(publication("killed", friday()))
    following = BigQueryWarehouse(api(), CLOUD, "", "next")
    following.settle([VERSION])
    assert following.usage() == Usage(0, 0)


MINUTE = 60_000
START = int(NOON.timestamp() * 1000)


def at(host: str, minute: int, end: int | None) -> Executor:
    return Executor(host, START + minute * MINUTE, None if end is None else START + end * MINUTE)


def test_spot_workers_count_from_their_first_executor_to_their_last() -> None:
    found = [
        at("c-w-0.us-central1-a.c.p.internal:7078", 0, None),
        at("c-w-12:7078", 1, 2),
        # From minute 2 to 9, with a gap between.
        at("c-sw-x7q1:41001", 2, 5),
        at("c-sw-x7q1:41002", 6, 9),
        # From minute 4 until now, which is minute 10.
        at("c-sw-b2:41001", 4, None),
    ]
    assert spot_seconds(found, NOON + dt.timedelta(minutes=10)) == (7 + 6) * 60
    assert spot_seconds(found[:2], NOON) == 0


def test_the_executors_are_those_that_spark_lists(spark: SparkSession) -> None:
    """Spark's own store, told of executors that come and go as a cluster would tell it."""
    java = spark.sparkContext._jvm
    context = spark.sparkContext._jsc.sc()
    assert executors(spark) == []

    def added(name: str, host: str, minute: int) -> Any:
        info = java.org.apache.spark.scheduler.cluster.ExecutorInfo(host, 4, java.PythonUtils.toScalaMap({}))
        return java.org.apache.spark.scheduler.SparkListenerExecutorAdded(START + minute * MINUTE, name, info)

    def removed(name: str, minute: int) -> Any:
        return java.org.apache.spark.scheduler.SparkListenerExecutorRemoved(START + minute * MINUTE, name, "idle")

    for event in (added("1", "c-w-0", 0), added("2", "c-sw-x7q1", 2), removed("2", 5)):
        context.listenerBus().post(event)
    context.listenerBus().waitUntilEmpty()
    try:
        assert sorted(executors(spark)) == [at("c-sw-x7q1", 2, 5), at("c-w-0", 0, None)]
        found = dataproc.cost(PRICED, lambda: Usage(0, 0), spark, dt.datetime.now(dt.UTC))
        # Three minutes of one spot worker, and of the cluster what the call took.
        assert found["worker_seconds"] == pytest.approx(180, abs=20)
        assert found["cost_usd"] == pytest.approx(0.1 * 180 / 3600, abs=0.005)
    finally:
        context.listenerBus().post(removed("1", 6))
        context.listenerBus().waitUntilEmpty()


def test_a_price_times_a_quantity() -> None:
    """20 minutes of 0.90 an hour are 0.30, half an hour of 0.10 is 0.05, a quarter of 6.25 is 1.5625."""
    assert run_cost(PRICED, Usage(2**38, 90_500), 1200, 1800) == {
        "bytes_billed": 274_877_906_944,
        "slot_seconds": 90.5,
        "worker_seconds": 4200,
        "cost_usd": 1.9125,
    }


def test_reserved_slots_make_bytes_free_and_nothing_is_guessed_without_prices() -> None:
    reserved = replace(PRICED, query_usd_per_tib=0)
    assert run_cost(reserved, Usage(2**38, 0), 1200, 1800)["cost_usd"] == 0.35
    unpriced = replace(PRICED, cluster_usd_per_hour=None)
    assert run_cost(unpriced, Usage(5, 0), 10, 0) == {
        "bytes_billed": 5,
        "slot_seconds": 0,
        "worker_seconds": 20,
        "cost_usd": None,
    }
    assert run_cost(CLOUD, Usage(5, 0), 10, 0)["worker_seconds"] is None


REQUIRED = [
    f"--{name}=x"
    for name in (
        "project-id", "region", "data-bucket", "cloudsql-ip", "database-name", "database-user", "sql-password-secret",
        "bigquery-dataset", "environment",
    )
]  # fmt: skip


def test_prices_on_the_command_line() -> None:
    given = ["--primary-workers=2", "--cluster-usd-per-hour=0.9", "--query-usd-per-tib=0"]
    cloud = parse([*REQUIRED, *given]).cloud
    assert cloud is not None
    assert (cloud.primary_workers, cloud.cluster_usd_per_hour, cloud.query_usd_per_tib) == (2, 0.9, 0)
    assert cloud.spot_worker_usd_per_hour is None
    for wrong in ("free", "-1", "1e3", "nan"):
        with pytest.raises(ConfigurationError, match=f"--query-usd-per-tib: '{wrong}' is not a plain number"):
            parse([*REQUIRED, f"--query-usd-per-tib={wrong}"])


COST = {"bytes_billed": 10_485_760, "slot_seconds": 1.5, "worker_seconds": 4200.0, "cost_usd": 0.4123}


class Recording:
    """A warehouse that keeps what is added, or fails."""

    def __init__(self, failure: JobError | None = None) -> None:
        self.failure, self.added = failure, list[Any]()

    def add_cost(self, *given: Any) -> None:
        if self.failure:
            raise self.failure
        self.added.append(given)


def add_cost(warehouse: Recording, meter: Callable[[], Any]) -> str:
    """Lets a run of ``daily`` add what it cost; returns its log."""
    log = io.StringIO()
    arguments = parse(["--lake", "l", "--warehouse", "w", "--run-id", "daily"])
    none: Any = None
    with redirect_stderr(log):
        run = Run(arguments, VERSION, NOON, none, none, warehouse, none, none, RunLog("daily"), meter=meter)  # type: ignore[arg-type]
        pipeline._add_cost(run)
    return log.getvalue()


def test_a_run_adds_what_it_cost_to_its_row_and_is_done_without_it_too() -> None:
    warehouse = Recording()
    assert add_cost(warehouse, lambda: COST) == ""
    assert warehouse.added == [("daily", NOON, COST)]
    said = add_cost(Recording(JobError("BigQuery sales.warehouse: quota exceeded")), lambda: COST)
    assert "what the run cost is not in etl_runs: BigQuery sales.warehouse: quota exceeded" in said
    warehouse = Recording()
    assert "what the run cost is not known: ZeroDivisionError" in add_cost(warehouse, lambda: 1 / 0)
    assert warehouse.added == []


def test_the_cost_goes_to_one_attempt_of_a_run(tmp_path: Path) -> None:
    """A run that is tried again has a row for each attempt."""
    publish(tmp_path, "daily", thursday())
    warehouse = DuckDbWarehouse(tmp_path)
    warehouse.record({**run_row("daily", thursday().day), "status": "failed", "started_at": NOON})
    warehouse.add_cost("daily", NOON, COST)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        columns = ", ".join(COST)
        found = connection.execute(f"SELECT status, {columns} FROM etl_runs ORDER BY status").fetchall()
    assert [(status, *map(float, cost)) for status, *cost in found[1:]] == [("failed", *map(float, COST.values()))]
    assert found[0] == ("done", None, None, None, None)


def test_nobody_bills_a_run_on_one_machine(taken: Sandbox) -> None:
    columns = ", ".join(COST)
    assert set(taken.query(f"SELECT {columns} FROM etl_runs")) == {(None,) * 4}
