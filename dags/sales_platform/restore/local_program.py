"""Backups and copies of the warehouse's PostgreSQL: real dumps, restored into a second real server.

Run as a program in the job's environment: the arguments are the warehouse, a function below and its arguments as
JSON; the last line printed is the result as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sales_job.targets import local_postgres
from sales_job.targets.local import locked
from sales_platform.google.postgres_login import connected
from sales_platform.restore.drill import RECOVERY_POINT_GOAL, read_facts

STAMP = "%Y%m%dT%H%M%SZ"


def _client(program: str, at: Any, *arguments: str) -> None:
    """Runs one of PostgreSQL's client programs against a server."""
    done = subprocess.run(
        [str(local_postgres.programs() / program), "-h", at.host, "-p", str(at.port), "-U", at.user, *arguments],
        env={**os.environ, "PGPASSWORD": at.password, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"error: {done.stderr.strip().splitlines()[-1]}")


def latest_backup(warehouse: Path) -> dict[str, str]:
    """The newest dump that is young enough, or a new one."""
    folder = warehouse / "backups"
    folder.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    dumps = sorted(folder.glob("*.dump"))
    taken_at = dt.datetime.strptime(dumps[-1].stem, STAMP).replace(tzinfo=dt.UTC) if dumps else None
    if taken_at is None or now - taken_at > RECOVERY_POINT_GOAL:
        taken_at = now.replace(microsecond=0)
        whole = folder / f"{taken_at:{STAMP}}.dump"
        part = whole.with_suffix(".part")
        with local_postgres.running(warehouse / "postgres") as at:
            _client("pg_dump", at, "--format=custom", f"--file={part}", at.database)
        part.replace(whole)
    return {"name": f"{taken_at:{STAMP}}.dump", "taken_at": taken_at.isoformat()}


def _home(warehouse: Path, copy: str | None) -> Path:
    return warehouse / "postgres" if copy is None else warehouse / "drills" / copy


def make_copy(warehouse: Path, copy: str) -> None:
    """Makes a second, empty server."""
    with local_postgres.running(_home(warehouse, copy)):
        pass


def restore(warehouse: Path, copy: str, backup: str) -> None:
    """Fills the copy. A dump that is cut or damaged ends in pg_restore's own line."""
    with local_postgres.running(_home(warehouse, copy)) as at:
        options = ("--exit-on-error", "--clean", "--if-exists", "--no-owner", f"--dbname={at.database}")
        _client("pg_restore", at, *options, str(warehouse / "backups" / backup))


def facts(warehouse: Path, copy: str | None, until: str) -> dict[str, Any]:
    """What a copy holds, or the live database."""
    with (
        local_postgres.running(_home(warehouse, copy)) as at,
        connected(at.host, at.port, at.database, at.user, at.password, tls=False) as connection,
    ):
        return asdict(read_facts(connection, until))


def remove_copies(warehouse: Path) -> list[str]:
    """Removes every copy; a server of a drill that was killed is stopped first."""
    copies = sorted((warehouse / "drills").glob("*"))
    for copy in copies:
        if (copy / "data/postmaster.pid").exists():
            with local_postgres.running(copy):  # Ends the one that was left, and itself.
                pass
        shutil.rmtree(copy)
    return [copy.name for copy in copies]


def main(warehouse: str, step: str, arguments: str) -> None:
    """Runs one step while nobody else uses the warehouse."""
    folder = Path(warehouse)
    with locked(folder):
        print(json.dumps(globals()[step](folder, *json.loads(arguments))))


if __name__ == "__main__":
    main(*sys.argv[1:])
