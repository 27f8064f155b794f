"""The one rule of names: sales files, arrival folders, and what is passed over."""

from __future__ import annotations

import subprocess
import sys

import pytest
from harness import JOB

from sales_job.lake.arrival_names import arrival_day, is_packed, is_sales_file, judge


@pytest.mark.parametrize(
    ("path", "arrival"),
    [
        ("till.csv", ""),
        ("dt=2026-01-06/till.csv", "2026-01-06"),
        ("dt=2024-02-29/TILL.CSV", "2024-02-29"),
        ("dt=2026-01-06/till.csv.gz", "2026-01-06"),
        ("dt=2026-01-06/Till.Csv.GZ", "2026-01-06"),
        ("dt=2026-01-06/sales[1].csv", "2026-01-06"),
        ("dt=2026-01-06/sales_2026-01-06T10:00:00.csv", "2026-01-06"),
    ],
)
def test_sales_files(path: str, arrival: str) -> None:
    assert judge(path).arrival == arrival


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("dt=2026-01-06/", "is a folder"),
        ("dt=2026-01-06/._till.csv", "begins with"),
        ("dt=2026-01-06/_SUCCESS", "begins with"),
        ("dt=2026-01-06/.DS_Store", "begins with"),
        ("dt=2026-01-06/_temporary/0/part.csv", "begins with"),
        ("dt=2026-01-06/till.csv.filepart", "end in .csv or .csv.gz"),
        ("dt=2026-01-06/till.csv.bz2", "end in .csv or .csv.gz"),
        ("dt=2026-01-06/till.csv.gz.tmp", "end in .csv or .csv.gz"),
        ("dt=2026-01-06/tillcsv", "end in .csv or .csv.gz"),
        ("README.txt", "end in .csv or .csv.gz"),
        ("dt=2026-01-06/hour=13/till.csv", "inside an arrival folder"),
        ("dt=2026-1-6/till.csv", "dt=yyyy-MM-dd"),
        ("dt=2026-02-30/till.csv", "dt=yyyy-MM-dd"),
        ("date=2026-01-06/till.csv", "dt=yyyy-MM-dd"),
        ("DT=2026-01-06/till.csv", "dt=yyyy-MM-dd"),
        ("dt=20260106/till.csv", "dt=yyyy-MM-dd"),
        ("dt=2026-W02-2/till.csv", "dt=yyyy-MM-dd"),
        ("2026-01-06/till.csv", "dt=yyyy-MM-dd"),
    ],
)
def test_what_is_passed_over_has_a_reason(path: str, why: str) -> None:
    judged = judge(path)
    assert judged.arrival is None
    assert judged.passed_over is not None
    assert why in judged.passed_over


def test_parts_of_the_rule() -> None:
    assert arrival_day("dt=2026-01-06") == "2026-01-06"
    assert arrival_day("dt=2026-01-06/") is None
    assert is_packed("TILL.CSV.GZ")
    assert not is_packed("till.csv")
    assert is_sales_file("TILL.CSV")
    assert not is_sales_file("till.csv.filepart")
    assert not is_sales_file("_till.csv")


def test_the_module_needs_the_standard_library_only() -> None:
    code = (
        "import sys; import sales_job.lake.arrival_names;"
        "print(sorted({m.partition('.')[0] for m in sys.modules} - set(sys.stdlib_module_names) - {'__main__'}))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=JOB, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['sales_job']"
