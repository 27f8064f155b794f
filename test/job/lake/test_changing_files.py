"""Files that are written while a run reads: read whole, or left for the next run and named, never half."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import Sandbox
from pyspark.sql import SparkSession

from sales_job.base.errors import JobError
from sales_job.lake.file_system import HadoopFiles, LocalFiles
from sales_job.lake.lake import Lake
from sales_job.pipeline import clean_arrivals

DAY = "2026-01-02"
FIRST = f"T1,P1,S1,1,2.00,{DAY},C1"
SECOND = f"T2,P1,S1,1,3.00,{DAY},C1"
NAME = f"sales_data/dt={DAY}/till.csv"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Does something once, before the lines are read or after they were written."""

    def arrange(act: Callable[[], object], before: bool = False) -> None:
        write, todo = clean_arrivals._write_days, [act]

        def acting(*arguments: Any) -> Any:
            if before and todo:
                todo.pop()()
            written = write(*arguments)
            if todo:
                todo.pop()()
            return written

        monkeypatch.setattr(clean_arrivals, "_write_days", acting)

    return arrange


def test_a_file_that_grows_is_read_whole_by_the_next_run(sandbox: Sandbox, meanwhile: Callable[..., None]) -> None:
    path = sandbox.sales(f"dt={DAY}/till.csv", [FIRST])

    def grow() -> None:
        with path.open("a") as file:
            file.write(f"{SECOND}\n")

    meanwhile(grow)
    with pytest.raises(
        JobError, match=f"^{NAME} changed while this run read: nothing is published; run again"
    ) as error:
        sandbox.day(DAY)
    # A retry reads it whole; input that is refused would not be tried again.
    assert error.value.exit_code == 1
    assert sandbox.day(DAY)["rows_loaded"] == 2
    assert [row[4] for row in sandbox.tables()["daily_sales_summary"]] == [5]


def test_a_file_that_is_replaced_by_one_of_the_same_size(sandbox: Sandbox, meanwhile: Callable[..., None]) -> None:
    sandbox.sales(f"dt={DAY}/till.csv", [FIRST])
    other = sandbox.sales(f"dt={DAY}/.till.csv", [SECOND])
    meanwhile(lambda: other.replace(sandbox.lake / NAME), before=True)
    with pytest.raises(JobError, match="changed while this run read"):
        sandbox.day(DAY)
    assert sandbox.day(DAY)["rows_loaded"] == 1
    assert [row[4] for row in sandbox.tables()["daily_sales_summary"]] == [3]


def test_a_file_that_comes_beside_one_is_named_and_left(
    sandbox: Sandbox, meanwhile: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox.sales(f"dt={DAY}/till.csv", [FIRST])
    meanwhile(lambda: (sandbox.sales(f"dt={DAY}/b.csv", [SECOND]), sandbox.sales(f"dt={DAY}/.c.csv", [SECOND])))
    assert sandbox.day(DAY)["rows_loaded"] == 1
    warnings = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"WARNING"' in line]
    assert [one["files"] for one in warnings if one["message"].startswith("left for the next run")] == [
        [f"sales_data/dt={DAY}/b.csv"]
    ]
    assert sandbox.day(DAY)["rows_loaded"] == 2


def test_an_archive_that_is_still_being_written_is_not_refused_for_good(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sandbox.sales(f"dt={DAY}/till.csv.gz", [f"T{n},P1,S1,1,{n}.25,{DAY},C{n}" for n in range(400)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    look = Lake.require_complete_archives

    def write_and_look(lake: Lake, files: Any) -> None:
        try:
            look(lake, files)
        finally:
            path.write_bytes(whole)

    monkeypatch.setattr(Lake, "require_complete_archives", write_and_look)
    with pytest.raises(JobError, match=r"till\.csv\.gz changed while this run read") as error:
        sandbox.day(DAY)
    assert error.value.exit_code == 1
    assert sandbox.day(DAY)["rows_loaded"] == 400


@pytest.mark.parametrize("kind", ["local", "hadoop"])
def test_versions_differ_by_every_writing(spark: SparkSession, tmp_path: Path, kind: str) -> None:
    """A bucket is read through Hadoop."""
    files = LocalFiles(str(tmp_path)) if kind == "local" else HadoopFiles(spark, tmp_path.as_uri())
    seen = []
    for content in (b"one", b"two", b"three"):
        files.write("a.csv", content)
        seen += [entry.version for entry in files.list("")]
        assert [entry.version for entry in files.list("")] == seen[-1:]
    assert len(set(seen)) == 3
