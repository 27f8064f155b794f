"""Restore drills: what they compare, and when a drill has passed, wherever database and backups are.

No module of Airflow is imported: on one machine the steps run in the job's environment.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

RECOVERY_TIME_GOAL = dt.timedelta(hours=2)
"""From the decision to restore until the copy is checked."""

RECOVERY_POINT_GOAL = dt.timedelta(hours=24)
"""Largest age of the latest backup: what would be lost with the database."""

TABLES = ("products", "stores", "run_history")
MINIMUM_SHARE = 0.9
"""Share of the live rows that a copy must hold: rows are added and never deleted, so it lacks the latest alone."""


@dataclass(frozen=True)
class Backup:
    """One backup: its name, and the time of its data, ISO 8601."""

    name: str
    taken_at: str


@dataclass(frozen=True)
class DatabaseContents:
    """Rows by table, missing tables left out, and the start of the newest run, ISO 8601, UTC."""

    rows: dict[str, int]
    newest_run: str | None


def read_contents(connection: Any, until: str) -> DatabaseContents:
    """Reads one database.

    Args:
        connection: of DB-API, by pg8000.
        until: time, ISO 8601; runs that started later are not counted as the newest.
    """
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
    return DatabaseContents(rows, newest and newest.astimezone(dt.UTC).isoformat())


def problems(copy: DatabaseContents, live: DatabaseContents) -> list[str]:
    """One line for each thing that the copy lacks; empty for a good copy."""
    found = []
    for table, rows in live.rows.items():
        if table not in copy.rows:
            found.append(f"{table}: is not in the copy")
        elif copy.rows[table] < rows * MINIMUM_SHARE and table != "run_history":
            found.append(f"{table}: {copy.rows[table]} rows in the copy, {rows} in the database")
    found += [f"{table}: is in neither copy nor database" for table in TABLES if not {table} & {*copy.rows, *live.rows}]
    if live.newest_run is not None and (copy.newest_run is None or copy.newest_run < live.newest_run):
        found.append(
            f"run_history: the newest run in the copy is of {copy.newest_run}, "
            f"when the backup was taken it was of {live.newest_run}"
        )
    return found


def drill_report(
    copy: DatabaseContents,
    live: DatabaseContents,
    backup: Backup,
    started_at: dt.datetime,
    ended_at: dt.datetime,
) -> dict[str, Any]:
    """What the drill achieved, the goals, and the problems: of the copy, and goals missed.

    Args:
        started_at: when the drill decided to restore.
        ended_at: when both databases were read.
    """
    took = ended_at - started_at
    lost = started_at - dt.datetime.fromisoformat(backup.taken_at)
    found = problems(copy, live)
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
        "rows": copy.rows,
        "newest_run": copy.newest_run,
        "problems": found,
    }
