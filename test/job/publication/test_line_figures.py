"""The figures that the warehouse computes of staged lines are those that publications.py has by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pytest
from publications import FRIDAY, KEPT, LOADED, THURSDAY, friday, money, publish, thursday

from sales_job.publication import line_figures
from sales_job.tables import catalog
from sales_job.warehouse.duckdb import NAMING
from sales_job.warehouse.duckdb_tables import create_staged_table

BOTH_DAYS = [*thursday().staged["sales_lines"], *friday().staged["sales_lines"]]

Rows = list[tuple[Any, ...]]


def figures(folder: Path, table: str, lines: Rows, replaced: Collection[dt.date] = (), refill: bool = False) -> Rows:
    """The rows of a staged table of figures, where Thursday is published and these lines are staged."""
    publish(folder, "thursday", thursday())
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        staged = catalog.table("staged", "sales_lines")
        connection.execute(create_staged_table(staged))
        marks = ", ".join("?" for _ in staged.columns)
        connection.executemany(f"INSERT INTO staged_sales_lines VALUES ({marks})", lines)
        columns, query = line_figures.statements(NAMING, replaced, refill)[table]
        assert [column[0] for column in connection.execute(query).description or ()] == list(columns)
        declared = catalog.table("staged", table).column_names
        return connection.execute(f"SELECT {', '.join(declared)} FROM ({query}) ORDER BY ALL").fetchall()


def test_days(tmp_path: Path) -> None:
    expected = [*thursday().staged["daily_figures"], *friday().staged["daily_figures"]]
    assert figures(tmp_path, "daily_figures", BOTH_DAYS) == expected


def test_lines_that_an_earlier_run_loaded_late_lines_and_unknown_products(tmp_path: Path) -> None:
    flags = [(True, False, False), (True, True, True), (False, True, False), (False, False, True)]
    lines = [(*line[: -len(LOADED)], *flag) for line, flag in zip(BOTH_DAYS, flags, strict=True)]
    assert [row[-3:] for row in figures(tmp_path, "daily_figures", lines)] == [(1, 0, 1), (1, 1, 0), (0, 0, 1)]


def test_new_days_add_all_their_lines_to_the_totals(tmp_path: Path) -> None:
    assert figures(tmp_path, "store_products", BOTH_DAYS) == [
        # 2 + 1 pieces at 3.00; 3.00 + 1.00 of profit; two prices of 3.00.
        ("S1", "P1", 2, money("3"), money("9"), money("4"), money("6"), 2, *KEPT),
        ("S1", "P2", 1, money("1"), money("4.5"), money("1"), money("4.5"), 1, *KEPT),
        ("S2", "P2", 1, money("2"), money("9"), money("2"), money("4.5"), 1, *KEPT),
    ]


@pytest.mark.parametrize("refill", [False, True])
def test_a_day_that_is_published_already_adds_what_changes(tmp_path: Path, refill: bool) -> None:
    found = figures(tmp_path, "store_products", BOTH_DAYS, [THURSDAY], refill)
    assert found == friday().staged["store_products"]


def test_another_cost_changes_the_profit_alone(tmp_path: Path) -> None:
    thursdays = [(*BOTH_DAYS[0][:8], 2, 0, *LOADED), BOTH_DAYS[1]]
    assert figures(tmp_path, "store_products", thursdays, [THURSDAY]) == [
        # Two pieces that cost 2.00 instead of 1.50.
        ("S1", "P1", 0, money("0"), money("0"), money("-1"), money("0"), 0, *KEPT)
    ]


def test_a_day_that_has_lost_its_lines(tmp_path: Path) -> None:
    assert figures(tmp_path, "store_products", BOTH_DAYS[2:], [THURSDAY, FRIDAY])[0] == (
        # One piece on Friday instead of two on Thursday.
        ("S1", "P1", 0, money("-1"), money("-3"), money("-2"), money("0"), 0, *KEPT)
    )


def test_returns_count_positive(tmp_path: Path) -> None:
    sold, back = BOTH_DAYS[0], (*BOTH_DAYS[0][:6], -500, *BOTH_DAYS[0][7:])
    # Half a piece of two at 3.00, with a profit of 1.50 each.
    returned = (money("0.5"), money("1.5"))
    assert figures(tmp_path, "store_products", [sold, back]) == [
        ("S1", "P1", 2, money("1.5"), money("4.5"), money("2.25"), money("3"), 1, *returned)
    ]


def test_a_day_of_which_a_return_is_left(tmp_path: Path) -> None:
    back = (*BOTH_DAYS[0][:6], -500, *BOTH_DAYS[0][7:])
    # Half a piece less instead of two more; P2's line is gone.
    assert figures(tmp_path, "store_products", [back], [THURSDAY]) == [
        ("S1", "P1", 0, money("-2.5"), money("-7.5"), money("-3.75"), money("-3"), -1, money("0.5"), money("1.5")),
        ("S1", "P2", -1, money("-1"), money("-4.5"), money("-1"), money("-4.5"), -1, *KEPT),
    ]
