"""The one rule of names: sales files, arrival folders, and what is passed over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import JOB

from sales_job.lake.arrival_names import (
    FLAT,
    Judgement,
    arrival_day,
    beginning_of,
    fits,
    is_packed,
    is_sales_file,
    judge,
    judge_by_patterns,
)
from sales_job.lake.data_package import Resource
from sales_job.lake.file_system import LocalFiles


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


@pytest.mark.parametrize(
    ("path", "arrival"),
    [
        ("exports/sales_2026-01-06.csv", "2026-01-06"),
        ("exports/north/2/sales_2026-01-06.csv", "2026-01-06"),
        # Nothing of the sales data: the reference file, a folder that is not described, another ending.
        ("reference_data/products.csv", None),
        ("sales_2026-01-06.csv", None),
        ("exports/sales_2026-01-06.txt", None),
    ],
)
def test_files_by_the_patterns_of_a_descriptor(path: str, arrival: str | None) -> None:
    judged = judge_by_patterns(path, ["exports/**/*.csv"], "sales_{yyyy}-{MM}-{dd}.csv")
    assert (judged and judged.arrival) == arrival


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("exports/sales_2026-02-30.csv", "has no arrival day by the pattern 'sales_{yyyy}-{MM}-{dd}.csv'"),
        ("exports/notes.csv", "has no arrival day by"),
        ("exports/.sales_2026-01-06.csv", "begins with '.' or '_'"),
        ("exports/_temporary/sales_2026-01-06.csv", "begins with '.' or '_'"),
    ],
)
def test_what_a_descriptor_passes_over_has_a_reason(path: str, why: str) -> None:
    judged = judge_by_patterns(path, ["exports/**/*.csv"], "sales_{yyyy}-{MM}-{dd}.csv")
    assert judged is not None
    assert (judged.arrival, why in str(judged.passed_over)) == (None, True)


def test_a_name_that_a_descriptor_writes_out_is_no_half_file() -> None:
    assert judge_by_patterns("_till/a.csv", ["_till/*.csv"], None) == Judgement(FLAT, None)


@pytest.mark.parametrize(
    "pattern",
    [
        "*.csv",
        "a/*.csv",
        "*/*.csv",
        "**/*.csv",
        "a/**/*.csv",
        "a/b/c.csv",
        "a/**/b/*",
        "a/[bc]/?.csv",
        "a/x[1].csv",
        "**",
    ],
)
def test_a_lake_is_walked_by_the_rule_that_judges_paths(tmp_path: Path, pattern: str) -> None:
    """The DAGs have the paths of all objects and judge each; the job walks into the folders that a pattern names."""
    paths = [
        "r.csv",
        "a/r.csv",
        "a/x[1].csv",
        "a/x1.csv",
        "a/b/c.csv",
        "a/b/d.txt",
        "a/c/e.csv",
        "a/q/b/f.csv",
        "b/a/g.csv",
    ]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    walked = [path for path, _ in Resource("sales", (pattern,)).find(LocalFiles(str(tmp_path)))]
    assert walked == sorted(path for path in paths if fits(path, pattern))
    assert all(path.startswith(beginning_of(pattern)) for path in walked)


@pytest.mark.parametrize("module", ["arrival_names", "data_package"])
def test_the_module_needs_the_standard_library_only(module: str) -> None:
    """The DAGs import it from the job's archive, without Spark."""
    code = (
        f"import sys; import sales_job.lake.{module};"
        "names = {m.partition('.')[0] for m in sys.modules if not m.startswith('_sysconfigdata')};"
        "print(sorted(names - set(sys.stdlib_module_names) - {'__main__'}))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=JOB, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['sales_job']"
