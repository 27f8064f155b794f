"""How a task reads the job's output."""

from __future__ import annotations

import pytest
from airflow.exceptions import AirflowException, AirflowFailException

from sales_platform.daily_sales.job_outcome import JobRefused, require_done


def output(status: str, *lines: str) -> str:
    return "\n".join([*lines, f'{{"status": "{status}", "rows_read": 7}}', "trailing text"])


def test_the_summary_of_a_run_that_is_done() -> None:
    assert require_done(output("done", '{"severity": "INFO"}')) == {"status": "done", "rows_read": 7}


@pytest.mark.parametrize(("status", "code"), [("misconfigured", 2), ("refused", 3)])
def test_refused_is_not_retried(status: str, code: int) -> None:
    with pytest.raises(JobRefused, match=r"^a.csv: the header lacks quantity$") as raised:
        require_done(output(status, "error: a.csv: the header lacks quantity"))
    assert raised.value.exit_code == code
    assert isinstance(raised.value, AirflowFailException)


def test_anything_else_is_retried() -> None:
    with pytest.raises(AirflowException, match=r"^the network is away$") as raised:
        require_done(output("failed", "error: the network is away"))
    assert not isinstance(raised.value, AirflowFailException)


def test_a_job_that_was_killed_has_no_summary() -> None:
    with pytest.raises(AirflowException, match="ended without a summary"):
        require_done('{"severity": "INFO", "message": "read"}\n{"status": "do')
