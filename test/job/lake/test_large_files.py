"""Large files are read in pieces where that gives the same rows, which is found out by looking at them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from harness import Sandbox
from pyspark.sql import SparkSession

from sales_job.base.sales_columns import SALES_COLUMNS
from sales_job.lake import large_files
from sales_job.lake.csv_reader import read_texts
from sales_job.lake.file_system import LocalFiles
from sales_job.lake.lake import Lake

HEADER = ",".join(SALES_COLUMNS)
LINES = [f"T{n},P1,S{n % 7},1,1.50,2026-01-02,C{n}" for n in range(400)]


def text(*odd: str, end: str = "\n") -> str:
    """A file of many lines, with odd ones in the middle."""
    return end.join([HEADER, *LINES[:200], *odd, *LINES[200:]]) + end


FILES: dict[str, tuple[str | bytes, bool]] = {
    "plain.csv": (text(), True),
    "windows.csv": (text(end="\r\n"), True),
    "quoted.csv": (text('T9,"P1, blue",S1,1,1.50,2026-01-02,"said ""yes"""'), True),
    "all quoted.csv": ("\n".join(f'"{line}"'.replace(",", '","') for line in [HEADER, *LINES]) + "\n", True),
    "line break.csv": (text('T9,"P1\nblue",S1,1,1.50,2026-01-02,C1'), False),
    "one quote.csv": (text('T9,P1 5",S1,1,1.50,2026-01-02,C1'), False),
    "carriage.csv": (text("T9,P1\rblue,S1,1,1.50,2026-01-02,C1"), False),
    "old.csv": (text(end="\r"), False),
    "wide.csv": (text().encode("utf-16"), False),
    "packed.csv.gz": (text(), False),
}
"""Contents, and whether they may be read in pieces."""


@pytest.fixture
def small_pieces(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(large_files, "SPLIT_BYTES", 1000)
    before = spark.conf.get("spark.sql.files.maxPartitionBytes")
    spark.conf.set("spark.sql.files.maxPartitionBytes", "997")
    yield
    spark.conf.set("spark.sql.files.maxPartitionBytes", str(before))


def test_only_files_whose_line_breaks_end_rows_are_read_in_pieces(sandbox: Sandbox, small_pieces: None) -> None:
    for name, (content, _) in FILES.items():
        sandbox.write(f"sales_data/dt=2026-01-02/{name}", content)
    lake = Lake(LocalFiles(str(sandbox.lake)), pytest.fail)
    arrived = [file for file in lake.arrivals(None)]
    marked = large_files.mark_splittable(sandbox.spark, lake, arrived)
    assert {file.name.rpartition("/")[2]: file.splittable for file in marked} == {
        name: in_pieces for name, (_, in_pieces) in FILES.items()
    }
    for file in marked:
        if file.splittable:
            frame = read_texts(sandbox.spark, [file], SALES_COLUMNS)
            assert frame.rdd.getNumPartitions() > 10
            content = FILES[file.name.rpartition("/")[2]][0]
            assert isinstance(content, str)
            expected = [tuple(row) for row in csv.reader(io.StringIO(content, newline=""))][1:]
            rows = [tuple(row[name] for name in SALES_COLUMNS) for row in frame.collect()]
            assert sorted(rows) == sorted(expected)


def test_small_files_are_not_looked_at(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.sales("dt=2026-01-02/a.csv", LINES)
    lake = Lake(LocalFiles(str(sandbox.lake)), pytest.fail)
    monkeypatch.setattr(SparkSession, "read", None)
    (file,) = large_files.mark_splittable(sandbox.spark, lake, lake.arrivals(None))
    assert not file.splittable
