"""The rotation by `npm run dag` on a warehouse with a real PostgreSQL, and the job afterwards."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_run import Sandbox

ROOT = Path(__file__).resolve().parents[2]
ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
    "PYTHONPATH": f"{ROOT / 'dags'}:{ROOT / 'pyspark-jobs'}",
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    return Sandbox(tmp_path_factory.mktemp("rotation"))


def rotate(warehouse):
    command = ["node", str(ROOT / "scripts/dag.mjs"), "--dag", "rotate_database_password", "--warehouse", warehouse]
    done = subprocess.run(command, capture_output=True, text=True, env=ENV)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def program(warehouse, step, arguments="[]"):
    command = [str(ROOT / ".venv/job/bin/python"), "-m", "sales_platform.password.local_program"]
    return subprocess.run([*command, str(warehouse), step, arguments], capture_output=True, text=True, env=ENV)


def rotated(warehouse, arguments):
    done = program(warehouse, "rotate", arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kept(warehouse):
    folder = warehouse / "secrets/sales-sql-pass"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def test_the_job_works_after_a_rotation(sandbox):
    assert rotate(sandbox.warehouse)["version"] == 1
    assert sandbox.dag("2026-03-03").code == 0
    told = rotate(sandbox.warehouse)
    assert (told["status"], told["version"]) == ("done", 2)
    passwords = [version["password"] for version in kept(sandbox.warehouse)]
    assert len(set(passwords)) == 2
    assert (sandbox.warehouse / "postgres/password").read_text() == passwords[1]
    assert sandbox.dag("2026-03-03").code == 0
    for path in (sandbox.warehouse / "secrets").rglob("*.json"):
        assert path.stat().st_mode & 0o077 == 0
    logs = "".join(path.read_text() for path in sandbox.warehouse.rglob("*.log"))
    told = (sandbox.warehouse / "notifications.jsonl").read_text()
    assert [password for password in passwords if password in logs + told] == []


def test_a_version_that_the_database_never_got_is_set_by_the_next_run(sandbox):
    """What a run leaves that dies between its two changes; for real, by a signal, below."""
    folder = sandbox.warehouse / "secrets/sales-sql-pass"
    number = len(kept(sandbox.warehouse)) + 1
    version = json.loads((folder / "1.json").read_text()) | {
        "password": "never-set",
        "created": "2026-03-01T00:00+00:00",
    }
    (folder / f"{number}.json").write_text(json.dumps(version))
    assert (
        program(sandbox.warehouse, "check_login")
        .stderr.splitlines()[-1]
        .endswith(f"the database refuses version {number} of the secret: rotate again")
    )
    assert rotated(sandbox.warehouse, "[null, 9999]") == number
    assert program(sandbox.warehouse, "check_login").returncode == 0


@pytest.mark.parametrize("delay", [0, 0.1, 0.3, 0.6])
def test_killed_while_it_rotates_the_next_run_repairs(sandbox, delay):
    before = len(kept(sandbox.warehouse))
    command = [sys.executable, "-m", "sales_platform.password.local_program", str(sandbox.warehouse), "rotate"]
    command[0] = str(ROOT / ".venv/job/bin/python")
    asked_at = '["2100-01-01T00:00:00+00:00", 90]'
    process = subprocess.Popen([*command, asked_at], env=ENV, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while len(kept(sandbox.warehouse)) == before and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert len(kept(sandbox.warehouse)) == before + 1
    assert rotated(sandbox.warehouse, "[null, 9999]") == before + 1
    assert program(sandbox.warehouse, "check_login").returncode == 0
    assert program(sandbox.warehouse, "find_reason", "[null, 9999]").stdout.strip() == "null"


def test_a_warehouse_in_use_is_left_alone(sandbox):
    holder = subprocess.Popen(
        [
            str(ROOT / ".venv/job/bin/python"),
            "-c",
            "import sys, pathlib; from sales_job.targets import local\n"
            "with local.locked(pathlib.Path(sys.argv[1])): print(flush=True); sys.stdin.read()",
            str(sandbox.warehouse),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENV,
    )
    holder.stdout.readline()
    try:
        done = program(sandbox.warehouse, "rotate", "[null, 90]")
    finally:
        holder.communicate()
    assert done.returncode == 1
    assert "another run (process" in done.stderr
