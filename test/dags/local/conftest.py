"""Fixtures of the local profile."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]

from sandbox import FirstDay, Sandbox  # noqa: E402  the path is set above


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    """One run of the daily DAG, which the tests share."""
    sandbox = Sandbox(tmp_path_factory.mktemp("first-day")).fill()
    run = sandbox.daily("2026-03-03")
    assert run.code == 0, run.lines
    return FirstDay(sandbox, run)
