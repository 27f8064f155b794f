"""PostgreSQL and the warehouse's file when they are not as they should be: one clear line, and tables as before."""

import os
import re
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from harness import REFERENCE, Running, Sandbox, job
from pyspark.sql import SparkSession

from database_utils import POOL_SIZE, Database, DatabaseUnavailable
from sales_job.base.errors import ConfigurationError, JobError
from sales_job.targets import local, local_postgres

pytestmark = pytest.mark.processes


def postgres_pid(warehouse: Path) -> int:
    return int((warehouse / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def test_postgresql_killed_under_a_run(half_taken: Sandbox, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    before = half_taken.tables()
    options = ["--lake", str(half_taken.lake), "--warehouse", str(warehouse)]
    running = Running(*options).until(REFERENCE)
    os.kill(postgres_pid(warehouse), signal.SIGKILL)
    done = running.end()
    assert done.code == 1
    assert done.last_error.startswith("error: PostgreSQL at 127.0.0.1:")
    # Beside the log's own lines there is the clear one, and no stack trace.
    assert [line for line in done.stderr.splitlines() if not line.startswith("{")] == [done.last_error]
    assert half_taken.tables() == before
    assert half_taken.query("SELECT status FROM etl_runs ORDER BY started_at") == [("done",), ("failed",)]

    # The next run finds a server that was not shut down.
    with local_postgres.running(warehouse / "postgres") as address, Database(address) as database:
        query = sa.text("SELECT status FROM run_history")
        assert database.transaction(lambda connection: connection.execute(query).scalar_one()) == "running"


def test_postgresql_that_does_not_start_says_why(tmp_path: Path) -> None:
    with local_postgres.running(tmp_path):
        pass
    setting = tmp_path / "data/postgresql.conf"
    setting.write_text(setting.read_text() + "\nmax_connections = many\n")
    with pytest.raises(JobError) as error, local_postgres.running(tmp_path):
        pass
    assert f"see {tmp_path}/server.log" in str(error.value)
    assert "contains errors" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_lock_file_without_a_word_is_removed(tmp_path: Path) -> None:
    """What a server leaves that is killed between making the file and filling it: PostgreSQL itself would give up."""
    with local_postgres.running(tmp_path):
        pass
    (tmp_path / "data/postmaster.pid").touch()
    started = time.monotonic()
    with local_postgres.running(tmp_path) as address, Database(address) as database:
        database.check_health()
    assert time.monotonic() - started < 20


def test_a_lock_file_with_the_number_of_another_program(tmp_path: Path) -> None:
    """What a power cut leaves: the number may be anybody's by now, who is neither stopped nor waited for."""
    with local_postgres.running(tmp_path):
        pass
    lock = tmp_path / "data/postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lock.write_text(f"{stranger.pid}\n{tmp_path}/data\n")
        with local_postgres.running(tmp_path) as address, Database(address) as database:
            database.check_health()
        assert stranger.poll() is None
        # A server of another folder is another program too.
        with local_postgres.running(tmp_path / "other") as address:
            other = (tmp_path / "other/data/postmaster.pid").read_text().partition("\n")[0]
            lock.write_text(f"{other}\n{tmp_path}/data\n")
            with local_postgres.running(tmp_path):
                pass
            with Database(address) as database:
                database.check_health()
    finally:
        stranger.kill()


def test_a_user_number_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_123)
    with pytest.raises(ConfigurationError, match=r"user number 4000000123 has no name.* /etc/passwd"):
        local.require_named_user()


def test_a_path_with_an_accent_in_the_locale_c(sandbox: Sandbox) -> None:
    lake = sandbox.folder / "Läger"
    sandbox.sales("dt=2026-01-06/Käse.csv", ["T1,P1,S1,1,1,2026-01-06,C1"])
    sandbox.lake.rename(lake)
    done = job("--lake", str(lake), "--warehouse", str(sandbox.folder / "Würde"), LC_ALL="C", LANG="C")
    assert (done.code, done.summary["rows_loaded"]) == (0, 1), done.stderr[-2000:]


def test_a_restart_of_postgresql_is_waited_for(database: Database) -> None:
    """The server ends every session and recovers when one of its processes is killed."""
    seen = []

    def work(connection: sa.Connection) -> int:
        pid: int = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        seen.append(pid)
        if len(seen) == 1:
            os.kill(pid, signal.SIGKILL)
        return int(connection.execute(sa.text("SELECT 7")).scalar_one())

    started = "SELECT pg_postmaster_start_time()"
    before = database.transaction(lambda connection: connection.execute(sa.text(started)).scalar_one())
    assert database.transaction(work) == 7
    assert len(seen) > 1
    after = database.transaction(lambda connection: connection.execute(sa.text(started)).scalar_one())
    assert after >= before


def test_a_server_that_comes_back_in_time_is_waited_for(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with local_postgres.running(tmp_path) as address:
        pass
    monkeypatch.setattr(local_postgres, "_free_port", lambda: address.port)
    over = threading.Event()

    def come_back() -> None:
        with local_postgres.running(tmp_path):
            over.wait(60)

    for ask in (
        lambda database: database.transaction(lambda connection: connection.execute(sa.text("SELECT 7")).scalar_one()),
        lambda database: database.read(spark, "SELECT 7 AS seven").first().seven,
    ):
        over.clear()
        server = threading.Timer(0.5, come_back)
        start = time.monotonic()
        server.start()
        with Database(address, retry_seconds=30) as database:
            assert ask(database) == 7
            assert time.monotonic() - start > 0.5
        over.set()
        server.join()


def test_a_run_holds_few_connections(database: Database) -> None:
    own = "SELECT COUNT(*) FROM pg_stat_activity WHERE usename = 'etl' AND backend_type = 'client backend'"

    def work(connection: sa.Connection) -> int:
        return int(connection.execute(sa.text(f"SELECT ({own}) FROM pg_sleep(0.1)")).scalar_one())

    with Database(database.address) as bounded, ThreadPoolExecutor(8) as pool:
        before = database.transaction(work)
        found = list(pool.map(lambda _: bounded.transaction(work), range(8)))
    assert len(found) == 8
    assert max(found) - before <= POOL_SIZE


def test_a_server_that_stays_away_is_given_up_after_the_retries(database: Database) -> None:
    address = database.address
    closed_port = type(address)(address.host, 1, address.database, address.user, address.password, authority=None)
    with Database(closed_port, retry_seconds=1) as away:
        start = time.monotonic()
        message = re.escape("PostgreSQL at 127.0.0.1:1/postgres: Can't create a connection")
        with pytest.raises(DatabaseUnavailable, match=message):
            away.check_health()
        assert 1 <= time.monotonic() - start < 10
