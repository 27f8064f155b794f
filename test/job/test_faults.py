"""Runs that are cut off: at every step's end, and by kill -9. The next run leaves the tables of one that never was."""

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import Crash, Sandbox, command, job
from test_pipeline import expect, first_days

STEPS = ["find arrivals", "load reference data", "read and check lines", "compute figures", "publish"]


@pytest.mark.parametrize("step", STEPS)
def test_cut_off_after_a_step_and_run_again(sandbox: Sandbox, step: str) -> None:
    first_days(sandbox)
    sandbox.day("2026-01-02")
    before = sandbox.tables()
    with pytest.raises(Crash):
        sandbox.run("--start", "2026-01-03", "--end", "2026-01-04", crash_after=step)
    if step == "publish":
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


def test_killed_while_it_works_and_run_again(sandbox: Sandbox, tmp_path: Path) -> None:
    first_days(sandbox)
    warehouse = tmp_path / "killed"
    options = ["--lake", str(sandbox.lake), "--warehouse", str(warehouse)]
    process = subprocess.Popen(command(*options), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if '"step": "read and check lines"' in line:
            break
    time.sleep(1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    # Its PostgreSQL and its lock are in nobody's way.
    done = job(*options)
    assert done.code == 0, done.stderr
    expect(sandbox, "killed")
    history = done.summary
    assert history["rows_loaded"] == 6


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_ended_by_a_signal_it_stops_what_it_started(sandbox: Sandbox, tmp_path: Path, ending: signal.Signals) -> None:
    sandbox.sales("sales.csv", ["T1,P1,S1,1,1.00,2026-01-01,C1"])
    warehouse = tmp_path / "ended"
    process = subprocess.Popen(
        command("--lake", str(sandbox.lake), "--warehouse", str(warehouse)),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if '"step": "load reference data"' in line:
            break
    server = int((warehouse / "postgres/data/postmaster.pid").read_text().splitlines()[0])
    process.send_signal(ending)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert stderr == "error: interrupted: the tables are as a finished run left them, start it again\n"
    assert json.loads(stdout.splitlines()[-1])["status"] == "failed"
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_a_second_run_on_the_same_warehouse_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    warehouse = tmp_path / "busy"
    warehouse.mkdir()
    with (warehouse / ".lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = job("--lake", str(sandbox.lake), "--warehouse", str(warehouse))
    assert done.code == 1
    assert "another run (process 4711) is writing to it" in done.last_error
    assert list(warehouse.iterdir()) == [warehouse / ".lock"]
