"""The password on one machine: versions as files in ``<warehouse>/secrets/``, the user of the warehouse's PostgreSQL.

Run as a program in the job's environment, which has PostgreSQL: the arguments are the warehouse, a step of
:mod:`sales_platform.password.rotation` and its arguments as JSON; the last line printed is the result as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import Any

from sales_platform.google.postgres_login import LoginRefused, connected
from sales_platform.password import rotation
from sales_platform.password.rotation import Version

SECRET = "sales-sql-pass"


class FileVault:
    """A folder of versions, ``<number>.json``. The newest password also lies where the job looks for it."""

    def __init__(self, folder: Path, latest: Path) -> None:
        self._folder, self._latest = folder, latest
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        # A run that was killed may have kept a version and not come to this.
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
        """See :class:`~sales_platform.password.rotation.Vault`."""
        found = []
        for number in sorted((int(path.stem) for path in self._folder.glob("[0-9]*.json")), reverse=True):
            content = self._content(number)
            found.append(Version(number, dt.datetime.fromisoformat(content["created"]), content["enabled"]))
        return found

    def read(self, number: int) -> str:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        return str(self._content(number)["password"])

    def add(self, password: str) -> None:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        number = max((version.number for version in self.versions()), default=0) + 1
        content = {"created": dt.datetime.now(dt.UTC).isoformat(), "enabled": True, "password": password}
        self._write(self._folder / f"{number}.json", json.dumps(content))
        self._write(self._latest, password)

    def disable(self, number: int) -> None:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        content = self._content(number) | {"enabled": False}
        self._write(self._folder / f"{number}.json", json.dumps(content))


class LocalAccount:
    """The job's user of the server whose data lies in ``home``; the server runs while it is asked."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def awake(self) -> bool:
        """See :class:`~sales_platform.password.rotation.Account`."""
        return True

    def accepts(self, password: str) -> bool:
        """See :class:`~sales_platform.password.rotation.Account`."""
        from sales_job.targets import local_postgres

        with local_postgres.running(self._home) as at:
            try:
                with connected(at.host, at.port, at.database, at.user, password, tls=False):
                    return True
            except LoginRefused:
                return False

    def set_password(self, password: str) -> None:
        """See :class:`~sales_platform.password.rotation.Account`."""
        from sales_job.targets import local_postgres

        local_postgres.set_password(self._home, password)


def main(warehouse: str, step: str, arguments: str) -> None:
    """Runs one step while nobody else uses the warehouse."""
    from sales_job.targets import local_postgres
    from sales_job.targets.local import locked

    folder = Path(warehouse)
    home = folder / "postgres"
    with locked(folder):
        if not (home / "data").exists():
            with local_postgres.running(home):
                pass
        vault = FileVault(folder / "secrets" / SECRET, home / "password")
        values = [
            dt.datetime.fromisoformat(value) if isinstance(value, str) else value for value in json.loads(arguments)
        ]
        print(json.dumps(getattr(rotation, step)(vault, LocalAccount(home), *values)))


if __name__ == "__main__":
    main(*sys.argv[1:])
