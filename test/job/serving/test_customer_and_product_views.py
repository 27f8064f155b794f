"""The views of customers, products and stores in the local warehouse: against plain Python on random rows, and
against figures worked out by hand.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sys
from collections import Counter
from decimal import Decimal as D
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sales_rows import FIRST, inserts, line, product, random_lines, store, tables

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "test/data")]

from views_oracle import NAMES, VIEWS, Rows, Tables, segment  # noqa: E402

from sales_job.tables import catalog  # noqa: E402
from sales_job.tables.view_catalog import views  # noqa: E402
from sales_job.warehouse.duckdb import DuckDbWarehouse  # noqa: E402

LAST = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    made = DuckDbWarehouse(folder)
    made.prepare(made.changes())
    return folder / "warehouse.duckdb"


def rows(empty: Path, given: Tables, query: str) -> Rows:
    """The rows of queries over these rows, which are taken back."""
    with duckdb.connect(str(empty)) as connection:
        connection.execute("BEGIN")
        for statement in inserts(given):
            connection.execute(statement)
        found = connection.execute(query).fetchall()
        connection.execute("ROLLBACK")
    return found


@pytest.fixture(scope="module", params=range(4))
def seeded(
    empty: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Path, Tables]:
    """A warehouse with random rows, and these rows."""
    file = Path(shutil.copy(empty, tmp_path_factory.mktemp("seeded")))
    given = tables(random_lines(request.param, (60, 150, 400, 900)[request.param]))
    with duckdb.connect(str(file)) as connection:
        for statement in inserts(given):
            connection.execute(statement)
    return file, given


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_rows_of_plain_python(seeded: tuple[Path, Tables], view: str) -> None:
    file, given = seeded
    expected = VIEWS[view](given)
    assert len(expected) > 3
    with duckdb.connect(str(file), read_only=True) as connection:
        assert Counter(connection.execute(f"FROM {view}").fetchall()) == Counter(expected)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_nothing_has_no_sales(empty: Path, view: str) -> None:
    given = tables([])
    found = rows(empty, given, f"FROM {view}")
    assert Counter(found) == Counter(VIEWS[view](given))
    # Listed products are there before their first sale.
    assert len(found) == (6 if view == "inventory_signals" else 0)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_returns_alone_has_no_day_with_sales(empty: Path, view: str) -> None:
    given = tables([line(LAST, "T1", "aa", "-1", "2"), line(LAST, "T2", None, "-1", "2", product_id="P2")])
    found = rows(empty, given, f"FROM {view}")
    assert Counter(found) == Counter(VIEWS[view](given))


def test_a_customer_with_returns_and_one_who_only_returned(empty: Path) -> None:
    lines = [
        line(FIRST, "T1", "aa", "2", "5.00", cost="3"),
        line(FIRST, "T1", "aa", "1", "1.00", cost="0.50"),
        line(LAST, "T2", "aa", "0.250", "8.00", cost="4"),
        line(LAST + dt.timedelta(1), "T3", "aa", "-1", "5.00", cost="3"),
        line(LAST, "T4", "bb", "-2", "5.00", cost="3"),
        line(LAST, "T5", None, "9", "9"),
    ]
    # 10 + 1 + 2 - 5; 4 + 0.5 + 1 - 2.
    assert rows(empty, tables(lines), "FROM customers ORDER BY customer_key") == [
        ("aa", FIRST, LAST, 2, D("2.25"), D(8), D("3.5"), D(1), D(5)),
        ("bb", None, None, 0, D(-2), D(-10), D(-4), D(2), D(10)),
    ]


def test_classes_and_ranks_of_products(empty: Path) -> None:
    """80 of 100 are A; the next has 80 % above it, so it is B; the last has 95 %."""
    day = LAST - dt.timedelta(27)
    sold = {"P1": "60", "P2": "20", "P3": "15", "P4": "5"}
    lines = [line(day, f"T{key}", None, "1", price, product_id=key) for key, price in sold.items()]
    lines.append(line(LAST, "T0", None, "1", "0", product_id="P5"))
    # The day before the last 28: P4 was first, P2 was not there, P8 is gone.
    earlier = day - dt.timedelta(1)
    before = {"P1": "30", "P3": "20", "P4": "40", "P8": "10"}
    lines += [line(earlier, f"B{key}", None, "1", price, product_id=key) for key, price in before.items()]
    # One day too early for either.
    lines.append(line(LAST - dt.timedelta(56), "T9", None, "1", "1000", product_id="P3"))
    found = rows(
        empty,
        tables(lines),
        "SELECT product_id, revenue, previous_revenue, growth, revenue_rank, previous_rank, rank_change, "
        "revenue_share, abc_class FROM product_trends ORDER BY product_id",
    )
    assert found == [
        ("P1", 60, 30, D(1), 1, 2, 1, D("0.6"), "A"),
        ("P2", 20, None, None, 2, None, None, D("0.2"), "A"),
        ("P3", 15, 20, D("-0.25"), 3, 3, 0, D("0.15"), "B"),
        ("P4", 5, 40, D("-0.875"), 4, 1, -3, D("0.05"), "C"),
        ("P5", 0, None, None, 5, None, None, 0, "C"),
        ("P8", 0, 10, D(-1), None, 4, None, 0, "C"),
    ]


def test_equal_products_rank_by_their_ids(empty: Path) -> None:
    lines = [line(LAST, f"T{key}", None, "1", "5", product_id=key) for key in ("P9", "P10", "P1")]
    found = rows(empty, tables(lines), "SELECT product_id, revenue_rank FROM product_trends ORDER BY revenue_rank")
    assert found == [("P1", 1), ("P10", 2), ("P9", 3)]


def test_a_region_grows_by_the_stores_that_were_there_before(empty: Path) -> None:
    earlier = LAST - dt.timedelta(40)
    now = {"S1": "120", "S2": "30", "S3": "50"}
    before = {"S1": "100", "S4": "70"}
    lines = [line(LAST, f"T{key}", None, "1", price, store_id=key) for key, price in now.items()]
    lines += [line(earlier, f"B{key}", None, "1", price, store_id=key) for key, price in before.items()]
    given = tables(lines)
    # S2 is new and S4 is closed: the North grows by S1 alone.
    places = [("S1", "North", "Mall", 240), ("S2", "North", "Street", 10), ("S4", "North", "Street", 10)]
    given["stores"] = [store(key, key, region, kind, size) for key, region, kind, size in places]
    found = rows(
        empty,
        given,
        "SELECT store_id, days, previous_days, revenue, previous_revenue, growth, revenue_rank, revenue_share, "
        "revenue_per_sqft, share_of_region, region_growth, share_of_type, type_growth "
        "FROM store_comparison ORDER BY store_id",
    )
    assert found == [
        ("S1", 1, 1, 120, 100, D("0.2"), 1, D("0.6"), D("0.5"), D("0.8"), D("0.2"), 1, D("0.2")),
        ("S2", 1, 0, 30, None, None, 3, D("0.15"), 3, D("0.2"), D("0.2"), 1, None),
        ("S3", 1, 0, 50, None, None, 2, D("0.25"), None, 1, None, 1, None),
        ("S4", 0, 1, 0, 70, None, 4, 0, 0, 0, D("0.2"), 0, None),
    ]


def test_every_combination_of_scores_has_one_segment(empty: Path) -> None:
    """125 customers, one for each: 25 of each last day, number of transactions, and revenue."""
    lines = []
    for recency in range(1, 6):
        for frequency in range(1, 6):
            for monetary in range(1, 6):
                day, key = LAST - dt.timedelta(7 * (5 - recency)), f"{recency}{frequency}{monetary}"
                # 60 is divided by 1 to 5 without a remainder.
                price = str(monetary * 60 // frequency)
                lines += [line(day, f"{key}-{number}", key, "1", price) for number in range(frequency)]
    found = rows(
        empty,
        tables(lines),
        "SELECT customer_key, recency_score || '' || frequency_score || monetary_score, segment FROM customer_segments",
    )
    assert len(found) == 125
    assert [(key, scores) for key, scores, _ in found if key != scores] == []
    assert {key: name for key, _, name in found} == {key: segment(*map(int, key)) for key, *_ in found}
    # Counted by hand on the two squares of each recency score.
    assert Counter(name for *_, name in found) == {
        "champions": 8,
        "loyal": 22,
        "big spenders": 18,
        "new": 6,
        "promising": 12,
        "need attention": 9,
        "cannot lose": 8,
        "at risk": 24,
        "slipping": 9,
        "lost": 9,
    }
    assert {name for *_, name in found} == set(NAMES.values())


def test_equal_customers_have_equal_scores(empty: Path) -> None:
    """Nine customers are equal and one is better in everything: nine rank higher than none, one than nine tenths."""
    lines = [line(FIRST, f"T{number}", f"c{number}", "1", "5") for number in range(9)]
    lines += [line(LAST, f"U{number}", "best", "1", "5") for number in range(2)]
    found = rows(
        empty,
        tables(lines),
        "SELECT DISTINCT customer_key = 'best', recency_days, recency_score, frequency_score, monetary_score, segment "
        "FROM customer_segments ORDER BY 1",
    )
    assert found == [(False, (LAST - FIRST).days, 1, 1, 1, "lost"), (True, 0, 5, 5, 5, "champions")]


def test_cohorts(empty: Path) -> None:
    january, march = dt.date(2026, 1, 1), dt.date(2026, 3, 1)
    lines = [
        line(dt.date(2026, 1, 31), "T1", "aa", "1", "10"),
        line(dt.date(2026, 1, 1), "T2", "bb", "1", "20"),
        # bb only returns in March, and cc is new then; nobody whose name is known buys in February.
        line(dt.date(2026, 2, 10), "T3", None, "1", "99"),
        line(dt.date(2026, 3, 5), "T4", "aa", "2", "10"),
        line(dt.date(2026, 3, 6), "T5", "bb", "-1", "4"),
        line(dt.date(2026, 3, 31), "T6", "cc", "1", "7"),
    ]
    found = rows(empty, tables(lines), "FROM cohort_retention ORDER BY cohort_month, month")
    assert found == [
        (january, 0, january, 2, 2, D(1), 30, 15),
        (january, 2, march, 2, 1, D("0.5"), 16, 16),
        (march, 0, march, 1, 1, D(1), 7, 7),
    ]


def test_signals_of_products(empty: Path) -> None:
    """The last 28 days and those before, in pieces; a product first sold 10 days ago has a pace over 10 days."""
    recent, before = LAST - dt.timedelta(27), LAST - dt.timedelta(28)
    old = LAST - dt.timedelta(55)
    sold = [
        ("faster", {old: "1", before: "20", recent: "27"}),
        ("quarter", {old: "1", before: "27", recent: "35"}),
        ("slower", {old: "1", before: "27", recent: "20"}),
        ("dead", {old: "5", before: "5"}),
        ("fresh", {LAST - dt.timedelta(9): "5", LAST: "5"}),
    ]
    lines = [
        line(day, f"{key}{day}", None, count, "1", product_id=key) for key, days in sold for day, count in days.items()
    ]
    given = tables(lines)
    stock = {"faster": "54", "dead": "9", "fresh": "0", "unsold": "1"}
    given["products"] = [product(key, key, None, None, count) for key, count in stock.items()]
    found = rows(
        empty,
        given,
        "SELECT product_id, days_since_last_sale, pieces_per_day, previous_pieces_per_day, signal, stock_quantity, "
        "days_of_cover FROM inventory_signals ORDER BY product_id",
    )
    # 27 / 28 and 54 of it; 21, 28 and 20 / 28.
    assert found == [
        ("dead", 28, 0, D("0.357142857"), "dead", 9, None),
        ("faster", 27, D("0.964285714"), D("0.75"), "rising", 54, D(56)),
        ("fresh", 0, D(1), None, "rising", 0, 0),
        ("quarter", 27, D("1.25"), D(1), "steady", None, None),
        ("slower", 27, D("0.714285714"), D(1), "slowing", None, None),
        ("unsold", None, None, None, "dead", 1, None),
    ]


def test_the_oracle_knows_every_view() -> None:
    # Those that read messages are test_streaming.py's.
    streamed = {table.name for table in catalog.streamed()}
    assert {view.name for view in views() if not streamed & set(view.sources)} == set(VIEWS)


def test_the_queries_of_the_page_for_bi_tools(seeded: tuple[Path, Tables]) -> None:
    """One for each view."""
    page = (ROOT / "docs/platform/bi.md").read_text()
    (block,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    asked = sqlglot.transpile(block, read="bigquery", write="duckdb")
    with duckdb.connect(str(seeded[0]), read_only=True) as connection:
        for query in asked:
            connection.execute(query).fetchall()
    assert [re.findall(r"FROM (\w+)", query) for query in asked] == [
        ["daily_revenue"],
        ["kpis_daily"],
        ["weekly_sales"],
        ["monthly_sales"],
        ["product_trends"],
        ["store_comparison"],
        ["customers"],
        ["customer_segments"],
        ["cohort_retention"],
        ["inventory_signals"],
        ["sales_today"],
    ]
