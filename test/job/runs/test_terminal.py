"""What a user sees in a terminal while a run works: Spark's stages, and a line at the end of each step."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess

import pytest
from harness import STEPS, Sandbox, command

pytestmark = pytest.mark.processes


def test_progress_and_steps_in_a_terminal(sandbox: Sandbox) -> None:
    rows = [f"T{n},P{n % 50},S{n % 7},2,1.25,2026-01-02,C{n}" for n in range(60_000)]
    sandbox.sales("dt=2026-01-02/a.csv", rows)
    terminal, its_end = pty.openpty()
    options = ("--lake", str(sandbox.lake), "--warehouse", str(sandbox.folder / "seen"))
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=its_end, text=True) as process:
        os.close(its_end)
        seen = b""
        try:
            while piece := os.read(terminal, 65_536):
                seen += piece
        except OSError:
            pass  # on Linux a terminal whose other end is closed answers so
        assert process.stdout is not None
        summary = json.loads(process.stdout.read())
    os.close(terminal)
    assert (process.returncode, summary["status"]) == (0, "done")
    text = seen.decode()
    assert re.search(r"\[Stage \d+:[=>]* +\(\d+ \+ \d+\) / \d+\]", text)
    lines = [json.loads(found) for found in re.findall(r"\{\"severity.*?\}(?=\s)", text)]
    steps = {line["step"]: line for line in lines if "step" in line}
    assert list(steps)[1:] == list(STEPS)
    assert all(step["seconds"] >= 0 for step in steps.values())
    assert (steps["read and check lines"]["rows"], steps["compute figures"]["loaded"]) == (60_000, 60_000)
