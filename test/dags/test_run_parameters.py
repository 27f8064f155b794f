"""Which arrival days a run takes."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import AirflowFailException, ParamValidationError

from sales_platform.shared.run_parameters import PARAMS, days_of, job_options, job_run_id


def context(first: str | None = None, end: str | None = None) -> dict[str, Any]:
    """The context of a task in a run of one day."""
    run = SimpleNamespace(
        data_interval_start=dt.datetime(2026, 3, 3, 6, tzinfo=dt.UTC),
        data_interval_end=dt.datetime(2026, 3, 4, 6, tzinfo=dt.UTC),
    )
    return {"dag_run": run, "params": {"first_day": first, "end_day": end}}


def test_the_day_of_the_data_interval() -> None:
    days = days_of(context())
    assert (days.each(), days.scheduled, str(days)) == ([dt.date(2026, 3, 3)], True, "2026-03-03")


def test_a_range_from_the_trigger_form() -> None:
    days = days_of(context("2026-02-27", "2026-03-02"))
    assert days.each() == [dt.date(2026, 2, 27), dt.date(2026, 2, 28), dt.date(2026, 3, 1)]
    assert (days.scheduled, str(days)) == (False, "2026-02-27 to 2026-03-01")


@pytest.mark.parametrize(
    ("first", "end", "line"),
    [
        ("2026-03-03", None, "give both first_day and end_day"),
        (None, "2026-03-03", "give both first_day and end_day"),
        ("2026-03-03", "2026-03-03", "end_day 2026-03-03 is not after first_day 2026-03-03"),
    ],
)
def test_a_range_that_is_not_one(first: str | None, end: str | None, line: str) -> None:
    with pytest.raises(AirflowFailException, match=line):
        days_of(context(first, end))


def test_the_share_of_bad_lines_is_the_jobs_own_unless_a_run_is_given_one() -> None:
    assert PARAMS["max_bad_ratio"].resolve() is None
    assert job_options({"params": {"max_bad_ratio": None}}) == job_options(context()) == []
    assert job_options({"params": {"max_bad_ratio": PARAMS["max_bad_ratio"].resolve(0)}}) == ["--max-bad-ratio", "0"]
    with pytest.raises(ParamValidationError):
        PARAMS["max_bad_ratio"].resolve(5)


def test_unusual_days_are_held_back_as_the_environment_says_unless_a_run_says_otherwise() -> None:
    held = ["--hold-unusual-days"]
    assert job_options(context(), None) == []
    assert job_options(context(), True) == held
    assert job_options({"params": {"hold_unusual_days": None}}, True) == held
    assert job_options({"params": {"hold_unusual_days": False}}, True) == []
    assert job_options({"params": {"hold_unusual_days": True, "max_bad_ratio": 0}}) == ["--max-bad-ratio", "0", *held]


def test_a_run_id_in_the_letters_of_folder_names() -> None:
    run = SimpleNamespace(run_id="scheduled__2026-03-03T06:00:00+00:00")
    assert job_run_id(run) == "scheduled__2026-03-03T06-00-00-00-00"
