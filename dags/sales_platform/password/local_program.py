"""The password on one machine: versions as files in ``<warehouse>/secrets/``, the user of the warehouse's PostgreSQL.

A program for the job's environment, which has PostgreSQL. It runs one step of a rotation and prints the result as one
line of JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from sales_job.targets import local_postgres
from sales_job.targets.local import locked
from sales_platform.google.postgres_login import LoginRefused, connected
from sales_platform.password.rotation import Rotation, Version

SECRET = "sales-sql-pass"
ROTATION_DAYS = 90


class FileVault:
    """A folder of versions, ``<number>.json``; see :class:`~sales_platform.password.rotation.Vault`.

    Args:
        latest: file in which the job looks for the newest password.
    """

    def __init__(self, folder: Path, latest: Path) -> None:
        self._folder, self._latest = folder, latest
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        # A run that was killed may have kept a version without writing it here.
        if versions := self.versions():
            self._write(latest, self.read(versions[0].number))

    def _content(self, number: int) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self._folder / f"{number}.json").read_text())
        return content

    @staticmethod
    def _write(path: Path, text: str) -> None:
        part = path.with_name(f".{path.name}.part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def versions(self) -> list[Version]:
        """Every version, the newest first."""
        found = []
        for number in sorted((int(path.stem) for path in self._folder.glob("[0-9]*.json")), reverse=True):
            content = self._content(number)
            found.append(Version(number, dt.datetime.fromisoformat(content["created"]), content["enabled"]))
        return found

    def read(self, number: int) -> str:
        """The password of an enabled version."""
        return str(self._content(number)["password"])

    def add(self, password: str) -> None:
        """Keeps a new version."""
        number = max((version.number for version in self.versions()), default=0) + 1
        content = {"created": dt.datetime.now(dt.UTC).isoformat(), "enabled": True, "password": password}
        self._write(self._folder / f"{number}.json", json.dumps(content))
        self._write(self._latest, password)

    def disable(self, number: int) -> None:
        """Makes a version unreadable."""
        content = self._content(number) | {"enabled": False}
        self._write(self._folder / f"{number}.json", json.dumps(content))


class LocalAccount:
    """The job's user of the server in the folder ``home``, which runs only while it is asked.

    See :class:`~sales_platform.password.rotation.Account`.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def is_running(self) -> bool:
        """Always: the server is started to be asked."""
        return True

    def accepts(self, password: str) -> bool:
        """Whether the user can log in."""
        with local_postgres.running(self._home) as at:
            try:
                with connected(at.host, at.port, at.database, at.user, password, authority=None):
                    return True
            except LoginRefused:
                return False

    def set_password(self, password: str) -> None:
        """Gives the user the password."""
        local_postgres.set_password(self._home, password)


def _rotation(warehouse: Path) -> Rotation:
    home = warehouse / "postgres"
    if not (home / "data").exists():
        with local_postgres.running(home):
            pass
    vault = FileVault(warehouse / "secrets" / SECRET, home / "password")
    return Rotation(vault, LocalAccount(home), ROTATION_DAYS)


def _run(rotation: Rotation, step: str, asked_at: dt.datetime | None) -> Any:
    match step:
        case "find-reason":
            return rotation.find_reason(asked_at)
        case "rotate":
            return rotation.rotate(asked_at)
        case "check-login":
            return rotation.check_login()
        case "disable-old-versions":
            return rotation.disable_old_versions()


def main() -> None:
    """Runs one step while no other run uses the warehouse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("step", choices=["find-reason", "rotate", "check-login", "disable-old-versions"])
    parser.add_argument("--asked-at", type=dt.datetime.fromisoformat)
    given = parser.parse_args()
    with locked(given.warehouse):
        print(json.dumps(_run(_rotation(given.warehouse), given.step, given.asked_at)))


if __name__ == "__main__":
    main()
