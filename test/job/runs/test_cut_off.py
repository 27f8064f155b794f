"""Runs that are cut off in this process, where no handler of the job runs: the next one tidies up behind them."""

import pytest
from first_days import expect
from harness import COMPUTE, PUBLISH, Crash, Sandbox

from sales_job.lines.line_store import LineStore


@pytest.mark.parametrize("step", [COMPUTE, PUBLISH])
def test_cut_off_after_a_step_and_run_again(half_taken: Sandbox, step: str) -> None:
    before = half_taken.tables()
    with pytest.raises(Crash):
        half_taken.run("--start", "2026-01-03", "--end", "2026-01-04", crash_after=step)
    if step == PUBLISH:
        expect(half_taken)  # it was published; what the crash left to do is only tidying up
    else:
        assert half_taken.tables() == before
    half_taken.day("2026-01-03")
    expect(half_taken)
    # Nothing is left of the run that was cut off: one version of each day, no mark, no staged figures.
    warehouse = half_taken.folder / "warehouse"
    days = list((warehouse / "processed").glob("transaction_date=*"))
    assert len(days) == 3
    assert all(len(list(day.glob("version=*"))) == 1 for day in days)
    assert list((warehouse / "processed/_open").glob("[!.]*")) == []
    assert not (warehouse / "staging").exists()


def test_cut_off_while_it_removes_what_it_replaced(taken: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    remove, removed = LineStore._remove, []

    def remove_one(self: LineStore, day: str, version: str) -> None:
        # All days are replaced, and every thread that removes one comes here.
        removed.append(day)
        if len(removed) > 1:
            raise Crash
        remove(self, day, version)

    with monkeypatch.context() as patched:
        patched.setattr(LineStore, "_remove", remove_one)
        with pytest.raises(Crash):
            taken.run()
    expect(taken)
    days = list((taken.folder / "warehouse/processed").glob("transaction_date=2026-*"))
    assert sorted(len(list(day.glob("version=*"))) for day in days) == [1, 2, 2]
    taken.day("2026-01-03")
    expect(taken)
    assert [len(list(day.glob("version=*"))) for day in days] == [1, 1, 1]
    assert list((taken.folder / "warehouse/processed/_open").glob("[!.]*")) == []
