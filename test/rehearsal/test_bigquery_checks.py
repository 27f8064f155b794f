"""The checks before publishing, as BigQuery's SQL and by its client library, on the emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_check_that_fails_is_rolled_back_and_its_results_are_kept(tmp_path: Path) -> None:
    subprocess.run(["node", str(ROOT / "scripts/setup.mjs"), "emulators"], check=True, capture_output=True)
    program = [str(ROOT / ".venv/emulators/bin/python"), str(ROOT / "test/rehearsal/bigquery_publications.py")]
    # After the emulators' own packages, so that these win.
    path = f"import sys; sys.path.append({sysconfig.get_path('purelib')!r}); sys.argv[:] = sys.argv[1:]; "
    run = "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
    done = subprocess.run(
        [program[0], "-c", path + run, program[1], str(tmp_path)],
        capture_output=True, text=True, timeout=600, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    thursday, spoiled, friday = found["outcome"]
    assert (thursday, friday) == ("done", "done")
    assert spoiled.startswith("nothing is published, these checks do not hold: revenue_of_days (")
    assert "12.01 = 12 is not so" in spoiled
    assert found["between"] == [["2026-01-01", "10.500000000"]]
    assert found["runs"] == [["friday"], ["thursday"]]
    assert found["kept"] == [["friday", 20, 20], ["spoiled", 20, 17], ["thursday", 20, 20]]
    failed = {name: (Decimal(value), Decimal(limit)) for name, value, limit in found["failed"]}
    assert failed == {
        "revenue_of_days": (Decimal("12.01"), Decimal("12")),
        "revenue_of_products": (Decimal("22.5"), Decimal("22.51")),
        "revenue_of_stores": (Decimal("22.5"), Decimal("22.51")),
    }
