"""A run on this machine: Spark in this process's JVM, PostgreSQL and DuckDB under the warehouse folder."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from database_utils import Database
from sales_job.base.errors import ConfigurationError, JobError
from sales_job.lineage import datasets
from sales_job.lineage.events import TracedRun, events
from sales_job.lines.customer_key import CustomerKey
from sales_job.targets import local_postgres
from sales_job.warehouse import duckdb_views
from sales_job.warehouse.duckdb import DuckDbWarehouse

RETRY_SECONDS = 2
"""Retry budget for the local server, which nobody restarts."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Locks the warehouse for one run; the lock ends with the process, however it ends.

    Raises:
        ConfigurationError: the folder cannot be created or written.
        JobError: another run holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a+")
    except OSError as error:
        raise ConfigurationError(
            f"--warehouse {folder}: cannot be written ({error.strerror}): name another folder"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "?"
            raise JobError(
                f"--warehouse {folder}: another run (process {holder}) is writing to it: wait until it ends"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def require_named_user() -> None:
    """Refuses a user number without a name: Java and PostgreSQL ask for the name and fail without saying so.

    Raises:
        ConfigurationError: this process has such a number.
    """
    number = os.geteuid()
    try:
        pwd.getpwuid(number)
    except KeyError:
        raise ConfigurationError(
            f"the user number {number} has no name, which Java and PostgreSQL need: run as a user that /etc/passwd "
            f"lists, or add a line for {number} to it"
        ) from None


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """The reference database, started for this run."""
    with local_postgres.running(folder / "postgres") as address, Database(address, RETRY_SECONDS) as opened:
        opened.check_health()
        yield opened


def warehouse(folder: Path) -> DuckDbWarehouse:
    """The warehouse file in ``folder``. What a new one needs is made ready here, while Spark starts."""
    if not (folder / "warehouse.duckdb").exists():
        duckdb_views.translate_all()
    return DuckDbWarehouse(folder)


def keep_lineage(folder: Path, lake: str, run: TracedRun) -> None:
    """Adds the events of a run to ``<folder>/lineage/<run_id>.jsonl``, all or none: a run that is retried has one file.

    Args:
        folder: the warehouse's, absolute.
    """
    named = datasets.duckdb(str(folder), str(Path(lake).absolute()), warehouse(folder).line_store)
    file = folder / "lineage" / f"{run.run_id}.jsonl"
    file.parent.mkdir(exist_ok=True)
    before = file.read_text() if file.exists() else ""
    made = file.with_suffix(".new")
    made.write_text(before + "".join(json.dumps(event) + "\n" for event in events(run, named)))
    made.rename(file)


def customer_key(folder: Path) -> CustomerKey:
    """The key of the customers in ``<folder>/customer_key``, made by the first run.

    Raises:
        ConfigurationError: the file holds no key.
    """
    file = folder / "customer_key"
    if not file.exists():
        made = folder / "customer_key.new"
        made.unlink(missing_ok=True)
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(CustomerKey.new().digits + "\n")
            new.flush()
            os.fsync(new.fileno())
        # Whole or not at all: a run may be killed here.
        made.rename(file)
    try:
        return CustomerKey.parse(file.read_text())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"{file}: {reason}: restore the file, or remove it, and the next run gives all customers new keys"
        ) from None
