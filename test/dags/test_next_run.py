"""Whether another run follows at once, in Airflow's own database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from airflow.models.dag import DAG, DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType

from sales_platform.shared.next_run import another_run_follows

WAIT = dt.timedelta(hours=12)
TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def dag(airflow_db: None) -> Iterator[DAG]:
    """A daily DAG at midnight that nobody paused, without runs."""
    dag = DAG("runs", schedule="0 0 * * *", start_date=TODAY - dt.timedelta(days=30), catchup=True)
    with create_session() as session:
        session.add(DagModel(dag_id="runs", is_paused=False))
    yield dag
    with create_session() as session:
        session.query(DagRun).filter(DagRun.dag_id == "runs").delete()
        session.query(DagModel).filter(DagModel.dag_id == "runs").delete()


@pytest.fixture
def run(dag: DAG) -> Callable[..., DagRun]:
    """Adds a run of the day so many days ago."""

    def add(ago: int, state: DagRunState, kind: DagRunType = DagRunType.SCHEDULED, **conf: str) -> DagRun:
        start = TODAY - dt.timedelta(days=ago)
        interval = (start, start + dt.timedelta(days=1))
        added: DagRun = dag.create_dagrun(
            state=state, execution_date=start, run_type=kind, data_interval=interval, conf=conf
        )
        return added

    return add


def follows(dag: DAG, run: DagRun) -> bool:
    """Whether another run follows ``run``, which is about to end."""
    return another_run_follows({"dag": dag, "dag_run": run}, WAIT)


def test_nothing_follows_the_newest_day(dag: DAG, run: Any) -> None:
    assert not follows(dag, run(1, DagRunState.RUNNING))


def test_airflow_catches_up(dag: DAG, run: Any) -> None:
    # Three days ago ended two days ago: the next day is due, and its files are waited for no longer.
    assert follows(dag, run(3, DagRunState.RUNNING))


def test_a_day_that_waits_for_its_files_does_not_follow_at_once(dag: DAG, run: Any) -> None:
    # The next day ended this midnight.
    day = run(2, DagRunState.RUNNING)
    assert not another_run_follows({"dag": dag, "dag_run": day}, dt.timedelta(hours=24))
    assert another_run_follows({"dag": dag, "dag_run": day}, dt.timedelta(0))


def test_the_next_day_was_there_before(dag: DAG, run: Any) -> None:
    run(9, DagRunState.SUCCESS)
    # Somebody cleared the day before it.
    assert not follows(dag, run(10, DagRunState.RUNNING))


def test_a_cleared_day_waits(dag: DAG, run: Any) -> None:
    run(9, DagRunState.SUCCESS)
    run(8, DagRunState.QUEUED)
    assert follows(dag, run(10, DagRunState.RUNNING))


def test_a_range_waits(dag: DAG, run: Any) -> None:
    run(0, DagRunState.QUEUED, DagRunType.MANUAL, first_day="2026-01-01", end_day="2026-02-01")
    assert follows(dag, run(1, DagRunState.RUNNING))


def test_a_paused_dag_starts_no_run(dag: DAG, run: Any) -> None:
    run(8, DagRunState.QUEUED)
    with create_session() as session:
        session.get(DagModel, "runs").is_paused = True
    assert not follows(dag, run(10, DagRunState.RUNNING))


def test_a_run_by_hand_ends_the_row(dag: DAG, run: Any) -> None:
    assert not follows(dag, run(5, DagRunState.RUNNING, DagRunType.MANUAL))
