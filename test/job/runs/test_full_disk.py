"""A disk that is full, and one that may only be read: a file system of its own, which only root may make."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from first_days import expect, first_days
from harness import Sandbox, job

from sales_job.targets import local_postgres

pytestmark = pytest.mark.processes

MIB = 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system in memory, large enough for one small warehouse."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("a file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, but: int) -> None:
    """Fills a disk up to ``but`` bytes."""
    found = os.statvfs(disk)
    with (disk / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_bsize - but)


def test_a_disk_that_is_full_or_read_only(sandbox: Sandbox, disk: Path) -> None:
    first_days(sandbox)
    warehouse = disk / "warehouse"
    (sandbox.folder / "warehouse").symlink_to(warehouse)
    warehouse.mkdir()
    options = ["--lake", str(sandbox.lake), "--warehouse", str(warehouse)]
    sandbox.day("2026-01-02")
    with local_postgres.running(warehouse / "postgres"):
        pass  # it is there, as after any run that is a process of its own
    before = sandbox.tables()
    # A quarter of a mebibyte is enough for PostgreSQL but not for Spark; three are, but not for this arrival's lines.
    many = [f"N{n * 7919 % 1_000_003},P1,S{n % 97},{n % 89},{n % 997}.{n % 83},2026-01-03,C{n}" for n in range(150_000)]
    large = sandbox.sales("dt=2026-01-03/large.csv", many)
    for left in (MIB // 4, 3 * MIB):
        fill(disk, but=left)
        done = job(*options)
        assert done.code == 1
        # Above it, a Java library may print why it could not unpack its native code.
        assert done.last_error.startswith("error: ")
        assert "No space left on device" in done.stderr
        assert "space" in done.last_error.rpartition(")")[2] or "PostgreSQL" in done.last_error
        assert sandbox.tables() == before
        (disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,noexec", str(disk)], check=True)
    done = job(*options)
    assert done.code == 1
    assert done.last_error.startswith(
        "error: a Java library could not unpack its native code into the warehouse's folder"
    )
    assert sandbox.tables() == before
    subprocess.run(["mount", "-o", "remount,ro,exec", str(disk)], check=True)
    done = job(*options)
    assert done.code == 2
    assert done.last_error == (
        f"error: --warehouse {warehouse}: cannot be written (Read-only file system): name another folder"
    )
    assert sandbox.tables() == before
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    large.unlink()
    sandbox.run()
    expect(sandbox)
