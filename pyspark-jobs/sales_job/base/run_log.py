"""Structured log on standard error: one JSON object a line, with the field names of Cloud Logging."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST_WARNINGS = 20
"""Warnings that a run's summary repeats; the log has them all."""


class RunLog:
    """The log of one run; ``run_id`` is in every line. ``warnings`` are the messages of the first ones."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.warnings: list[str] = []

    def write(self, severity: str, message: str, **fields: Any) -> None:
        """Writes one line. ``severity`` is INFO, WARNING or ERROR."""
        time_now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        entry = {"severity": severity, "time": time_now, "run_id": self.run_id, "message": message, **fields}
        print(json.dumps(entry, default=str), file=sys.stderr, flush=True)

    def info(self, message: str, **fields: Any) -> None:
        self.write("INFO", message, **fields)

    def warning(self, message: str, **fields: Any) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(message)
        self.write("WARNING", message, **fields)

    def error(self, message: str, **fields: Any) -> None:
        self.write("ERROR", message, **fields)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Times one step, in seconds, and logs it when it ends, with the fields that the body adds to the dict."""
        start = time.monotonic()
        fields: dict[str, Any] = {}
        yield fields
        self.info(f"{name}: done", step=name, seconds=round(time.monotonic() - start, 3), **fields)
