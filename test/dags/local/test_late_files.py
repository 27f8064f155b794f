"""Files that come to a day after its run, on a real lake; figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sandbox import HEADER, FirstDay, Sandbox

LATE = "sales_data/dt=2026-03-03/second.csv"


@pytest.fixture
def sandbox(first_day: FirstDay, tmp_path: Path) -> Sandbox:
    """A warehouse that has taken 3 March."""
    return first_day.sandbox.copy(tmp_path)


def test_the_next_run_takes_them_and_names_them(sandbox: Sandbox) -> None:
    sandbox.write(LATE, f"{HEADER}\nT9,P1,S1,2,2.00,2026-03-03,C9\n")
    # Half a file of that day: nobody's arrival.
    sandbox.write(f"{LATE}.filepart", "T")
    sandbox.write("sales_data/dt=2026-03-04/day.csv", f"{HEADER}\nT10,P1,S1,1,2.00,2026-03-04,C1\n")
    done = sandbox.daily("2026-03-04")
    assert done.code == 0, done.lines
    # 45 lines of 3 March again, its late line and the one of the 4th.
    assert done.summary["rows_read"] == 47
    revenue = {row[0]: row[4] for row in sandbox.tables()["daily_sales_summary"]}
    # 51 and 4 on the 3rd.
    assert revenue == {"2026-03-02": "2.000000000", "2026-03-03": "55.000000000", "2026-03-04": "2.000000000"}
    sent = sandbox.notifications()[-1]
    assert (sent["status"], sent["days"], sent["late_files"]) == ("done", "2026-03-04", ["dt=2026-03-03/second.csv"])
    # The half file.
    assert sent["files_passed_over"] == 1
    archive = sandbox.warehouse / "archives/monthly/2026-03"
    assert {str(path.relative_to(archive)) for path in archive.rglob("*.*")} == {
        "dt=2026-03-03/day.csv",
        "dt=2026-03-03/second.csv",
        "dt=2026-03-04/day.csv",
    }
    # They are late once.
    sandbox.write("sales_data/dt=2026-03-05/day.csv", f"{HEADER}\nT11,P1,S1,1,2.00,2026-03-05,C1\n")
    done = sandbox.daily("2026-03-05")
    assert (done.code, done.summary["rows_read"]) == (0, 1)
    assert "late_files" not in sandbox.notifications()[-1]


def test_half_a_file_is_no_arrival(sandbox: Sandbox) -> None:
    for name in ("day.csv.filepart", "._day.csv", "_SUCCESS", "hour=13/day.csv"):
        sandbox.write(f"sales_data/dt=2026-03-04/{name}", "T")
    done = sandbox.daily("2026-03-04")
    assert (done.code, done.summary["status"]) == (0, "no_arrival")
    assert len(list((sandbox.warehouse / "archives").rglob("*.*"))) == 1
