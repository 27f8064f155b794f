"""Opens the warehouse's DuckDB file; where that fails, one line says why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sales_job.base.errors import JobError
from sales_job.warehouse import duckdb_division

WAIT_SECONDS = 30
"""How long a run waits for readers that hold the file open."""

DAMAGED = ("not a valid DuckDB database", "Corrupt database file", "Could not read enough bytes", "replaying WAL file")
"""DuckDB's messages about a file that is not a database, was changed by another program, or was cut off."""

ANOTHER_VERSION = "but we can only read versions"

REMEDY = "restore a copy, or remove it and run with --rebuild, which computes every table again from the lake"


@contextmanager
def opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write, open only while it is needed: DuckDB allows one process to write, and none while
    others read.

    Raises:
        JobError: the file is in use, damaged, or of another version of DuckDB.
    """
    connection = _connect(file)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        duckdb_division.define(connection)
        yield connection
    except duckdb.Error as error:
        # DuckDB notices a damaged block only when it reads it.
        if damage := _damage(file, error):
            raise damage from error
        raise
    finally:
        connection.close()


def _connect(file: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return duckdb.connect(str(file))
        except duckdb.Error as error:
            if damage := _damage(file, error):
                raise damage from None
            if "Could not set lock" not in str(error):
                raise JobError(f"{file}: cannot be opened ({_line(error)}): let this user read and write it") from None
            if time.monotonic() > deadline:
                raise JobError(f"{file}: cannot be written: close what has it open ({_line(error)})") from None
            time.sleep(0.2)


def _damage(file: Path, error: duckdb.Error) -> JobError | None:
    reason = _line(error)
    if any(sign in reason for sign in DAMAGED):
        return JobError(f"{file} is damaged ({reason}): {REMEDY}")
    if ANOTHER_VERSION in reason:
        return JobError(
            f"{file} was written by another version of DuckDB than this one, {duckdb.__version__} ({reason}): {REMEDY}"
        )
    return None


def _line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
