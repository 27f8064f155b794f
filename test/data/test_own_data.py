"""README.md's commands for other people's files, from a file in the shape of a public data set to the report."""

from __future__ import annotations

import base64
import json
import re
import shlex
import subprocess
import sys
import zlib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test/job/support")]

from public_shapes import SHAPES  # noqa: E402

pytestmark = pytest.mark.processes


def commands(file: Path, out: Path) -> list[list[str]]:
    """The block of the README that begins with a look at FILE, with this file and this folder in place of ``out/``."""
    (block,) = re.findall(r"```\n(npm run inspect -- FILE\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    words = [shlex.split(line) for line in block.splitlines()]
    return [[str(file) if word == "FILE" else re.sub("^out/", f"{out}/", word) for word in line] for line in words]


def test_from_an_export_to_the_report(tmp_path: Path) -> None:
    """A till's export: a title above the header, decimal commas, days first, weights, in Windows' code page."""
    shape = SHAPES["supermarket"]
    file, out = tmp_path / shape.file, tmp_path / "out"
    file.write_bytes(shape.content)
    said = []
    for command in commands(file, out):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        said.append(done.stdout)
    assert len(said) == 4
    lines, repeated, bad = shape.lines()
    summary = json.loads(said[2].splitlines()[-1])
    counts = [summary[name] for name in ("rows_loaded", "rows_duplicate", "rows_quarantined")]
    assert counts == [len(lines), repeated, bad]
    expected: dict[tuple[object, str], Decimal] = defaultdict(Decimal)
    for _, _, store, quantity, price, date, _ in lines:
        expected[date, store] += quantity * price
    with duckdb.connect(str(out / "mine-warehouse/warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(
            "SELECT transaction_date, store_id, daily_revenue FROM daily_sales_summary"
        ).fetchall()
    assert {(date, store): revenue for date, store, revenue in found} == expected
    (packed,) = re.findall(r'id="document">([A-Za-z0-9+/=]+)<', (out / "mine.html").read_text())
    # The length of the text, the text, and numbers in binary.
    raw = zlib.decompress(base64.b64decode(packed))
    text = raw[4 : 4 + int.from_bytes(raw[:4], "little")].decode()
    assert "Köln-Süd" in text
