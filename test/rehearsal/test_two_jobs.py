"""Two real jobs at once over one lake and one dataset: who waits, who is refused, who takes over, and what is in the
tables then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "test/data"), str(ROOT / "pyspark-jobs")]

from oracle import Result, compute  # noqa: E402
from plain_python import COMPARED, both  # noqa: E402

FIRST_DAY, SECOND_DAY = "2026-12-01", "2026-12-02"
"""Of the dev stack's schedule."""

DAYS = ["2026-03-14", "2026-03-15"]
"""The sample's days that arrive then, with 184 and 130 lines (wc -l, without headers)."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two-jobs")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """What the program beside this file says of the jobs."""
    for command in (["setup.mjs", "emulators", "connectors"], ["synth.mjs"]):
        subprocess.run(["node", str(ROOT / "scripts" / command[0]), *command[1:]], check=True, capture_output=True)
    python, program = ROOT / ".venv/emulators/bin/python", Path(__file__).with_name("two_jobs.py")
    plan = ROOT / "cdktf.out/stacks/dev/cdk.tf.json"
    done = subprocess.run(
        [python, program, plan, folder, *DAYS], capture_output=True, text=True, timeout=1800, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def expected(found: dict[str, Any], folder: Path) -> Result:
    """The tables of one run over the lake, by plain Python."""
    return compute(folder / "lake")


def refusal(owner: str, run: str) -> dict[str, Any]:
    """How a job ends that another keeps from working."""
    lake = "gs://placeholder-dev-data/production_data"
    line = (
        f"error: Dataproc job {owner} of placeholder-dev, run {run} is writing to this warehouse "
        f"(lock {lake}/processed/_lock): wait until it ends, or cancel it"
    )
    return {"status": "failed", "rows_read": 0, "errors": [line], "traces": []}


def done(rows_read: int) -> dict[str, Any]:
    return {"status": "done", "rows_read": rows_read, "errors": [], "traces": []}


def test_a_retry_and_a_rebuild_are_refused_while_a_run_lives(found: dict[str, Any]) -> None:
    """Both name the job that works; it is not disturbed."""
    assert found["beside a run that lives"] == [refusal("first-1", f"daily-{FIRST_DAY}")] * 2
    assert found["first"] == done(184)


def test_a_run_from_another_lake_is_refused(found: dict[str, Any]) -> None:
    """It would not see the lock: that is the lake's."""
    line = (
        "error: --bigquery-dataset placeholder-dev.sales_analytics_dev: is filled from the lake "
        "gs://placeholder-dev-data/production_data, not from gs://placeholder-dev-data/sample_data: "
        "name that lake, or the dataset of this one"
    )
    assert found["from another lake"] == {"status": "misconfigured", "rows_read": 0, "errors": [line], "traces": []}


def test_a_rebuild_beside_a_run_waits_for_its_end(found: dict[str, Any]) -> None:
    """Or, after a minute, is refused."""
    assert found["rebuild"].startswith("rebuild-2")
    assert [one for one in found["rebuilds refused meanwhile"] if one != refusal("first-1", f"daily-{FIRST_DAY}")] == []


def test_a_dead_run_s_lock_is_taken_over_when_its_job_has_ended_and_not_before(found: dict[str, Any]) -> None:
    assert found["before its death is known"] == refusal(found["rebuild"], "rebuild-2")
    assert found["the lock's owner then"] == found["rebuild"]
    assert found["second"] == done(130)


def test_only_runs_that_published_are_recorded_and_nothing_of_the_others_is_left(found: dict[str, Any]) -> None:
    assert found["runs"] == [[f"daily-{FIRST_DAY}", "done"], [f"daily-{SECOND_DAY}", "done"]]
    assert found["left in the dataset"] == []
    assert found["left in the lake"] == []
    # One of a day, and none of the bad lines, which have no day.
    assert found["versions of a day"] == [0, 1]


@pytest.mark.parametrize(("table", "attribute"), COMPARED)
def test_the_tables_are_those_of_one_run(expected: Result, folder: Path, table: str, attribute: str) -> None:
    got, want = both(json.loads((folder / "tables.json").read_text()), expected, table, attribute)
    assert got == want
