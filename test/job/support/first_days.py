"""Two arrivals that many tests start from, and the tables that they make, worked out by hand in the comments."""

import datetime as dt
from decimal import Decimal

from harness import Sandbox
from oracle import customer_key

D = Decimal
NEW_YEAR, SECOND, THIRD = (dt.date(2026, 1, day) for day in (1, 2, 3))


def first_days(sandbox: Sandbox) -> None:
    """Two arrivals. P1 costs 1.10, P2 costs 2.00; P9 and S9 have no reference row."""
    sandbox.sales(
        "dt=2026-01-02/a.csv",
        [
            "T1,P1,S1,2,2.50,2026-01-02,C1",
            "T1,P2,S1,1,4.00,2026-01-02,C1",  # a second line of the same transaction
            "T2,P1,S1,3,2.5,2026-01-02,",  # a guest
            "T2,P1,S1, 3 ,2.50,2026-01-02,",  # the same line, written otherwise: a duplicate in the file
            "T3,P9,S9,1,10,2026-01-01,C2",  # late by a day, unknown product and store
        ],
    )
    sandbox.sales(
        "dt=2026-01-03/b.csv",
        [
            "T1,P1,S1,2,2.50,2026-01-02,C1",  # delivered the day before: a duplicate
            "T4,P1,S1,1,1.0001,2026-01-03,C1",  # below cost
            "T5,P2,S2,2,3.3333,2026-01-02,C3",  # late by a day
        ],
    )


NONE = (D(0), D(0))
"""Nothing came back."""

DAILY = [
    # S9 has no name; P9 has no cost, so no profit.
    (NEW_YEAR, "S9", None, None, D("10"), 1, 1, 1, D("0"), *NONE),
    # 2 x 2.50 + 4.00 + 3 x 2.50 = 16.50; 2 x 1.40 + 2.00 + 3 x 1.40 = 9.00; T1 and T2; C1 alone.
    (SECOND, "S1", "Main Street", "Austin, TX", D("16.5"), 6, 2, 1, D("9"), *NONE),
    # 2 x 3.3333 = 6.6666; 2 x 1.3333 = 2.6666.
    (SECOND, "S2", "Harbor", "Boston, MA", D("6.6666"), 2, 1, 1, D("2.6666"), *NONE),
    # 1.0001 - 1.10 = -0.0999.
    (THIRD, "S1", "Main Street", "Austin, TX", D("1.0001"), 1, 1, 1, D("-0.0999"), *NONE),
]
PRODUCTS = [
    # P1: 5.00 + 7.50 + 1.0001; six pieces; (2.50 + 2.50 + 1.0001) / 3; one store; 2.80 + 4.20 - 0.0999.
    ("P1", "Soap", "Home", D("13.5001"), 6, D("2.000033333"), 1, D("6.9001"), D("0.511114732"), *NONE),
    # P2: 4.00 + 6.6666; three pieces; 7.3333 / 2; two stores; 2.00 + 2.6666; 4.6666 / 10.6666.
    ("P2", "Green tea", "Food", D("10.6666"), 3, D("3.66665"), 2, D("4.6666"), D("0.437496484"), *NONE),
    ("P9", None, None, D("10"), 1, D("10"), 1, D("0"), D("0"), *NONE),
]
STORES = [
    # S1: 16.50 + 1.0001; 6 + 1 pieces; P1 and P2; C1; 9.00 - 0.0999; 8.9001 / 17.5001.
    ("S1", "Main Street", "Austin, TX", D("17.5001"), 7, 2, 1, D("8.9001"), D("0.508574237"), *NONE),
    ("S2", "Harbor", "Boston, MA", D("6.6666"), 2, 1, 1, D("2.6666"), D("0.399994"), *NONE),
    ("S9", None, None, D("10"), 1, 1, 1, D("0"), D("0"), *NONE),
]


LINES = [
    (NEW_YEAR, "T3", None, "P9", "S9", customer_key("C2"), D(1), D(10), D(10), None, D(0)),
    (SECOND, "T1", None, "P1", "S1", customer_key("C1"), D(2), D("2.5"), D(5), D("1.1"), D("2.8")),
    (SECOND, "T1", None, "P2", "S1", customer_key("C1"), D(1), D(4), D(4), D(2), D(2)),
    (SECOND, "T2", None, "P1", "S1", None, D(3), D("2.5"), D("7.5"), D("1.1"), D("4.2")),
    (SECOND, "T5", None, "P2", "S2", customer_key("C3"), D(2), D("3.3333"), D("6.6666"), D(2), D("2.6666")),
    (THIRD, "T4", None, "P1", "S1", customer_key("C1"), D(1), D("1.0001"), D("1.0001"), D("1.1"), D("-0.0999")),
]
PRODUCT_DAYS = [
    (NEW_YEAR, "P9", D(10), D(1), 1, 1, D(0), *NONE),
    # T1 and T2: 5.00 + 7.50; five pieces; 2.80 + 4.20.
    (SECOND, "P1", D("12.5"), D(5), 2, 1, D(7), *NONE),
    # T1 in S1 and T5 in S2: 4.00 + 6.6666; 2.00 + 2.6666.
    (SECOND, "P2", D("10.6666"), D(3), 2, 2, D("4.6666"), *NONE),
    (THIRD, "P1", D("1.0001"), D(1), 1, 1, D("-0.0999"), *NONE),
]


def expect(sandbox: Sandbox, warehouse: str = "warehouse") -> None:
    tables = sandbox.tables(warehouse)
    assert tables["daily_sales_summary"] == DAILY
    assert tables["product_performance"] == PRODUCTS
    assert tables["store_performance"] == STORES
    assert tables["sales_lines"] == LINES
    assert tables["daily_product_sales"] == PRODUCT_DAYS
