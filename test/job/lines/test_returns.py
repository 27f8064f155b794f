"""Returns, weights and line numbers; every expected figure is worked out by hand in the comments beside it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from harness import Sandbox
from pyspark.sql import Row

from sales_job.base.errors import InputRefused
from sales_job.base.sales_columns import READ_COLUMNS
from sales_job.lines.money import fits_in_64_bits

D = Decimal
FRIDAY, SATURDAY = dt.date(2026, 1, 2), dt.date(2026, 1, 3)
S1, S2 = ("S1", "Main Street", "Austin, TX"), ("S2", "Harbor", "Boston, MA")

DAILY = [
    # 12.50 + 1.00 - 2.50; 5 + 0.25 - 1; T1 and T2; C1 and C2; 5 x 1.40 + 0.25 x 2.00 - 1.40.
    (FRIDAY, *S1, D(11), D("4.25"), 2, 2, D("6.1"), D(1), D("2.5")),
    # Returns alone: -2 x 1.40.
    (SATURDAY, *S1, D(-5), D(-2), 0, 0, D("-2.8"), D(2), D(5)),
    # P9 has no cost.
    (SATURDAY, *S2, D(-3), D(-1), 0, 0, D(0), D(1), D(3)),
]
PRODUCTS = [
    # 12.50 - 2.50 - 5.00; 5 - 1 - 2; the price of the one sale line; 7.00 - 1.40 - 2.80; 2.80 / 5.00.
    ("P1", "Soap", "Home", D(5), D(2), D("2.5"), 1, D("2.8"), D("0.56"), D(3), D("7.5")),
    ("P2", "Green tea", "Food", D(1), D("0.25"), D(4), 1, D("0.5"), D("0.5"), D(0), D(0)),
    ("P9", None, None, D(-3), D(-1), None, 0, D(0), None, D(1), D(3)),
]
STORES = [
    # 11 - 5; 4.25 - 2; P1 and P2; C1 and C2; 6.10 - 2.80; 3.30 / 6.
    (*S1, D(6), D("2.25"), 2, 2, D("3.3"), D("0.55"), D(3), D("7.5")),
    (*S2, D(-3), D(-1), 0, 0, D(0), None, D(1), D(3)),
]


def two_days(sandbox: Sandbox) -> None:
    """P1 costs 1.10, P2 costs 2.00; P9 has no reference row."""
    sandbox.sales(
        "dt=2026-01-02/a.csv",
        [
            "T1,P1,S1,5,2.50,2026-01-02,C1",
            "T2,P2,S1,0.250,4.00,2026-01-02,C2",  # weighed
            "T3,P1,S1,-1,2.50,2026-01-02,C3",  # brought back on the same day, by somebody who bought nothing
        ],
    )
    sandbox.sales(
        "dt=2026-01-03/b.csv",
        [
            "T4,P1,S1,-2,2.50,2026-01-03,C1",
            "T5,P9,S2,-1,3,2026-01-03,C4",
            "T2,P2,S1,.25,4,2026-01-02,C2",  # delivered the day before, written otherwise: a duplicate
        ],
    )


def expect(sandbox: Sandbox, warehouse: str = "warehouse") -> None:
    tables = sandbox.tables(warehouse)
    assert tables["daily_sales_summary"] == DAILY
    assert tables["product_performance"] == PRODUCTS
    assert tables["store_performance"] == STORES


def test_returns_take_away_what_they_bring_back(sandbox: Sandbox) -> None:
    two_days(sandbox)
    counts = sandbox.run()
    assert (counts["rows_read"], counts["rows_loaded"], counts["rows_duplicate"]) == (6, 5, 1)
    # 11 - 5 - 3; 6.10 - 2.80.
    assert (counts["revenue_added"], counts["gross_profit_added"]) == (3, 3.3)
    expect(sandbox)
    for day in ("2026-01-03", "2026-01-02", "2026-01-03"):
        sandbox.day(day, warehouse="by day")
    expect(sandbox, "by day")


def test_a_return_that_stays_when_its_sale_goes(sandbox: Sandbox) -> None:
    two_days(sandbox)
    sandbox.run()
    sandbox.sales("dt=2026-01-02/a.csv", ["T2,P2,S1,0.250,4.00,2026-01-02,C2"])
    sandbox.day("2026-01-02")
    tables = sandbox.tables()
    assert tables["daily_sales_summary"][0] == (FRIDAY, *S1, D(1), D("0.25"), 1, 1, D("0.5"), D(0), D(0))
    # P1 is left with what came back on Saturday.
    assert tables["product_performance"][0] == (
        "P1",
        "Soap",
        "Home",
        D(-5),
        D(-2),
        None,
        0,
        D("-2.8"),
        None,
        D(2),
        D(5),
    )
    # C1 bought nothing any more.
    assert tables["store_performance"][0] == (*S1, D(-4), D("-1.75"), 1, 1, D("-2.3"), None, D(2), D(5))
    two_days(sandbox)
    sandbox.day("2026-01-02")
    expect(sandbox)


def test_a_total_of_no_revenue_has_no_margin(sandbox: Sandbox) -> None:
    sandbox.sales("dt=2026-01-02/a.csv", ["T1,P1,S1,2,2.50,2026-01-02,C1", "T2,P1,S1,-2,2.50,2026-01-02,C1"])
    sandbox.run()
    assert sandbox.tables()["product_performance"] == [
        ("P1", "Soap", "Home", D(0), D(0), D("2.5"), 1, D(0), None, D(2), D(5))
    ]


def test_three_decimals_are_exact_where_floats_drift(sandbox: Sandbox) -> None:
    # 1,000 x 0.1 pieces at 0.1001; 1.10 is its cost: 100 x (0.1001 - 1.10).
    sandbox.sales("dt=2026-01-02/a.csv", [f"T{n},P1,S1,0.1,0.1001,2026-01-02,C1" for n in range(1000)])
    sandbox.sales("dt=2026-01-02/b.csv", ["R,P2,S2,0.001,0.0001,2026-01-02,C1"])
    sandbox.run()
    assert sandbox.query("SELECT total_revenue, total_items_sold, gross_profit FROM store_performance ORDER BY 1") == [
        # 0.001 x (0.0001 - 2): seven decimals.
        (D("0.0000001"), D("0.001"), D("-0.0019999")),
        (D("10.01"), D(100), D("-99.99")),
    ]


def test_costs_keep_nine_decimals_with_a_quantity(sandbox: Sandbox) -> None:
    sandbox.products([("P1", "Soap", "Home", "0.000001"), ("P2", "Tea", "Food", "99999999999999.999999")])
    sandbox.sales(
        "dt=2026-01-02/a.csv", ["T1,P1,S1,0.001,0,2026-01-02,", "T2,P2,S2,-999999999999999.999,0,2026-01-02,"]
    )
    sandbox.run()
    assert sandbox.query("SELECT gross_profit FROM store_performance ORDER BY store_id") == [
        (D("-0.000000001"),),
        # (10**15 - 0.001) x (10**14 - 0.000001).
        (D("99999999999999999899000000000.000000001"),),
    ]


HEADER = ",".join(READ_COLUMNS)


def test_an_item_scanned_twice_counts_twice_by_its_line_number(sandbox: Sandbox) -> None:
    line = "T1,P1,S1,1,2.00,2026-01-02,C1"
    sandbox.sales("dt=2026-01-02/a.csv", [f"{line},1", f"{line}, 2 ", f"{line},2", f"{line},02"], HEADER)
    # Neither a file without the column nor an empty field gives a number: these are one line, another than those.
    sandbox.sales("dt=2026-01-02/b.csv", [line])
    sandbox.sales("dt=2026-01-03/c.csv", [f"{line},", line, f"{line},1"], HEADER.replace("line_number", "Line Number"))
    counts = sandbox.run()
    assert (counts["rows_read"], counts["rows_loaded"], counts["rows_duplicate"]) == (8, 4, 4)
    assert sandbox.query("SELECT daily_revenue, daily_transactions FROM daily_sales_summary") == [(D(8), 1)]
    for day in ("2026-01-02", "2026-01-03", "2026-01-02"):
        sandbox.day(day, warehouse="by day")
    assert sandbox.tables("by day") == sandbox.tables()


def test_a_line_number_that_holds_a_line_break_is_bad(sandbox: Sandbox) -> None:
    rows = ["T1,P1,S1,1,2.00,2026-01-02,C1,1", 'T2,P1,S1,1,2.00,2026-01-02,C1,"2', '3"']
    sandbox.sales("dt=2026-01-02/a.csv", rows, HEADER)
    assert sandbox.run("--max-bad-ratio", "0.5")["rows_quarantined"] == 1
    assert sandbox.query("SELECT transaction_id, reason FROM quarantined_sales") == [
        ("T2", "line_number holds a line break: a quote is out of place")
    ]


def test_line_numbers_twice_in_a_header_are_refused(sandbox: Sandbox) -> None:
    sandbox.sales("dt=2026-01-02/a.csv", [], f"{HEADER},Line-Number")
    with pytest.raises(InputRefused, match="the header names column line_number twice: keep one"):
        sandbox.run()


@pytest.mark.parametrize(
    ("revenue", "fits"),
    [
        # A hundred million lines of three pieces at 50.00.
        (1.5e17, True),
        # 2**62 is 4.6 x 10**18.
        (4.6e18, True),
        (4.7e18, False),
    ],
)
def test_sums_that_fit_in_64_bits(revenue: float, fits: bool) -> None:
    counted = [Row(transaction_date=day, all_revenue=part) for day, part in ((FRIDAY, revenue), (SATURDAY, 0.0))]
    assert fits_in_64_bits(counted) == fits
    assert fits_in_64_bits([Row(transaction_date=None, all_revenue=None), *counted]) == fits
