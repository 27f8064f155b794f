"""Restore drills: what passes and what does not, and real ones by `npm run dag` with a second PostgreSQL."""

import datetime as dt
import json
import os
import subprocess
from pathlib import Path

import pytest
from test_run import Sandbox

from sales_platform.restore.drill import Backup, Facts, problems, verdict

ROOT = Path(__file__).resolve().parents[2]
BEGAN = dt.datetime(2026, 3, 9, 6, tzinfo=dt.UTC)
LIVE = Facts({"products": 100, "stores": 10, "run_history": 40}, "2026-03-09T02:00:00+00:00")


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        (LIVE, []),
        # Rows that came after the backup, and runs that started after it.
        (Facts({"products": 90, "stores": 9, "run_history": 1}, LIVE.newest_run), []),
        (
            Facts({"products": 89, "stores": 10, "run_history": 40}, LIVE.newest_run),
            ["products: 89 rows in the copy, 100 in the database"],
        ),
        (Facts({"products": 100, "run_history": 40}, LIVE.newest_run), ["stores: is not in the copy"]),
        (
            Facts(LIVE.rows, "2026-03-08T02:00:00+00:00"),
            [
                "run_history: the newest run in the copy is of 2026-03-08T02:00:00+00:00, "
                "when the backup was taken it was of 2026-03-09T02:00:00+00:00"
            ],
        ),
    ],
)
def test_what_a_copy_must_hold(copy, found):
    assert problems(copy, LIVE) == found


def test_a_table_that_is_nowhere_is_told():
    nothing = Facts({}, None)
    assert problems(nothing, nothing)[0] == "products: is in neither copy nor database"


def test_the_goals():
    backup = Backup("b", "2026-03-09T03:00:00+00:00")
    checked = {"copy": {"rows": {}, "newest_run": None}, "problems": []}
    good = verdict(checked, backup, BEGAN, BEGAN + dt.timedelta(minutes=40))
    assert (good["recovery_time_seconds"], good["recovery_point_seconds"], good["problems"]) == (2400, 10800, [])
    late = verdict(checked, Backup("b", "2026-03-07T06:00:00+00:00"), BEGAN, BEGAN + dt.timedelta(hours=3))
    assert late["problems"] == ["recovery took 3.0 h, the goal is 2 h", "the backup was old: 48.0 h, the goal is 24 h"]


class Drills(Sandbox):
    def drill(self):
        command = ["node", str(ROOT / "scripts/dag.mjs"), "--dag", "restore_drill", "--warehouse", self.warehouse]
        env = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        done = subprocess.run(command, capture_output=True, text=True, env=env)
        return done.returncode, done.stdout.splitlines()

    def results(self):
        return [json.loads(line) for line in (self.warehouse / "restore_drills.jsonl").read_text().splitlines()]

    def newest_backup(self):
        return sorted((self.warehouse / "backups").glob("*.dump"))[-1]

    def copies(self):
        return list((self.warehouse / "drills").iterdir())


@pytest.fixture(scope="module")
def sandbox(first_day, tmp_path_factory):
    assert first_day.first.code == 0
    return first_day.copy(tmp_path_factory.mktemp("drill"), Drills)


def test_a_good_backup(sandbox):
    code, lines = sandbox.drill()
    assert code == 0, lines
    (result,) = sandbox.results()
    # Two products, one store and one run, as the sandbox has them.
    assert result["rows"] == {"products": 2, "stores": 1, "run_history": 1}
    assert result["problems"] == []
    assert 0 < result["recovery_time_seconds"] < 300
    assert result["recovery_point_seconds"] < 60
    assert result["backup"] == sandbox.newest_backup().name
    assert json.loads(lines[-1])["status"] == "done"
    assert sandbox.copies() == []


def test_a_backup_without_a_table_is_found_out(sandbox):
    """It restores without a word."""
    whole = sandbox.newest_backup().read_bytes()
    program = (
        "import sys, local_postgres as p, sales_platform.restore.local_program as d\n"
        "from pathlib import Path\n"
        "with p.running(Path(sys.argv[1])) as at:\n"
        "    options = ('--format=custom', '--exclude-table=stores', '--file=' + sys.argv[2])\n"
        "    d._client('pg_dump', at, *options, at.database)"
    )
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'dags'}:{ROOT / 'pyspark-jobs'}"}
    python = str(ROOT / ".venv/job/bin/python")
    target = sandbox.newest_backup()
    subprocess.run([python, "-c", program, sandbox.warehouse / "postgres", target], check=True, env=env)
    code, lines = sandbox.drill()
    target.write_bytes(whole)
    assert code == 1
    assert lines[-2].startswith("error: record: stores: is not in the copy")
    assert sandbox.results()[-1]["problems"] == ["stores: is not in the copy"]
    told = [line for line in sandbox.told() if line["event"] == "restore_drill"]
    assert [line["status"] for line in told] == ["done", "failed"]
    assert sandbox.copies() == []


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:-400] + bytes(400)])
def test_a_damaged_backup_is_found_out(sandbox, damage):
    target = sandbox.newest_backup()
    whole = target.read_bytes()
    target.write_bytes(damage(whole))
    (sandbox.warehouse / "drills/drill-left-by-a-kill").mkdir()
    code, lines = sandbox.drill()
    target.write_bytes(whole)
    assert code == 1
    assert "restore_backup" in lines[-2]
    assert sandbox.results()[-1]["problems"] == ["the drill did not come to its check: see the task that failed"]
    last = sandbox.told()[-1]
    assert (last["status"], last["task"]) == ("failed", "restore_backup")
    # Removed, with what an earlier drill left.
    assert "  remove_copy" in lines
    assert sandbox.copies() == []


def test_a_backup_that_is_too_old_is_taken_anew(sandbox):
    newest = sandbox.newest_backup()
    newest.rename(newest.with_name("20260101T000000Z.dump"))
    code, _ = sandbox.drill()
    assert code == 0
    assert sandbox.newest_backup().name > "20260102"
