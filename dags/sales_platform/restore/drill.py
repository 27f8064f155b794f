"""Restore drills: what is compared, and when a drill has passed, wherever database and backups are.

No module of Airflow is imported: on one machine the steps run in the job's environment.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Protocol

RECOVERY_TIME_GOAL = dt.timedelta(hours=2)
"""From deciding to restore until the copy is known to be good."""

RECOVERY_POINT_GOAL = dt.timedelta(hours=24)
"""Age that the latest backup may have: what would be lost with the database."""

TABLES = ("products", "stores", "run_history")
LEAST_SHARE = 0.9
"""Part of the live rows that a copy must hold: rows are added and never deleted, so it may lack what came since."""


class NoBackup(Exception):
    """There is nothing to restore."""


@dataclass(frozen=True)
class Backup:
    """One backup: its name, and the time that the data is of, ISO 8601."""

    name: str
    taken_at: str


@dataclass(frozen=True)
class Facts:
    """What one database holds: rows by table (a missing table is not in it) and the start of the newest run."""

    rows: dict[str, int]
    newest_run: str | None


class Site(Protocol):
    """Where database, backups and copies are. A step that is done twice does the second time what is left."""

    def latest_backup(self) -> Backup | None:
        """The newest whole backup."""

    def make_copy(self, copy: str) -> None:
        """Begins to make an empty server."""

    def restore(self, copy: str, backup: str) -> str:
        """Begins to restore; returns what to wait for."""

    def is_made(self, copy: str) -> bool:
        """Whether the server stands."""

    def is_restored(self, waited_for: str) -> bool:
        """Whether the restore has ended well; raises if it ended otherwise."""

    def facts(self, copy: str | None, until: str) -> Facts:
        """Of a copy, or of the live database; of runs that started at ``until`` or before."""

    def remove_copies(self) -> list[str]:
        """Removes every copy, also those that another drill left. Returns their names."""


def read_facts(connection: Any, until: str) -> Facts:
    """Asks one database. ``connection`` is DB-API's, of pg8000."""
    cursor = connection.cursor()
    rows = {}
    for table in TABLES:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"public.{table}",))
        if cursor.fetchone()[0]:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            rows[table] = cursor.fetchone()[0]
    newest = None
    if "run_history" in rows:
        cursor.execute("SELECT MAX(started_at) FROM run_history WHERE started_at <= CAST(%s AS timestamptz)", (until,))
        newest = cursor.fetchone()[0]
    return Facts(rows, newest and newest.astimezone(dt.UTC).isoformat())


def problems(copy: Facts, live: Facts) -> list[str]:
    """What the copy lacks, one line each; none is a good copy."""
    found = []
    for table, rows in live.rows.items():
        if table not in copy.rows:
            found.append(f"{table}: is not in the copy")
        elif copy.rows[table] < rows * LEAST_SHARE and table != "run_history":
            found.append(f"{table}: {copy.rows[table]} rows in the copy, {rows} in the database")
    found += [f"{table}: is in neither copy nor database" for table in TABLES if not {table} & {*copy.rows, *live.rows}]
    if live.newest_run is not None and (copy.newest_run is None or copy.newest_run < live.newest_run):
        found.append(
            f"run_history: the newest run in the copy is of {copy.newest_run}, "
            f"when the backup was taken it was of {live.newest_run}"
        )
    return found


def check(site: Site, copy: str, backup: Backup) -> dict[str, Any]:
    """Compares copy and live database."""
    live, restored = site.facts(None, backup.taken_at), site.facts(copy, backup.taken_at)
    return {"copy": asdict(restored), "live": asdict(live), "problems": problems(restored, live)}


def verdict(checked: dict[str, Any], backup: Backup, started_at: dt.datetime, ended_at: dt.datetime) -> dict[str, Any]:
    """What the drill achieved, beside the goals.

    Args:
        checked: by :func:`check`.
        started_at: when the drill decided to restore.
        ended_at: when the check was over.
    """
    took = ended_at - started_at
    lost = started_at - dt.datetime.fromisoformat(backup.taken_at)
    found = list(checked["problems"])
    for what, achieved, goal in (
        ("recovery took", took, RECOVERY_TIME_GOAL),
        ("the backup was old:", lost, RECOVERY_POINT_GOAL),
    ):
        if achieved > goal:
            found.append(
                f"{what} {achieved.total_seconds() / 3600:.1f} h, the goal is {goal.total_seconds() / 3600:.0f} h"
            )
    return {
        "backup": backup.name,
        "recovery_time_seconds": round(took.total_seconds(), 1),
        "recovery_time_goal_seconds": int(RECOVERY_TIME_GOAL.total_seconds()),
        "recovery_point_seconds": round(lost.total_seconds(), 1),
        "recovery_point_goal_seconds": int(RECOVERY_POINT_GOAL.total_seconds()),
        "rows": checked["copy"]["rows"],
        "newest_run": checked["copy"]["newest_run"],
        "problems": found,
    }
