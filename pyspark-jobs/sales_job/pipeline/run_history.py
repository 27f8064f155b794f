"""The history of runs in PostgreSQL: one row an attempt, also of failed and killed ones."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import sqlalchemy as sa

import database_utils
from database_utils import Database
from sales_job.base.arguments import Arguments
from sales_job.reference.migrations import prepare_table

RUNS = sa.Table(
    "run_history",
    sa.MetaData(),
    sa.Column("run_id", sa.Text(), primary_key=True),
    sa.Column("started_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("start_date", sa.Date()),
    sa.Column("end_date", sa.Date()),
    *[
        sa.Column(name, sa.BigInteger())
        for name in (
            "rows_read",
            "rows_loaded",
            "rows_duplicate",
            "rows_quarantined",
            "unmatched_products",
            "unmatched_stores",
        )
    ],
    sa.Column("code_version", sa.Text(), nullable=False),
    sa.Column("error", sa.Text()),
)


def code_version() -> str:
    """Twelve digits that change with any source of the package or ``database_utils``; a checkout and the archive made
    from it have the same.
    """
    digest = hashlib.sha256(inspect.getsource(database_utils).encode())
    for name, content in sorted(_sources(resources.files("sales_job"), "")):
        digest.update(f"{name}\0".encode() + content)
    return digest.hexdigest()[:12]


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """The contents of the archive: every module and JSON file, by its path in the package."""
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        if entry.is_dir():
            yield from _sources(entry, name)
        elif name.endswith((".py", ".json")):
            yield name, entry.read_bytes()


def begin(database: Database, arguments: Arguments, started_at: dt.datetime) -> None:
    """Adds a row with status "running"; rows that a killed run left in this state become "killed"."""

    def work(connection: sa.Connection) -> None:
        prepare_table(connection, RUNS)
        connection.execute(sa.update(RUNS).where(RUNS.c.status == "running").values(status="killed"))
        interval = arguments.interval
        connection.execute(
            sa.insert(RUNS).values(
                run_id=arguments.run_id,
                started_at=started_at,
                status="running",
                start_date=interval and interval.start,
                end_date=interval and interval.end,
                code_version=code_version(),
            )
        )

    database.transaction(work)


def end(
    database: Database,
    arguments: Arguments,
    started_at: dt.datetime,
    status: str,
    counts: Mapping[str, Any],
    error: str | None,
) -> None:
    """Completes the row of :func:`begin`. ``status`` is done, refused or failed."""
    values = {name: value for name, value in counts.items() if name in RUNS.c}
    finished = dt.datetime.now(dt.UTC)
    statement = (
        sa.update(RUNS)
        .where(RUNS.c.run_id == arguments.run_id, RUNS.c.started_at == started_at)
        .values(status=status, finished_at=finished, error=error, **values)
    )
    database.transaction(lambda connection: connection.execute(statement))
