"""Which days a run takes beside its own, and what it copies to the archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType

from sales_platform.arrivals.archive import ArrivedFile
from sales_platform.arrivals.late_files import find_late_files
from sales_platform.daily_sales.backend import Backend

HOUR = dt.timedelta(hours=6)
DAY = dt.timedelta(days=1)


def day(number: int) -> dt.date:
    """A day of March."""
    return dt.date(2026, 3, number)


class Lake(Backend):
    """A lake and an archive in memory: files by day, copies by name."""

    def __init__(self, days: int = 14) -> None:
        self.late_file_days = days
        self.lake: dict[dt.date, dict[str, str]] = {}
        self.copies: dict[str, str] = {}

    def files(self, day: dt.date) -> list[ArrivedFile]:
        folder = f"sales_data/dt={day}"
        return [
            ArrivedFile(f"{folder}/{name}", f"v{digest}", digest) for name, digest in self.lake.get(day, {}).items()
        ]

    def archived(self, day: dt.date) -> dict[str, str]:
        return {name: digest for name, digest in self.copies.items() if f"/dt={day}/" in name}

    def copy(self, day: dt.date, file: ArrivedFile, name: str) -> None:
        self.copies[name] = file.digest

    def _unused(self, *_: Any, **__: Any) -> Any:
        raise AssertionError

    descriptor = stored = arrived = _unused
    arrival_sensor = check_reference_data = job_operator = check_operator = refresh_operator = forecast_operator = (
        write_report
    ) = _unused


@pytest.fixture
def ran(airflow_db: None) -> Iterator[Callable[..., None]]:
    """Keeps how the runs of days ended."""
    dag = DAG("late", schedule="0 6 * * *", start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

    def keep(number: int, state: DagRunState = DagRunState.SUCCESS, **conf: str) -> None:
        start = dt.datetime.combine(day(number), dt.time(), dt.UTC) + HOUR
        kind = DagRunType.MANUAL if conf else DagRunType.SCHEDULED
        interval = (start, start + DAY)
        dag.create_dagrun(state=state, execution_date=start, run_type=kind, data_interval=interval, conf=conf)

    yield keep
    with create_session() as session:
        session.query(DagRun).filter(DagRun.dag_id == "late").delete()


def context(number: int, **params: str) -> dict[str, Any]:
    """The context of a day's run."""
    start = dt.datetime.combine(day(number), dt.time(), dt.UTC) + HOUR
    run = SimpleNamespace(dag_id="late", data_interval_start=start, data_interval_end=start + DAY)
    return {"dag_run": run, "params": params}


def take(lake: Lake, number: int) -> dict[str, Any]:
    """A run of a day, to its archive."""
    found = find_late_files(lake, context(number))
    lake.archive_arrival(**context(number), ti=SimpleNamespace(xcom_pull=lambda task_ids: found))
    return found


def test_a_run_takes_its_day_alone(ran: Callable[..., None]) -> None:
    lake = Lake()
    lake.lake[day(5)] = {"a.csv": "1"}
    assert take(lake, 5) == {"first_day": "2026-03-05", "late": [], "seen": {"dt=2026-03-05/a.csv": "v1"}}
    assert lake.copies == {"archives/monthly/2026-03/dt=2026-03-05/a.csv": "1"}


def test_new_and_changed_files_of_days_that_ended_well(ran: Callable[..., None]) -> None:
    lake = Lake()
    for number in (3, 4):
        lake.lake[day(number)] = {"a.csv": "1"}
        assert take(lake, number)["late"] == []
        ran(number)
    lake.lake[day(3)] = {"a.csv": "2", "b.csv": "1"}
    found = take(lake, 5)
    assert (found["first_day"], found["late"]) == ("2026-03-03", ["dt=2026-03-03/a.csv", "dt=2026-03-03/b.csv"])
    # The day between is in the interval that the job takes.
    assert sorted(found["seen"]) == ["dt=2026-03-03/a.csv", "dt=2026-03-03/b.csv", "dt=2026-03-04/a.csv"]
    assert sorted(lake.copies) == [
        "archives/monthly/2026-03/dt=2026-03-03/a-2.csv",
        "archives/monthly/2026-03/dt=2026-03-03/a.csv",
        "archives/monthly/2026-03/dt=2026-03-03/b.csv",
        "archives/monthly/2026-03/dt=2026-03-04/a.csv",
    ]
    assert take(lake, 5)["late"] == []


def test_a_day_without_arrival_whose_file_comes_later(ran: Callable[..., None]) -> None:
    ran(4)
    lake = Lake()
    lake.lake[day(4)] = {"a.csv": "1"}
    assert take(lake, 5)["late"] == ["dt=2026-03-04/a.csv"]


def test_a_day_without_run_and_files_hides_nothing(ran: Callable[..., None]) -> None:
    lake = Lake()
    ran(2)
    lake.lake[day(2)] = {"a.csv": "1"}
    assert take(lake, 5)["late"] == ["dt=2026-03-02/a.csv"]


def test_a_day_that_nobody_ran_is_not_taken_by_the_way(ran: Callable[..., None]) -> None:
    lake = Lake()
    ran(2)
    for number in (2, 3):
        lake.lake[day(number)] = {"a.csv": "1"}
    assert take(lake, 5)["first_day"] == "2026-03-05"


def test_a_day_that_failed_is_not_taken_again_with_another(ran: Callable[..., None]) -> None:
    lake = Lake()
    for number in (3, 4):
        lake.lake[day(number)] = {"bad.csv": "1"}
    ran(3)
    ran(4, DagRunState.FAILED)
    assert take(lake, 5)["first_day"] == "2026-03-05"


def test_a_range_does_not_make_its_first_day_one_that_was_taken(ran: Callable[..., None]) -> None:
    lake = Lake()
    lake.lake[day(4)] = {"a.csv": "1"}
    ran(4, first_day="2026-01-01", end_day="2026-02-01")
    assert take(lake, 5)["late"] == []


@pytest.mark.parametrize(("days", "first"), [(0, 9), (1, 8), (3, 6)])
def test_as_far_back_as_the_setting_says(ran: Callable[..., None], days: int, first: int) -> None:
    lake = Lake(days)
    for number in range(1, 9):
        ran(number)
        lake.lake[day(number)] = {"a.csv": "1"}
    assert find_late_files(lake, context(9))["first_day"] == str(day(first))


def test_a_range_looks_at_its_own_days(ran: Callable[..., None]) -> None:
    ran(4)
    lake = Lake()
    lake.lake[day(4)] = {"a.csv": "1"}
    found = find_late_files(lake, context(9, first_day="2026-03-05", end_day="2026-03-07"))
    assert found == {"first_day": "2026-03-05", "late": [], "seen": {}}


def test_a_file_that_comes_while_the_job_runs_is_left_for_the_next_run(ran: Callable[..., None]) -> None:
    lake = Lake()
    lake.lake[day(5)] = {"a.csv": "1"}
    found = find_late_files(lake, context(5))
    # After the job has listed the files, or changed since.
    lake.lake[day(5)] = {"a.csv": "2", "b.csv": "1"}
    lake.archive_arrival(**context(5), ti=SimpleNamespace(xcom_pull=lambda task_ids: found))
    assert lake.copies == {}
    ran(5)
    assert take(lake, 6)["late"] == ["dt=2026-03-05/a.csv", "dt=2026-03-05/b.csv"]
