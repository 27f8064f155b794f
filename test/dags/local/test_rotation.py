"""The rotation by `npm run dag` on a warehouse with a real PostgreSQL, and the job afterwards."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from sandbox import JOB_PYTHON, FirstDay, Sandbox, job_environment

PROGRAM = "sales_platform.password.local_program"
HOLD = (
    "import sys, pathlib\n"
    "from sales_job.targets.local import locked\n"
    "with locked(pathlib.Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
)


@pytest.fixture(scope="module")
def sandbox(first_day: FirstDay, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A warehouse that has taken one day."""
    return first_day.sandbox.copy(tmp_path_factory.mktemp("rotation"))


def rotate(sandbox: Sandbox) -> dict[str, Any]:
    """Runs the DAG; returns its notification."""
    done = sandbox.operate("rotate_database_password")
    assert done.code == 0, done.lines
    return done.summary


def rotated(sandbox: Sandbox) -> int:
    """Runs the step that makes and sets a password."""
    done = sandbox.program(PROGRAM, "rotate")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def versions(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The versions of the secret, the oldest first."""
    folder = sandbox.warehouse / "secrets/sales-sql-pass"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def test_the_job_works_after_a_rotation(sandbox: Sandbox) -> None:
    assert rotate(sandbox)["version"] == 1
    second = rotate(sandbox)
    assert (second["status"], second["version"]) == ("done", 2)
    passwords = [version["password"] for version in versions(sandbox)]
    assert len(set(passwords)) == 2
    assert (sandbox.warehouse / "postgres/password").read_text() == passwords[1]
    assert sandbox.daily("2026-03-03").code == 0
    for path in (sandbox.warehouse / "secrets").rglob("*.json"):
        assert path.stat().st_mode & 0o077 == 0
    logs = "".join(path.read_text() for path in sandbox.warehouse.rglob("*.log"))
    sent = (sandbox.warehouse / "notifications.jsonl").read_text()
    assert [password for password in passwords if password in logs + sent] == []


def test_a_new_warehouse_gets_its_server_and_the_first_password(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.warehouse.mkdir()
    assert json.loads(sandbox.program(PROGRAM, "find-reason").stdout) == "there is no password yet"
    assert rotated(sandbox) == 1
    assert sandbox.program(PROGRAM, "check-login").returncode == 0


def test_a_version_that_the_database_never_got_is_set_by_the_next_run(sandbox: Sandbox) -> None:
    """What a run leaves that dies between its two changes; below, a signal really kills one."""
    folder = sandbox.warehouse / "secrets/sales-sql-pass"
    number = len(versions(sandbox)) + 1
    now = dt.datetime.now(dt.UTC).isoformat()
    (folder / f"{number}.json").write_text(json.dumps({"created": now, "enabled": True, "password": "never-set"}))
    refused = sandbox.program(PROGRAM, "check-login").stderr.splitlines()[-1]
    assert refused.endswith(f"the database refuses version {number} of the secret: rotate again")
    assert rotated(sandbox) == number
    assert sandbox.program(PROGRAM, "check-login").returncode == 0


@pytest.mark.parametrize("delay", [0, 0.1, 0.3, 0.6])
def test_killed_while_it_rotates_the_next_run_repairs(sandbox: Sandbox, delay: float) -> None:
    before = len(versions(sandbox))
    step = [JOB_PYTHON, "-m", PROGRAM, str(sandbox.warehouse), "rotate", "--asked-at", "2100-01-01T00:00:00+00:00"]
    process = subprocess.Popen(step, env=job_environment(), start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(versions(sandbox)) == before and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert len(versions(sandbox)) == before + 1
    assert rotated(sandbox) == before + 1
    assert sandbox.program(PROGRAM, "check-login").returncode == 0
    assert sandbox.program(PROGRAM, "find-reason").stdout.strip() == "null"


def test_a_warehouse_in_use_is_left_alone(sandbox: Sandbox) -> None:
    command = [JOB_PYTHON, "-c", HOLD, str(sandbox.warehouse)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=job_environment())
    assert holder.stdout
    holder.stdout.readline()
    try:
        done = sandbox.program(PROGRAM, "rotate")
    finally:
        holder.communicate()
    assert done.returncode == 1
    assert "another run (process" in done.stderr
