"""Runs that are killed, at every step's end and inside the transaction. The next leaves the tables as if none was."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from first_days import expect, first_days
from harness import COMPUTE, FIND, JOB, PUBLISH, READ, REFERENCE, REMOVE, START, Running, Sandbox, job, know_key
from publications import friday, publish, thursday

from database_utils import Database
from sales_job.tables import catalog
from sales_job.targets import local_postgres

pytestmark = pytest.mark.processes

KILLED_AFTER = (FIND, READ, COMPUTE, PUBLISH, REMOVE)
"""The step between leaves nothing more behind than the first does."""

KILLED_BEFORE_THE_COMMIT = """
import os, signal, sys
sys.path[:0] = sys.argv[1:3]
from sales_job.warehouse import duckdb
from pathlib import Path
from publications import friday, publish
# The checks are evaluated when every statement has run and the transaction is not committed.
duckdb.checks = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
publish(Path(sys.argv[3]), "killed", friday())
"""


def test_killed_inside_the_transaction(tmp_path: Path) -> None:
    folder, never_killed = tmp_path / "killed", tmp_path / "never killed"
    for each in (folder, never_killed):
        each.mkdir()
        publish(each, "thursday", thursday())
    before = published(folder)
    assert len(before["daily_sales_summary"]) == 1
    support = str(Path(__file__).parents[1] / "support")
    program = [sys.executable, "-c", KILLED_BEFORE_THE_COMMIT, support, str(JOB), str(folder)]
    killed = subprocess.run(program, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert published(folder) == before
    for each in (folder, never_killed):
        publish(each, "friday", friday())
    assert published(folder) == published(never_killed)
    assert len(published(folder)["daily_sales_summary"]) == 3


def published(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
            for table in (table.name for table in (*catalog.published(), *catalog.state()))
            if table != "quality_checks"
        }


def test_killed_again_and_again_then_run_beside_another(sandbox: Sandbox, tmp_path: Path) -> None:
    first_days(sandbox)
    options = ["--lake", str(sandbox.lake), "--warehouse", str(tmp_path / "killed")]
    know_key(tmp_path / "killed")
    for step in KILLED_AFTER:
        # Its PostgreSQL keeps running, and its lock and files remain: the next run copes with all of them.
        killed = Running(*options).until(step).send(signal.SIGKILL).end()
        assert killed.code == -signal.SIGKILL
    expect(sandbox, "killed")  # the last of them had published
    first = Running(*options).until(START)
    assert "java" in first.children()
    second = job(*options)
    assert second.code == 1
    assert re.search(r"another run \(process \d+\) is writing to it: wait until it ends$", second.last_error)
    # The JVM gives its memory back before DuckDB takes its own.
    assert "java" not in first.until(PUBLISH).children()
    done = first.end()
    assert done.code == 0, done.stderr
    assert done.summary["rows_loaded"] == 6
    expect(sandbox, "killed")
    with local_postgres.running(tmp_path / "killed/postgres") as address, Database(address) as database:
        query = sa.text("SELECT status, rows_loaded FROM run_history ORDER BY started_at")
        history = database.transaction(lambda connection: [tuple(row) for row in connection.execute(query)])
    assert history == [("killed", None)] * len(KILLED_AFTER) + [("done", 6)]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_ended_by_a_signal_it_stops_what_it_started(sandbox: Sandbox, tmp_path: Path, ending: signal.Signals) -> None:
    sandbox.sales("sales.csv", ["T1,P1,S1,1,1.00,2026-01-01,C1"])
    warehouse = tmp_path / "ended"
    running = Running("--lake", str(sandbox.lake), "--warehouse", str(warehouse)).until(REFERENCE)
    server = int((warehouse / "postgres/data/postmaster.pid").read_text().splitlines()[0])
    done = running.send(ending).end()
    assert done.code == 1
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert said == ["error: interrupted: the tables are as the last finished run left them, run again"]
    assert done.summary["status"] == "failed"
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
