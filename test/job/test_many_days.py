"""More days in one run than BigQuery lets one statement change: several statements of one transaction."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import pytest
from publications import FRIDAY, THURSDAY, friday, publish, thursday
from test_quality import rows

from sales_job.publication import publish_sql

NAMING = publish_sql.SqlNaming(
    table=str,
    staged=lambda name: f"staged_{name}",
    quoted=str,
    numeric="NUMERIC",
    decimal=lambda column, places: column,
    folded=str,
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
    monkeypatch.setattr(publish_sql, "MOST_PARTITIONS", 1)
    assert publish_sql.parts([FRIDAY, THURSDAY]) == [[THURSDAY], [FRIDAY]]
    publish(tmp_path, "friday", friday())
    found = rows(tmp_path, "SELECT transaction_date, store_id FROM daily_sales_summary ORDER BY ALL")
    assert found == [(THURSDAY, "S1"), (FRIDAY, "S1"), (FRIDAY, "S2")]
