"""A line store that something else has changed: damaged files, missing ones, files that are not lines."""

import datetime as dt
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import duckdb
import pytest
from first_days import expect
from harness import COMPUTE, Crash, Sandbox, job
from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame

from sales_job.base.errors import JobError
from sales_job.base.explain_failure import explain
from sales_job.lines.line_store import LineStore

UNREADABLE = (Py4JJavaError, AnalysisException)
DAY = "transaction_date=2026-01-02"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def overwrite(path: Path) -> None:
    path.write_bytes(b"this is not Parquet")


def remove_all(path: Path) -> None:
    shutil.rmtree(path.parent)


def damage(sandbox: Sandbox, how: Callable[[Path], None]) -> None:
    """Damages the stored lines of the second of January, and removes the checksums, which would show it first."""
    folder = sandbox.folder / "warehouse/processed" / DAY
    for checksum in folder.rglob(".*.crc"):
        checksum.unlink()
    how(next(folder.rglob("*.parquet")))


def assert_clear(message: str) -> None:
    assert message.startswith("the stored lines of 2026-01-02 cannot be read (")
    assert DAY in message
    assert message.endswith("run with --rebuild, which makes them again from every arrival")
    assert "\n" not in message


def test_lines_that_vanish_before_they_are_read_back(half_taken: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are taken while lines are written: figures of what is left would balance."""
    before = half_taken.tables()
    read_new = LineStore.read_new

    def after_another_program(self: LineStore, version: str, days: Collection[dt.date] | None) -> DataFrame:
        shutil.rmtree(half_taken.folder / "warehouse/processed" / DAY / f"version={version}")
        return read_new(self, version, days)

    with monkeypatch.context() as patched:
        patched.setattr(LineStore, "read_new", after_another_program)
        with pytest.raises(JobError, match="another program changes its files"):
            half_taken.day("2026-01-03")
    assert half_taken.tables() == before
    half_taken.day("2026-01-03")
    expect(half_taken)


def test_a_write_that_fails_is_not_taken_for_stored_lines_that_cannot_be_read() -> None:
    target = "gs://lake/processed/transaction_date=2026-01-02/version=v/part-0.parquet"
    error = RuntimeError(f"[TASK_WRITE_FAILED] Task failed while writing rows: Failed to rename a file to {target}")
    assert explain(error) == f"RuntimeError: {error}"


def test_damaged_lines_stop_the_run_and_a_rebuild_writes_them_again(half_taken: Sandbox) -> None:
    before = half_taken.tables()
    damage(half_taken, cut)
    # Each line of the next arrival that belongs to the second needs the stored ones.
    with pytest.raises(UNREADABLE) as error:
        half_taken.day("2026-01-03")
    assert_clear(explain(error.value))
    assert half_taken.tables() == before
    damage(half_taken, overwrite)
    day = ("--start", "2026-01-03", "--end", "2026-01-04")
    done = job("--lake", str(half_taken.lake), "--warehouse", str(half_taken.folder / "warehouse"), *day)
    assert done.code == 1
    assert done.last_error.startswith("error: ")
    assert_clear(done.last_error.removeprefix("error: "))
    assert half_taken.tables() == before
    damage(half_taken, remove_all)
    with pytest.raises(UNREADABLE) as error:
        half_taken.day("2026-01-03")
    assert_clear(explain(error.value))
    half_taken.run("--rebuild")
    expect(half_taken)


def test_what_is_no_line_is_left_alone(half_taken: Sandbox) -> None:
    processed = half_taken.folder / "warehouse/processed"
    foreign = [
        processed / "README.txt",
        processed / ".DS_Store",
        processed / "transaction_date=notes/todo.txt",
        processed / "_old/transaction_date=2026-01-02/version=1/part.parquet",
        processed / DAY / "copy of version/part.parquet",
    ]
    for path in foreign:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    # Also when there is something to tidy up after a run that was killed.
    with pytest.raises(Crash):
        half_taken.day("2026-01-03", crash_after=COMPUTE)
    half_taken.day("2026-01-03")
    expect(half_taken)
    assert [path.name for path in foreign if not path.exists()] == []


def test_lines_stored_under_the_former_column_names_are_read(half_taken: Sandbox) -> None:
    # As versions before 2026-11 wrote them; ``owner`` is twice the first arrival's day offset, plus 1 if carried over.
    former = (
        "SELECT * EXCLUDE (bitmap_index, bitmap, first_arrival, maybe_damaged, bad_line), bitmap_index AS word, "
        "bitmap AS arrivals, 2 * first_arrival.day_offset + first_arrival.carried_over::INTEGER AS owner, "
        "maybe_damaged AS doubtful, bad_line AS rejected"
    )
    files = list((half_taken.folder / "warehouse/processed").rglob("*.parquet"))
    assert files
    for path in files:
        old = path.with_name("old.parquet")
        duckdb.execute(f"COPY ({former} FROM read_parquet('{path}', hive_partitioning = false)) TO '{old}'")
        path.with_name(f".{path.name}.crc").unlink()
        old.replace(path)
    half_taken.day("2026-01-03")
    expect(half_taken)
    # The second arrival again: it replaces lines that it brought under the former names.
    half_taken.day("2026-01-02")
    expect(half_taken)
