"""The checks before publishing: each one is made to fail; its result is kept, and the tables stay as they were."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from first_days import expect
from harness import Sandbox
from publications import (
    FRIDAY,
    KEPT,
    LOADED,
    THURSDAY,
    Day,
    friday,
    money,
    product_row,
    publish,
    rows,
    store_row,
    thursday,
)

from sales_job.base.errors import JobError
from sales_job.publication.check_results import CheckFailed
from sales_job.publication.expected import LineTotals
from sales_job.warehouse.duckdb import DuckDbWarehouse

TABLES = ("daily_sales_summary", "product_performance", "store_performance", "quarantined_sales", "etl_runs")
BAD_LINE = (
    "T5",
    "P1",
    "S1",
    "two",
    "1",
    "2026-01-02",
    "",
    "quantity is not a plain decimal",
    "a.csv",
    "friday",
    None,
    "",
)


def state(folder: Path) -> list[list[tuple[Any, ...]]]:
    return [rows(folder, f"SELECT * FROM {table} ORDER BY ALL") for table in TABLES]


def kept(folder: Path, run_id: str, passed: bool) -> dict[str, tuple[Decimal, str, Decimal]]:
    chosen = f"run_id = '{run_id}' AND passed = {passed}"
    found = rows(folder, f"SELECT check_name, value, relation, expected FROM quality_checks WHERE {chosen}")
    return {name: (value, relation, expected) for name, value, relation, expected in found}


def plain(results: dict[str, tuple[Decimal, str, Decimal]]) -> dict[str, tuple[float, str, float]]:
    return {name: (float(value), relation, float(limit)) for name, (value, relation, limit) in results.items()}


def test_the_results_of_a_run_that_passes_are_kept(tmp_path: Path) -> None:
    publish(tmp_path, "thursday", thursday())
    results = publish(tmp_path, "friday", friday())
    assert kept(tmp_path, "friday", passed=False) == {}
    numbers = plain(kept(tmp_path, "friday", passed=True))
    assert numbers == {
        "bad_lines": (0, "<=", 0.05),
        "rows_balance": (2, "=", 2),
        "rows_were_read": (2, "<=", 2),
        "revenue_of_days": (12, "=", 12),
        "revenue_of_changes": (12, "=", 12),
        "lines_of_changes": (2, "=", 2),
        "lines_of_days": (2, "=", 2),
        "revenue_of_lines": (12, "=", 12),
        "profit_of_lines": (3, "=", 3),
        "customers_of_lines": (2, "=", 2),
        "revenue_of_product_days": (12, "=", 12),
        "quantity_of_product_days": (3, "=", 3),
        "gross_profit_of_product_days": (3, "=", 3),
        **{f"returned_{what}_of_product_days": (0, "=", 0) for what in ("quantity", "revenue")},
        "revenue_of_products": (22.5, "=", 22.5),
        "revenue_of_stores": (22.5, "=", 22.5),
        **{
            f"returned_{what}_of_{of}": (0, "=", 0) for what in ("quantity", "revenue") for of in ("products", "stores")
        },
        "rows_of_days": (2, "=", 2),
        **dict.fromkeys(("negative_days", "negative_totals", "negative_customers"), (0, "=", 0)),
        **dict.fromkeys(
            ("duplicate_daily_sales_summary", "duplicate_product_performance", "duplicate_store_performance"),
            (0, "=", 0),
        ),
        **dict.fromkeys(("duplicate_daily_product_sales", "duplicate_products", "duplicate_stores"), (0, "=", 0)),
        **dict.fromkeys(("duplicate_store_products", "duplicate_line_versions"), (0, "=", 0)),
        "duplicate_arrival_dates": (0, "=", 0),
        **dict.fromkeys(("unmatched_products", "unmatched_stores"), (0, "<=", 0.05)),
        **dict.fromkeys(("ids_alike", "customers_missing", "ids_rounded", "days_far_away"), (0, "=", 0)),
        **dict.fromkeys(("unusual_lines", "unusual_revenue", "unusual_guests"), (0, "=", 0)),
        **dict.fromkeys(("unusual_late", "unusual_stores", "unusual_products"), (0, "=", 0)),
    }
    assert {result.check_name for result in results} == numbers.keys()
    page = (Path(__file__).parents[3] / "docs/job/quality-checks.md").read_text()
    listed = re.findall(r"^\| `(\w+)` .*\| (\w+) +\|$", page, re.MULTILINE)
    assert sorted(listed) == sorted((result.check_name, result.severity) for result in results)
    assert rows(tmp_path, "SELECT COUNT(DISTINCT checked_at) FROM quality_checks") == [(2,)]


def a_line_is_not_loaded(day: Day) -> None:
    day.expect(rows_read=3, rows_loaded=2)


def a_bad_line_is_not_staged(day: Day) -> None:
    day.expect(rows_read=40, rows_duplicate=37, rows_quarantined=1)


def more_is_loaded_than_was_read(day: Day) -> None:
    day.expect(rows_read=1, rows_duplicate=-1)


def many_lines_are_bad(day: Day) -> None:
    day.staged["quarantined_sales"] = [(*BAD_LINE[:10], FRIDAY, BAD_LINE[11])]
    day.expect(rows_read=3, rows_quarantined=1)


def a_cent_too_much_in_days_and_totals(day: Day) -> None:
    date, store, _, *others = day.staged["daily_figures"][0]
    day.staged["daily_figures"][0] = (date, store, money("3.01"), *others)
    a_cent_too_much_in_totals(day)


def a_cent_too_much_in_totals(day: Day) -> None:
    store, product, lines, pieces, _, *others = day.staged["store_products"][0]
    day.staged["store_products"][0] = (store, product, lines, pieces, money("3.01"), *others)


def lines_that_are_replaced_are_not_taken_off(day: Day) -> None:
    day.expect(before=LineTotals(1, 1, money("0.0001")))


def a_product_has_two_names(day: Day) -> None:
    day.staged["products"] = [*day.staged["products"], product_row("P1", "Soap again", "Home")]


def a_store_has_two_names(day: Day) -> None:
    day.staged["stores"] = [*day.staged["stores"], store_row("S2", "Harbor again", "Boston")]


def a_row_of_a_day_is_lost(day: Day) -> None:
    # A store that gave its goods away: its revenue does not show that its row is missing.
    day.staged["daily_figures"].append((FRIDAY, "S3", money("0"), 1, 1, money("0"), *KEPT, 0, 0, 0))


def pieces_of_a_day_are_negative(day: Day) -> None:
    date, store, revenue, _, *others = day.staged["daily_figures"][0]
    day.staged["daily_figures"][0] = (date, store, revenue, -1, *others)


def revenue_of_a_day_is_negative(day: Day) -> None:
    day.staged["daily_figures"][0] = (FRIDAY, "S1", money("-3"), 1, 1, money("1"), *KEPT, 1, 0, 0)
    day.staged["store_products"][0] = ("S1", "P1", 1, 1, money("-3"), money("1"), money("3"), 1, *KEPT)
    day.expect(now=LineTotals(2, 2, money("6")))


def pieces_of_a_total_are_negative(day: Day) -> None:
    store, product, lines, _, *others = day.staged["store_products"][1]
    day.staged["store_products"][1] = (store, product, lines, -2, *others)


def returned(row: tuple[Any, ...], at: int, quantity: str, revenue: str) -> tuple[Any, ...]:
    """A staged row with other returns, which are in column ``at`` and the next."""
    return (*row[:at], money(quantity), money(revenue), *row[at + 2 :])


def days_have_a_return_that_totals_lack(day: Day) -> None:
    day.staged["daily_figures"][1] = returned(day.staged["daily_figures"][1], 6, "0.5", "2.25")


def totals_have_a_return_that_days_lack(day: Day) -> None:
    store, product, lines, *others = returned(day.staged["store_products"][1], 8, "0.5", "2.25")
    day.staged["store_products"][1] = (store, product, lines + 1, *others)
    day.expect(now=LineTotals(3, 2, money("12")))


def what_came_back_on_a_day_is_negative(day: Day) -> None:
    day.staged["daily_figures"][1] = returned(day.staged["daily_figures"][1], 6, "-0.5", "0")
    day.staged["store_products"][1] = returned(day.staged["store_products"][1], 8, "-0.5", "0")


def a_day_sold_less_than_nothing_before_its_returns(day: Day) -> None:
    """Six came back of minus two sold: net of returns, three were sold in both tables."""
    day.staged["daily_figures"][0] = (FRIDAY, "S1", money("-9"), -3, 0, money("1"), money("2"), money("6"), 1, 0, 0)
    day.staged["store_products"][0] = (
        "S1", "P1", 1, -3, money("-9"), money("1"), money("0"), 0, money("2"), money("6"),
    )  # fmt: skip
    day.expect(now=LineTotals(2, 2, money("0")))


def a_day_sold_something_in_no_transaction(day: Day) -> None:
    date, store, revenue, quantity, _, *others = day.staged["daily_figures"][0]
    day.staged["daily_figures"][0] = (date, store, revenue, quantity, 0, *others)


def a_total_has_more_sale_lines_than_lines(day: Day) -> None:
    day.staged["store_products"][1] = (*day.staged["store_products"][1][:7], 2, *KEPT)


def a_total_has_sold_something_in_no_line(day: Day) -> None:
    day.staged["store_products"][1] = (*day.staged["store_products"][1][:7], 0, *KEPT)


def a_day_and_store_come_twice(day: Day) -> None:
    day.staged["daily_figures"].append((FRIDAY, "S1", money("0"), 1, 1, money("0"), *KEPT, 0, 0, 0))


def a_store_and_product_come_twice(day: Day) -> None:
    day.staged["store_products"].append(("S2", "P2", 1, 1, money("0"), money("0"), money("0"), 1, *KEPT))


def a_line_comes_twice(day: Day) -> None:
    day.staged["sales_lines"].append(day.staged["sales_lines"][0])


def a_line_lost_its_customer(day: Day) -> None:
    day.staged["sales_lines"][0] = (*day.staged["sales_lines"][0][:5], None, *day.staged["sales_lines"][0][6:])


def a_line_has_another_cost(day: Day) -> None:
    day.staged["sales_lines"][0] = (*day.staged["sales_lines"][0][:8], 1, 0, *LOADED)


def an_arrival_brought_a_day_twice(day: Day) -> None:
    day.brought *= 2


SPOILED: list[tuple[Callable[[Day], None], dict[str, tuple[float, str, float]]]] = [
    (a_line_is_not_loaded, {"rows_balance": (2, "=", 3)}),
    (a_bad_line_is_not_staged, {"rows_balance": (39, "=", 40)}),
    (more_is_loaded_than_was_read, {"rows_were_read": (2, "<=", 1)}),
    (many_lines_are_bad, {"bad_lines": (0.333333333, "<=", 0.05)}),
    (
        a_cent_too_much_in_days_and_totals,
        {
            "revenue_of_days": (12.01, "=", 12),
            "revenue_of_changes": (12.01, "=", 12),
            "revenue_of_product_days": (12, "=", 12.01),
        },
    ),
    (
        a_cent_too_much_in_totals,
        {
            "revenue_of_changes": (12.01, "=", 12),
            "revenue_of_products": (22.51, "=", 22.5),
            "revenue_of_stores": (22.51, "=", 22.5),
        },
    ),
    (
        lines_that_are_replaced_are_not_taken_off,
        {
            "revenue_of_changes": (12, "=", 11.9999),
            "lines_of_changes": (2, "=", 1),
        },
    ),
    # P1 sold for 9.00, which counts twice now.
    (
        a_product_has_two_names,
        {
            "revenue_of_products": (31.5, "=", 22.5),
            "duplicate_product_performance": (1, "=", 0),
            "duplicate_products": (1, "=", 0),
        },
    ),
    (
        a_store_has_two_names,
        {
            "revenue_of_days": (21, "=", 12),
            "revenue_of_products": (22.5, "=", 31.5),
            # S2 had 9.00 of two pieces with a profit of 2, and has it twice.
            "profit_of_lines": (3, "=", 5),
            "revenue_of_product_days": (12, "=", 21),
            "quantity_of_product_days": (3, "=", 5),
            "gross_profit_of_product_days": (3, "=", 5),
            "rows_of_days": (3, "=", 2),
            "duplicate_daily_sales_summary": (1, "=", 0),
            "duplicate_store_performance": (1, "=", 0),
            "duplicate_stores": (1, "=", 0),
        },
    ),
    (a_row_of_a_day_is_lost, {"rows_of_days": (2, "=", 3)}),
    (pieces_of_a_day_are_negative, {"negative_days": (1, "=", 0), "quantity_of_product_days": (3, "=", 1)}),
    (
        revenue_of_a_day_is_negative,
        {
            "negative_days": (1, "=", 0),
            "revenue_of_lines": (12, "=", 6),
            "revenue_of_product_days": (12, "=", 6),
        },
    ),
    (pieces_of_a_total_are_negative, {"negative_totals": (1, "=", 0)}),
    (
        days_have_a_return_that_totals_lack,
        {
            **{f"returned_quantity_of_{rows}": (0, "=", 0.5) for rows in ("products", "stores")},
            **{f"returned_revenue_of_{rows}": (0, "=", 2.25) for rows in ("products", "stores")},
            "returned_quantity_of_product_days": (0, "=", 0.5),
            "returned_revenue_of_product_days": (0, "=", 2.25),
        },
    ),
    (
        totals_have_a_return_that_days_lack,
        {
            **{f"returned_quantity_of_{rows}": (0.5, "=", 0) for rows in ("products", "stores")},
            **{f"returned_revenue_of_{rows}": (2.25, "=", 0) for rows in ("products", "stores")},
            "lines_of_days": (2, "=", 3),
        },
    ),
    (
        what_came_back_on_a_day_is_negative,
        {
            "negative_days": (1, "=", 0),
            "negative_totals": (1, "=", 0),
            "returned_quantity_of_product_days": (0, "=", -0.5),
        },
    ),
    # What is left of S1 and P1 from Thursday hides it in their total: 2 - 3 + 2 is not negative.
    (
        a_day_sold_less_than_nothing_before_its_returns,
        {
            "negative_days": (1, "=", 0),
            "revenue_of_lines": (12, "=", 0),
            "revenue_of_product_days": (12, "=", 0),
            "quantity_of_product_days": (3, "=", -1),
            "returned_quantity_of_product_days": (0, "=", 2),
            "returned_revenue_of_product_days": (0, "=", 6),
        },
    ),
    (a_day_sold_something_in_no_transaction, {"negative_days": (1, "=", 0)}),
    (a_total_has_more_sale_lines_than_lines, {"negative_totals": (1, "=", 0)}),
    (a_total_has_sold_something_in_no_line, {"negative_totals": (1, "=", 0)}),
    (
        a_day_and_store_come_twice,
        {"duplicate_daily_sales_summary": (1, "=", 0), "quantity_of_product_days": (3, "=", 4)},
    ),
    (a_store_and_product_come_twice, {"duplicate_store_products": (1, "=", 0), "lines_of_changes": (3, "=", 2)}),
    # T3 again: one piece at 3.00, with a profit of 1.
    (
        a_line_comes_twice,
        {
            "lines_of_days": (3, "=", 2),
            "revenue_of_lines": (15, "=", 12),
            "profit_of_lines": (4, "=", 3),
            "customers_of_lines": (3, "=", 2),
            "revenue_of_product_days": (15, "=", 12),
            "quantity_of_product_days": (4, "=", 3),
            "gross_profit_of_product_days": (4, "=", 3),
        },
    ),
    (a_line_lost_its_customer, {"customers_of_lines": (1, "=", 2)}),
    (
        a_line_has_another_cost,
        {"profit_of_lines": (4, "=", 3), "gross_profit_of_product_days": (4, "=", 3)},
    ),
    (an_arrival_brought_a_day_twice, {"duplicate_arrival_dates": (1, "=", 0)}),
]


@pytest.mark.parametrize(("spoil", "failed"), SPOILED, ids=[spoil.__name__ for spoil, _ in SPOILED])
def test_a_check_that_fails(
    tmp_path: Path, spoil: Callable[[Day], None], failed: dict[str, tuple[float, str, float]]
) -> None:
    publish(tmp_path, "thursday", thursday())
    before = state(tmp_path)
    spoiled = friday()
    spoil(spoiled)
    with pytest.raises(CheckFailed) as error:
        publish(tmp_path, "spoiled", spoiled)
    assert state(tmp_path) == before
    found = kept(tmp_path, "spoiled", passed=False)
    assert plain({name: found[name] for name in found if not name.startswith("unmatched_")}) == failed
    assert [f"{name} (" in str(error.value) for name in failed] == [True] * len(failed)
    assert "\n" not in str(error.value)
    # Put right, the same day is published.
    publish(tmp_path, "friday", friday())
    assert rows(tmp_path, "SELECT SUM(daily_revenue) FROM daily_sales_summary") == [(money("22.5"),)]


def test_a_customer_without_a_line(tmp_path: Path) -> None:
    publish(tmp_path, "thursday", thursday())
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("UPDATE customer_stores SET line_count = 0 WHERE customer_key = 'C2'")
    with pytest.raises(CheckFailed, match=r"checks do not hold: negative_customers \(.*: 1 = 0 is not so\)"):
        publish(tmp_path, "friday", friday())


def test_a_few_lines_without_a_reference_row_are_told_and_published(tmp_path: Path) -> None:
    publish(tmp_path, "thursday", thursday())
    day = friday()
    day.staged["stores"] = day.staged["stores"][:1]
    day.expect(unmatched_stores=1)
    publish(tmp_path, "friday", day)
    assert kept(tmp_path, "friday", passed=False) == {"unmatched_stores": (money("0.5"), "<=", money("0.05"))}
    assert rows(tmp_path, "SELECT severity FROM quality_checks WHERE NOT passed") == [("warning",)]
    assert len(rows(tmp_path, "SELECT * FROM daily_sales_summary")) == 3


def test_a_day_that_has_two_versions_of_its_lines(tmp_path: Path) -> None:
    publish(tmp_path, "thursday", thursday())
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("INSERT INTO line_versions VALUES (?, 'another', 'k')", [THURSDAY])
    with pytest.raises(
        CheckFailed, match=r"duplicate_line_versions \(one row for each transaction_date: 1 = 0 is not so\)"
    ):
        publish(tmp_path, "friday", friday())


def test_somebodys_hand_in_the_tables_is_found_and_a_rebuild_puts_it_right(half_taken: Sandbox) -> None:
    file = half_taken.folder / "warehouse/warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        # 34.1667 of the products, as all days had before.
        connection.execute("UPDATE daily_sales_summary SET daily_revenue = daily_revenue + 1 WHERE store_id = 'S9'")
    before = half_taken.tables()
    # This arrival does not touch New Year, S9's only day.
    with pytest.raises(JobError, match=r"revenue_of_products \(.*: 34\.1667 = 35\.1667 is not so\)"):
        half_taken.run("--start", "2026-01-03", "--end", "2026-01-04", "--run-id", "third")
    assert half_taken.tables() == before
    sql = (
        "SELECT check_name FROM quality_checks WHERE run_id = 'third' AND NOT passed AND severity = 'error' ORDER BY 1"
    )
    assert half_taken.query(sql) == [("revenue_of_products",), ("revenue_of_stores",)]
    half_taken.run("--rebuild")
    expect(half_taken)


def test_figures_that_change_between_computing_and_publishing(
    half_taken: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = half_taken.tables()
    publish_staged = DuckDbWarehouse.publish

    def publish_altered(self: DuckDbWarehouse, *arguments: Any) -> Any:
        staged = half_taken.folder / "warehouse/staging/daily_figures"
        parts = sorted(staged.glob("*.parquet"))
        with duckdb.connect() as connection:
            altered = (
                f"SELECT * REPLACE (daily_revenue + 0.01 AS daily_revenue) FROM read_parquet({[str(p) for p in parts]})"
            )
            connection.execute(f"CREATE TABLE altered AS {altered}")
            for part in parts:
                part.unlink()
            connection.execute(f"COPY altered TO '{staged}/altered.parquet' (FORMAT parquet)")
        return publish_staged(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(DuckDbWarehouse, "publish", publish_altered)
        with pytest.raises(CheckFailed, match=r"revenue_of_days \("):
            half_taken.day("2026-01-03")
    assert half_taken.tables() == before
    half_taken.run()
    expect(half_taken)
