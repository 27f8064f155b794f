"""Files in the shapes of public data sets: from ``inspect`` to a lake whose lines are those of plain Python."""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from harness import JOB, Sandbox
from public_shapes import SHAPES, Line, Shape

from sales_job.lake.file_system import LocalFiles
from sales_job.lake.lake import Lake

sys.path.insert(0, str(JOB.parent))

from scripts.inspect.main import main


def inspected(shape: Shape, folder: Path) -> Path:
    """The lake that ``inspect --out`` makes of the file."""
    file = folder / shape.file
    file.write_bytes(shape.content)
    assert main([str(file), *shape.options, "--out", str(folder / "written")]) == 0
    return folder / "written"


def as_line(row: list[str]) -> Line | None:
    """A row of the translated file; None for one that is bad."""
    shape = Shape("", b"", [], lambda: iter([row[:7]]))
    found, _, _ = shape.lines()
    return next(iter(found), None) if len(row) == 7 else None


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_is_understood_line_by_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, repeated, bad = SHAPES[name].lines()
    lake = Lake(LocalFiles(str(inspected(SHAPES[name], tmp_path))), lambda *_, **__: None)
    said = capsys.readouterr().out
    good = len(lines) + repeated
    assert f"{good + bad} lines: {good} good, {repeated} of them duplicates, " in said
    assert f" returns, {bad} bad" in said
    revenue = sum((quantity * price for _, _, _, quantity, price, _, _ in lines), Decimal(0))
    assert f"revenue {revenue:,.4f}" in said
    (file,) = lake.arrivals(None)
    header, *rows = csv.reader(io.StringIO(lake.read(file)))
    order = [header.index(column) for column in (
        "transaction_id", "product_id", "store_id", "quantity", "unit_price", "transaction_date", "customer_id",
    )]  # fmt: skip
    assert {as_line([row[i] for i in order]) for row in rows} - {None} == lines


@pytest.mark.parametrize("name", ["online retail", "supermarket"])
def test_its_tables_are_those_of_plain_python(name: str, tmp_path: Path, sandbox: Sandbox) -> None:
    sandbox.lake = inspected(SHAPES[name], tmp_path)
    sandbox.run()
    expected: dict[tuple[object, str], Decimal] = defaultdict(Decimal)
    for _, _, store, quantity, price, date, _ in SHAPES[name].lines()[0]:
        expected[date, store] += quantity * price
    found = sandbox.query("SELECT transaction_date, store_id, daily_revenue FROM daily_sales_summary")
    assert {(date, store): revenue for date, store, revenue in found} == expected
