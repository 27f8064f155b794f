"""Backups and copies of the warehouse's PostgreSQL: real dumps, restored into a second real server.

A program for the job's environment, which has PostgreSQL. It runs one step of a drill and prints the result as one line
of JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sales_job.targets import local_postgres
from sales_job.targets.local import locked
from sales_platform.google.postgres_login import connected
from sales_platform.restore.drill import RECOVERY_POINT_GOAL, read_contents

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
    """The newest dump, or a new one if that is older than the goal allows."""
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
    """Creates a second, empty server."""
    with local_postgres.running(_home(warehouse, copy)):
        pass


def restore(warehouse: Path, copy: str, backup: str) -> None:
    """Restores a dump into the copy. Of a damaged dump the error is pg_restore's own line."""
    with local_postgres.running(_home(warehouse, copy)) as at:
        options = ("--exit-on-error", "--clean", "--if-exists", "--no-owner", f"--dbname={at.database}")
        _client("pg_restore", at, *options, str(warehouse / "backups" / backup))


def contents(warehouse: Path, copy: str | None, until: str) -> dict[str, Any]:
    """Contents of a copy, or of the live database."""
    with (
        local_postgres.running(_home(warehouse, copy)) as at,
        connected(at.host, at.port, at.database, at.user, at.password, authority=None) as connection,
    ):
        return asdict(read_contents(connection, until))


def remove_copies(warehouse: Path) -> list[str]:
    """Removes every copy; a server that a killed drill left running is stopped first."""
    copies = sorted((warehouse / "drills").glob("*"))
    for copy in copies:
        if (copy / "data/postmaster.pid").exists():
            with local_postgres.running(copy):  # Stops the server that was left, and its own.
                pass
        shutil.rmtree(copy)
    return [copy.name for copy in copies]


def _run(given: argparse.Namespace) -> Any:
    match given.step:
        case "latest-backup":
            return latest_backup(given.warehouse)
        case "make-copy":
            return make_copy(given.warehouse, given.copy)
        case "restore":
            return restore(given.warehouse, given.copy, given.backup)
        case "contents":
            return contents(given.warehouse, given.copy, given.until)
        case "remove-copies":
            return remove_copies(given.warehouse)


def main() -> None:
    """Runs one step while no other run uses the warehouse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("step", choices=["latest-backup", "make-copy", "restore", "contents", "remove-copies"])
    parser.add_argument("--copy", help="the copy; without it, the live database")
    parser.add_argument("--backup")
    parser.add_argument("--until", help="time, ISO 8601, of the newest run that is of interest")
    given = parser.parse_args()
    with locked(given.warehouse):
        print(json.dumps(_run(given)))


if __name__ == "__main__":
    main()
