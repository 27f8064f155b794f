"""Restore drills by `npm run dag`, with a second PostgreSQL."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sandbox import JOB_PYTHON, FirstDay, Sandbox, job_environment


@pytest.fixture(scope="module")
def sandbox(first_day: FirstDay, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A warehouse that has taken one day."""
    return first_day.sandbox.copy(tmp_path_factory.mktemp("drill"))


def reports(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Every report so far."""
    return [json.loads(line) for line in (sandbox.warehouse / "restore_drills.jsonl").read_text().splitlines()]


def newest_backup(sandbox: Sandbox) -> Path:
    """The newest dump."""
    return sorted((sandbox.warehouse / "backups").glob("*.dump"))[-1]


def copies(sandbox: Sandbox) -> list[Path]:
    """Servers that drills have left."""
    return list((sandbox.warehouse / "drills").iterdir())


def test_a_good_backup(sandbox: Sandbox) -> None:
    done = sandbox.operate("restore_drill")
    assert done.code == 0, done.lines
    (result,) = reports(sandbox)
    # Two products, one store and one run, as the sandbox has them.
    assert result["rows"] == {"products": 2, "stores": 1, "run_history": 1}
    assert result["problems"] == []
    assert 0 < result["recovery_time_seconds"] < 300
    assert result["recovery_point_seconds"] < 60
    assert result["backup"] == newest_backup(sandbox).name
    assert done.summary["status"] == "done"
    assert copies(sandbox) == []


def test_a_backup_without_a_table_is_found_out(sandbox: Sandbox) -> None:
    """Restoring it ends without an error."""
    whole = newest_backup(sandbox).read_bytes()
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sales_job.targets import local_postgres as p\n"
        "from sales_platform.restore import local_program as d\n"
        "with p.running(Path(sys.argv[1])) as at:\n"
        "    options = ('--format=custom', '--exclude-table=stores', '--file=' + sys.argv[2])\n"
        "    d._client('pg_dump', at, *options, at.database)"
    )
    target = newest_backup(sandbox)
    command = [JOB_PYTHON, "-c", program, str(sandbox.warehouse / "postgres"), str(target)]
    subprocess.run(command, check=True, env=job_environment())
    done = sandbox.operate("restore_drill")
    target.write_bytes(whole)
    assert done.code == 1
    assert done.lines[-2].startswith("error: record: stores: is not in the copy")
    assert reports(sandbox)[-1]["problems"] == ["stores: is not in the copy"]
    sent = [line for line in sandbox.notifications() if line["event"] == "restore_drill"]
    assert [line["status"] for line in sent] == ["done", "failed"]
    assert copies(sandbox) == []


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:-400] + bytes(400)])
def test_a_damaged_backup_is_found_out(sandbox: Sandbox, damage: Callable[[bytes], bytes]) -> None:
    target = newest_backup(sandbox)
    whole = target.read_bytes()
    target.write_bytes(damage(whole))
    (sandbox.warehouse / "drills/drill-left-by-a-kill").mkdir()
    done = sandbox.operate("restore_drill")
    target.write_bytes(whole)
    assert done.code == 1
    assert "restore_backup" in done.lines[-2]
    assert reports(sandbox)[-1]["problems"] == ["the drill ended before its check: see the task that failed"]
    last = sandbox.notifications()[-1]
    assert (last["status"], last["task"]) == ("failed", "restore_backup")
    # Removed, with what an earlier drill left.
    assert "  remove_copy" in done.lines
    assert copies(sandbox) == []


def test_a_backup_that_is_too_old_is_replaced_by_a_new_one(sandbox: Sandbox) -> None:
    newest = newest_backup(sandbox)
    newest.rename(newest.with_name("20260101T000000Z.dump"))
    done = sandbox.operate("restore_drill")
    assert done.code == 0
    assert newest_backup(sandbox).name > "20260102"
