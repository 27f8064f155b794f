"""The warehouse's file when it cannot be opened: in use, damaged or of another DuckDB, each with its own remedy."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from first_days import expect
from harness import Sandbox
from publications import friday, publish, thursday

from sales_job.base.errors import JobError
from sales_job.warehouse import duckdb_file
from sales_job.warehouse.duckdb import DuckDbWarehouse

HEADER = 4096


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A warehouse with a day, and enough other data to fill many blocks."""
    publish(tmp_path, "thursday", thursday())
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "INSERT INTO line_versions SELECT DATE '1900-01-01' + range::INT, 'v' || range, 'k' FROM range(9999)"
        )
    return file


def message(file: Path) -> str:
    with pytest.raises(JobError) as error:
        publish(file.parent, "friday", friday())
    assert "\n" not in str(error.value)
    return str(error.value)


REMEDY = "restore a copy, or remove it and run with --rebuild, which computes every table again from the lake"


@pytest.mark.parametrize("content", [b"this is no database" * 1000, b"", b"short"])
def test_a_file_of_something_else(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    said = message(file)
    assert said.startswith(f"{file} is damaged (IO Error: The file ")
    assert said.endswith(f"is not a valid DuckDB database file!): {REMEDY}")
    # It may belong to someone: the job does not overwrite it.
    assert file.read_bytes() == content


@pytest.mark.parametrize("kept", [100, HEADER, 5 * HEADER, -HEADER])
def test_a_file_that_is_cut_off(file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    said = message(file)
    assert said.startswith(f"{file} is damaged (IO Error: Could not read enough bytes from file ")
    assert said.endswith(f"): {REMEDY}")


@pytest.mark.parametrize("place", [HEADER + 8, 3 * HEADER + 100])
def test_a_file_with_bytes_that_changed(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 0xFF
    file.write_bytes(content)
    said = message(file)
    assert said.startswith(f"{file} is damaged (IO Error: Corrupt database file: computed checksum ")
    assert said.endswith(f"): {REMEDY}")


def test_damage_that_is_only_noticed_when_the_block_is_read(file: Path) -> None:
    content = file.read_bytes()
    for block in range(3 * HEADER, len(content), 262_144):
        spoiled = bytearray(content)
        spoiled[block + 100] ^= 0xFF
        file.write_bytes(spoiled)
        if opens(file) and not reads(file, "line_versions"):
            break
    else:
        raise AssertionError("no block is read by the query alone")
    with pytest.raises(JobError, match=r"is damaged \(IO Error: Corrupt database file: computed checksum "):
        DuckDbWarehouse(file.parent).stored_days()


def opens(file: Path) -> bool:
    try:
        duckdb.connect(str(file)).close()
    except duckdb.Error:
        return False
    return True


def reads(file: Path, table: str) -> bool:
    with duckdb.connect(str(file)) as connection:
        try:
            connection.execute(f"FROM {table}").fetchall()
        except duckdb.Error:
            return False
        return True


def test_a_file_of_another_version_of_duckdb(file: Path) -> None:
    content = bytearray(file.read_bytes())
    struct.pack_into("<Q", content, 12, 99)
    # DuckDB's own checksum of a block: its words, each times a constant, by exclusive or.
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:HEADER]):
        checksum ^= word * 0xBF58476D1CE4E5B9 % 2**64
    struct.pack_into("<Q", content, 0, checksum)
    file.write_bytes(content)
    said = message(file)
    assert said.startswith(f"{file} was written by another version of DuckDB than this one, {duckdb.__version__} (")
    assert "version number 99, but we can only read versions between" in said
    assert said.endswith(f"): {REMEDY}")


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").mkdir()
    with pytest.raises(JobError, match=r"warehouse.duckdb: cannot be opened \("):
        DuckDbWarehouse(tmp_path).changes()


def test_the_remedy_for_a_damaged_file(taken: Sandbox) -> None:
    """After a removal, a rebuild computes every table again, and keeps only this run's version of the lines."""
    file = taken.folder / "warehouse/warehouse.duckdb"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(JobError, match=r"is damaged .* remove it and run with --rebuild"):
        taken.run()
    file.unlink()
    somebodys = file.parent / "processed/transaction_date=2026-01-02/notes.txt"
    somebodys.write_text("mine")
    taken.run("--rebuild")
    expect(taken)
    stored = sorted(path.parent.name for path in file.parent.glob("processed/transaction_date=*/version=*"))
    assert stored == [f"transaction_date=2026-01-0{day}" for day in (1, 2, 3)]
    assert somebodys.exists()


def test_a_warehouse_file_that_another_process_has_open(half_taken: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    file = half_taken.folder / "warehouse/warehouse.duckdb"
    monkeypatch.setattr(duckdb_file, "WAIT_SECONDS", 0.5)
    reader = (
        f"import duckdb, sys; c = duckdb.connect({str(file)!r}, read_only=True); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(JobError, match="cannot be written: close what has it open"):
            half_taken.run()
        # A reader that comes to its end in time is waited for.
        monkeypatch.setattr(duckdb_file, "WAIT_SECONDS", 30)
        threading.Timer(1, process.communicate, ["\n"]).start()
        half_taken.run()
    expect(half_taken)
