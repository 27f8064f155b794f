"""Runs that are cut off: at every step's end, and by kill -9. The next run leaves the tables of one that never was."""

import os
import re
import signal
from pathlib import Path

import local_postgres
import pytest
import sqlalchemy as sa
from database_utils import Database
from harness import COMPUTE, PUBLISH, REFERENCE, START, STEPS, Crash, Running, Sandbox, job
from test_pipeline import expect, first_days


@pytest.mark.parametrize("step", [COMPUTE, PUBLISH])
def test_cut_off_after_a_step_and_run_again(sandbox: Sandbox, step: str) -> None:
    first_days(sandbox)
    sandbox.day("2026-01-02")
    before = sandbox.tables()
    with pytest.raises(Crash):
        sandbox.run("--start", "2026-01-03", "--end", "2026-01-04", crash_after=step)
    if step == PUBLISH:
        expect(sandbox)  # it was published; what the crash left to do is only tidying up
    else:
        assert sandbox.tables() == before
    sandbox.day("2026-01-03")
    expect(sandbox)
    # Nothing is left of the run that was cut off: one version of each day, no mark, no staged figures.
    warehouse = sandbox.folder / "warehouse"
    days = list((warehouse / "processed").glob("transaction_date=*"))
    assert len(days) == 3
    assert all(len(list(day.glob("version=*"))) == 1 for day in days)
    assert list((warehouse / "processed/_open").glob("[!.]*")) == []
    assert not (warehouse / "staging").exists()


def test_killed_again_and_again_then_run_beside_another(sandbox: Sandbox, tmp_path: Path) -> None:
    first_days(sandbox)
    options = ["--lake", str(sandbox.lake), "--warehouse", str(tmp_path / "killed")]
    for step in STEPS:
        # Its PostgreSQL lives on, and its lock and its files lie about: the next run minds none of them.
        killed = Running(*options).until(step).send(signal.SIGKILL).end()
        assert killed.code == -signal.SIGKILL
    expect(sandbox, "killed")  # the last of them had published
    first = Running(*options).until(START)
    second = job(*options)
    assert second.code == 1
    assert re.search(r"another run \(process \d+\) is writing to it: wait until it ends$", second.last_error)
    done = first.end()
    assert done.code == 0, done.stderr
    assert done.summary["rows_loaded"] == 6
    expect(sandbox, "killed")
    with local_postgres.running(tmp_path / "killed/postgres") as address, Database(address) as database:
        query = sa.text("SELECT status, rows_loaded FROM run_history ORDER BY started_at")
        history = database.transaction(lambda connection: [tuple(row) for row in connection.execute(query)])
    assert history == [("killed", None)] * 5 + [("done", 6)]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_ended_by_a_signal_it_stops_what_it_started(sandbox: Sandbox, tmp_path: Path, ending: signal.Signals) -> None:
    sandbox.sales("sales.csv", ["T1,P1,S1,1,1.00,2026-01-01,C1"])
    warehouse = tmp_path / "ended"
    running = Running("--lake", str(sandbox.lake), "--warehouse", str(warehouse)).until(REFERENCE)
    server = int((warehouse / "postgres/data/postmaster.pid").read_text().splitlines()[0])
    done = running.send(ending).end()
    assert done.code == 1
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert said == ["error: interrupted: the tables are as a finished run left them, start it again"]
    assert done.summary["status"] == "failed"
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
