"""A publication in BigQuery takes place once, and what is said of it is so, whatever is lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from bigquery_server import BigQueryServer, serving
from publications import friday, publication, run_row

from sales_job.base.arguments import Cloud
from sales_job.base.errors import JobError
from sales_job.base.google_api import GoogleApi
from sales_job.publication.check_results import CheckFailed
from sales_job.warehouse.bigquery import BigQueryWarehouse, OutcomeUnknown
from sales_job.warehouse.bigquery_api import BigQueryApi
from sales_job.warehouse.protocol import Rows

CLOUD = Cloud("sales", "us-central1", "lake", "scratch", "", "", "", "", "warehouse", "dev")
VERSION = "20260102T030405Z-0a1b2c3d"
JOB = "publish_20260102T030405Z_0a1b2c3d"
SUBMIT = r"^POST /bigquery/v2/projects/sales/jobs$"

Open = Callable[..., BigQueryWarehouse]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BigQueryServer]:
    with serving() as state:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", state.url)
        yield state


@pytest.fixture
def open_warehouse(server: BigQueryServer) -> Open:
    def opened(version: str = VERSION, require_owner: Callable[[], None] = lambda: None) -> BigQueryWarehouse:
        api = BigQueryApi(GoogleApi(lambda: "token", retry_seconds=1.5), "sales", "us-central1")
        return BigQueryWarehouse(api, CLOUD, "gs://lake/production_data/processed", version, require_owner)

    return opened


def test_an_answer_that_is_lost_after_the_commit(server: BigQueryServer, open_warehouse: Open) -> None:
    server.drop_answers_to, server.drops = SUBMIT, 2
    open_warehouse().publish(publication("daily", friday()))
    assert server.published == [JOB]
    # The request was repeated under the same id, and not another job made; two more ask what came of it.
    assert server.requests.count("POST /bigquery/v2/projects/sales/jobs") == 5


def test_a_job_that_fails_after_its_commit(server: BigQueryServer, open_warehouse: Open) -> None:
    server.fail_after_commit = "The job encountered an error during execution. Retrying the job may solve the problem."
    open_warehouse().publish(publication("daily", friday()))
    assert server.published == [JOB]


def test_a_job_that_fails_before_its_commit(server: BigQueryServer, open_warehouse: Open) -> None:
    server.fail_before_commit = "Resources exceeded during query execution"
    warehouse = open_warehouse()
    with pytest.raises(JobError) as error:
        warehouse.publish(publication("daily", friday()))
    assert str(error.value) == (
        "BigQuery sales.warehouse: nothing is published: Resources exceeded during query execution"
    )
    assert server.published == []
    # Once: a failed publication is not tried again by itself.
    assert [job for job in server.jobs if job.startswith("publish_")] == [JOB]
    warehouse.record(run_row("daily", friday().day))


def test_a_check_that_fails_is_told_from_other_failures(server: BigQueryServer, open_warehouse: Open) -> None:
    server.fail_before_commit = "check failed: rows_balance=1/2; "
    with pytest.raises(CheckFailed):
        open_warehouse().publish(publication("daily", friday()))


def test_a_publication_that_bigquery_refuses(server: BigQueryServer, open_warehouse: Open) -> None:
    warehouse = open_warehouse()
    staging = warehouse.staged.loading

    @contextmanager
    def stage_and_refuse(tables: Mapping[str, Rows]) -> Iterator[None]:
        with staging(tables):
            yield
        # Loads run side by side: refused is what comes after all of them.
        server.refuse_submits = 403

    warehouse.staged.loading = stage_and_refuse  # type: ignore[method-assign]
    with pytest.raises(JobError, match="nothing is published: no"):
        warehouse.publish(publication("daily", friday()))
    assert server.published == []


def test_nothing_is_said_of_a_publication_whose_end_is_not_known(server: BigQueryServer, open_warehouse: Open) -> None:
    server.drop_answers_to = r"(GET .*/(jobs|queries)/publish_)"
    warehouse = open_warehouse()
    with pytest.raises(OutcomeUnknown) as error:
        warehouse.publish(publication("daily", friday()))
    assert "the end of the publication is not known" in str(error.value)
    assert f"see BigQuery's job {JOB}; run again, the next run finds out" in str(error.value)
    assert server.published == [JOB]
    # A failed attempt in etl_runs would stand beside the published one.
    with pytest.raises(JobError, match="not known"):
        warehouse.record(run_row("daily", friday().day))
    assert not any("etl_runs" in str(job) for name, job in server.jobs.items() if name != JOB)


def test_a_killed_run_publishes_no_more(server: BigQueryServer, open_warehouse: Open) -> None:
    """The next run takes the id of a publication that was not submitted, and waits for one that was."""
    open_warehouse("next").settle([VERSION])
    with pytest.raises(JobError, match="nothing is published"):
        open_warehouse().publish(publication("daily", friday()))
    assert server.published == []

    killed = "20260103T030405Z-0a1b2c3d"
    open_warehouse(killed).publish(publication("daily", friday()))
    server.running.add("publish_20260103T030405Z_0a1b2c3d")
    open_warehouse("next").settle([killed])
    assert not server.running
    assert len(server.published) == 1


def test_a_run_that_lost_its_lock_does_not_publish(server: BigQueryServer, open_warehouse: Open) -> None:
    def lost() -> None:
        raise JobError("lost its lock")

    with pytest.raises(JobError, match="lost its lock"):
        open_warehouse(require_owner=lost).publish(publication("daily", friday()))
    assert server.published == []


def test_rows_of_the_driver_are_loaded_side_by_side(server: BigQueryServer, open_warehouse: Open) -> None:
    """Each load is a job of seconds. The barrier breaks unless all four are under way."""
    warehouse, together, staged = open_warehouse(), threading.Barrier(4), set()

    def load(name: str, rows: object) -> None:
        together.wait(timeout=10)
        staged.add(name)

    warehouse.staged.load = load  # type: ignore[method-assign, assignment]
    warehouse.publish(publication("daily", friday()))
    assert staged == {"line_versions", "daily_profile", "taken_arrivals", "arrival_dates"}


def test_a_load_that_fails_is_no_publication(server: BigQueryServer, open_warehouse: Open) -> None:
    warehouse = open_warehouse()

    def load(name: str, rows: object) -> None:
        if name == "taken_arrivals":
            raise JobError("no load")

    warehouse.staged.load = load  # type: ignore[method-assign, assignment]
    with pytest.raises(JobError, match="no load"):
        warehouse.publish(publication("daily", friday()))
    assert server.published == []


def test_runs_do_not_share_staged_tables(server: BigQueryServer, open_warehouse: Open) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        open_warehouse("v-a").staged.create(pool)
        first = set(server.tables)
        open_warehouse("v-b").staged.create(pool)
    assert len(server.tables) == 2 * len(first)
    open_warehouse("next").discard(["v-b"])
    assert server.tables == first
    assert "staged_daily_figures_v_a" in first
