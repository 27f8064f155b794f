"""A run on this machine: Spark in this process's JVM, PostgreSQL and DuckDB under the warehouse folder."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import local_postgres
from database_utils import Database
from duckdb_warehouse import DuckDbWarehouse
from errors import ConfigurationError, JobError
from pyspark.sql import SparkSession

HERE = Path(__file__).resolve().parent
JARS = HERE.parent / "jars"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the warehouse for one run; the lock goes with the process, however it ends.

    Raises:
        ConfigurationError: the folder cannot be made or written.
        JobError: another run holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a+")
    except OSError as error:
        raise ConfigurationError(f"--warehouse {folder}: cannot be written ({error.strerror}): name another folder") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "?"
            raise JobError(f"--warehouse {folder}: another run (process {holder}) is writing to it: wait until it ends") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def jars() -> list[str]:
    """The Java libraries that the job needs on this machine.

    Raises:
        JobError: one is missing.
    """
    paths = [JARS / jar["file"] for jar in json.loads((JARS / "jars.json").read_text())["jars"]]
    for path in paths:
        if not path.exists():
            raise JobError(f"{path} is missing: run 'npm start' once, which fetches it")
    return [str(path) for path in paths]


def spark_session(folder: Path) -> SparkSession:
    """Spark with this machine's cores; everything that it writes for itself lies under ``folder``."""
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    options = [
        f"-Dlog4j2.configurationFile={(HERE / 'log4j2.properties').as_uri()}",
        f"-Djava.io.tmpdir={scratch}",
        f"-Dderby.system.home={scratch}",
    ]
    session: SparkSession = (
        SparkSession.builder.appName("sales_analytics")
        .master("local[*]")
        .config("spark.jars", ",".join(jars()))
        .config("spark.driver.memory", "2g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", " ".join(options))
        .config("spark.local.dir", str(scratch))
        .config("spark.sql.warehouse.dir", str(scratch / "spark-warehouse"))
        .config("spark.sql.shuffle.partitions", 4 * (os.cpu_count() or 2))
        .config("spark.ui.enabled", False)
        .config("spark.ui.showConsoleProgress", sys.stderr.isatty())
        .getOrCreate()
    )
    return session


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """The reference database, started for this run."""
    with local_postgres.running(folder / "postgres") as address, Database(address) as opened:
        opened.check_health()
        yield opened


def warehouse(folder: Path) -> DuckDbWarehouse:
    """The warehouse file in ``folder``."""
    return DuckDbWarehouse(folder)
