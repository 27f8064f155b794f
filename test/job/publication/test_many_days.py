"""More days in one run than BigQuery lets one statement change: several statements of one transaction."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import pytest
from harness import Sandbox
from publications import FRIDAY, THURSDAY, friday, publish, rows, thursday

from sales_job.base.errors import InputRefused
from sales_job.publication import publish_sql, sql_naming
from sales_job.publication.sql_naming import SqlNaming
from sales_job.warehouse.bigquery import BigQueryWarehouse
from sales_job.warehouse.duckdb import DuckDbWarehouse

NAMING = SqlNaming(
    table=str,
    staged=lambda name: f"staged_{name}",
    quoted=str,
    numeric="NUMERIC",
    decimal=lambda column, places: column,
    folded=str,
    number=lambda column, places, of: column,
    total=lambda total, places: total,
)
FIRST = dt.date(2000, 1, 1)
DAYS = [FIRST + dt.timedelta(number) for number in range(9000)]


def ranges(start: str, rebuild: bool) -> list[tuple[dt.date, dt.date]]:
    """The days between which the statements with this beginning change the table, in order."""
    found = [sql for sql in publish_sql.statements(NAMING, DAYS, rebuild) if sql.startswith(start)]
    dates = [re.findall(r"BETWEEN DATE '([\d-]+)' AND DATE '([\d-]+)'", sql) for sql in found]
    # A statement may name the days of what it reads and of what it joins: the same.
    return sorted((dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for ((a, b),) in map(set, dates))


@pytest.mark.parametrize("table", ["daily_sales_summary", "sales_lines", "daily_product_sales"])
@pytest.mark.parametrize("change", ["DELETE FROM", "INSERT INTO"])
@pytest.mark.parametrize("rebuild", [False, True])
def test_no_statement_changes_more_days_than_it_may(table: str, change: str, rebuild: bool) -> None:
    found = ranges(f"{change} {table} ", rebuild)
    assert len(found) > 2
    assert all((last - first).days < 4000 for first, last in found)
    # No day is between two of them.
    assert all((after[0] - before[1]).days == 1 for before, after in pairwise(found))
    everything = (dt.date(1960, 1, 1), dt.date(2159, 12, 31))
    expected = everything if rebuild and change == "DELETE FROM" else (DAYS[0], DAYS[-1])
    assert (found[0][0], found[-1][1]) == expected


def test_parts_publish_what_one_statement_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, "thursday", thursday())
    monkeypatch.setattr(sql_naming, "MOST_PARTITIONS", 1)
    assert sql_naming.parts([FRIDAY, THURSDAY]) == [[THURSDAY], [FRIDAY]]
    publish(tmp_path, "friday", friday())
    found = rows(tmp_path, "SELECT transaction_date, store_id FROM daily_sales_summary ORDER BY ALL")
    assert found == [(THURSDAY, "S1"), (FRIDAY, "S1"), (FRIDAY, "S2")]


def test_more_days_than_the_tables_hold_are_refused_before_anything_changes(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BigQueryWarehouse.most_days == 10_000
    monkeypatch.setattr(DuckDbWarehouse, "most_days", 2)
    sandbox.sales("dt=2026-01-02/a.csv", ["T1,P1,S1,1,1,2026-01-01,C1", "T2,P1,S1,1,1,2026-01-02,C1"])
    sandbox.day("2026-01-02")
    before = sandbox.tables()
    sandbox.sales("dt=2026-01-03/a.csv", ["T3,P1,S1,1,1,2026-01-03,C1"])
    with pytest.raises(InputRefused) as error:
        sandbox.day("2026-01-03")
    assert str(error.value).startswith(
        "the lines are of 3 days from 2026-01-01 to 2026-01-03, the tables hold 2 at most: look for wrong dates"
    )
    assert sandbox.tables() == before
    # What it had written is gone.
    folders = [path.name for path in (sandbox.folder / "warehouse/processed").glob("transaction_date=*")]
    assert sorted(folders) == ["transaction_date=2026-01-01", "transaction_date=2026-01-02"]
    # A correction that moves the lines of a day counts the days that there are then.
    sandbox.sales("dt=2026-01-02/a.csv", ["T1,P1,S1,1,1,2026-01-04,C1", "T2,P1,S1,1,1,2026-01-02,C1"])
    sandbox.day("2026-01-02")
    assert sandbox.query("SELECT DISTINCT transaction_date FROM sales_lines ORDER BY 1") == [
        (dt.date(2026, 1, 2),),
        (dt.date(2026, 1, 4),),
    ]
