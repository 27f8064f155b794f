"""``sales_today`` and ``streamed_quarantine`` in the local warehouse: against plain Python over random interleavings of
messages and runs, and against figures worked out by hand.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal as D
from decimal import localcontext
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from sales_rows import inserts, tables

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "test/data")]

from stream_oracle import Line, sales_today  # noqa: E402

from sales_job.base.sales_columns import READ_COLUMNS  # noqa: E402
from sales_job.warehouse.duckdb import DuckDbWarehouse  # noqa: E402

DAYS = [dt.date(2026, 4, 1) + dt.timedelta(number) for number in range(4)]
COSTS = {"P1": D("0.5"), "P2": D("1.25")}
FIGURES = (
    "daily_revenue, daily_quantity, daily_transactions, unique_customers, gross_profit, returned_quantity, "
    "returned_revenue, source"
)


class Warehouse:
    """A DuckDB file that messages and runs change as Pub/Sub and the publication do."""

    def __init__(self, folder: Path) -> None:
        made = DuckDbWarehouse(folder)
        made.prepare(made.changes())
        self.connection = duckdb.connect(str(folder / "warehouse.duckdb"))
        self.published: set[Line] = set()
        self.arrivals: set[str] = set()
        self.messages = 0
        products = ", ".join(f"('{key}', 'Lamp', 'Home', {cost})" for key, cost in COSTS.items())
        self.connection.execute(
            f"INSERT INTO products (product_id, product_name, category, cost_price) VALUES {products}"
        )
        self.connection.execute(
            "INSERT INTO stores (store_id, store_name, store_location) VALUES ('S1', 'Harbor', 'Quay')"
        )

    def publish_message(self, texts: tuple[str | None, ...], number: int | None = None) -> None:
        """A message comes; one that is delivered again has the same ``number``."""
        self.messages += 1
        names = ", ".join((*READ_COLUMNS, "message_id", "publish_time"))
        self.connection.execute(
            f"INSERT INTO streamed_sales ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, TIMESTAMP '2026-04-01 12:00:00')",
            [*texts, str(self.messages if number is None else number)],
        )

    def run(self, arrival: str, lines: set[Line]) -> None:
        """A run publishes an arrival that brings these lines."""
        self.published |= lines
        self.arrivals.add(arrival)
        for table in ("sales_lines", "daily_sales_summary"):
            self.connection.execute(f"DELETE FROM {table}")
        rows = [
            {
                "transaction_date": line.transaction_date,
                "transaction_id": line.transaction_id,
                "line_number": line.line_number,
                "product_id": line.product_id,
                "store_id": line.store_id,
                "customer_key": None if line.customer_id is None else f"key of {line.customer_id}",
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "amount": line.quantity * line.unit_price,
                "profit": line.quantity * (line.unit_price - COSTS.get(line.product_id, line.unit_price)),
            }
            for line in self.published
        ]
        filled = tables(rows)
        for statement in inserts({name: filled[name] for name in ("sales_lines", "daily_sales_summary")}):
            self.connection.execute(statement)
        self.connection.execute("INSERT INTO arrivals VALUES (?)", [arrival])

    def today(self) -> dict[tuple[dt.date, str], tuple[Any, ...]]:
        """The rows of the view, by day and store."""
        rows = self.connection.execute(f"SELECT transaction_date, store_id, {FIGURES} FROM sales_today").fetchall()
        found = {(day, store): tuple(rest) for day, store, *rest in rows}
        assert len(found) == len(rows)
        return found

    def quarantine(self) -> list[tuple[str, str]]:
        return self.connection.execute(
            "SELECT message_id, reason FROM streamed_quarantine ORDER BY message_id::INTEGER"
        ).fetchall()


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def texts_of(line: Line, random: Random | None = None) -> tuple[str | None, ...]:
    """A message with these values, written in one of several ways."""
    odd = (lambda *ways: random.choice(ways)) if random else (lambda *ways: ways[0])
    quantity, price, day = f"{line.quantity:f}", f"{line.unit_price:f}", line.transaction_date.isoformat()
    return (
        odd(line.transaction_id, f" {line.transaction_id}\u00a0"),
        line.product_id,
        odd(line.store_id, f"{line.store_id}\t"),
        odd(quantity, f"{quantity}000" if "." in quantity else f"{quantity}.0"),
        odd(price, f"0{price}", f"+{price}"),
        odd(day, f"{day} 08:26", f"{day}T23:59:59.5"),
        line.customer_id if line.customer_id is not None else odd(None, "", " "),
        line.line_number,
    )


BAD: list[tuple[tuple[str | None, ...], str]] = [
    (("T1", "P1", "S1", "0", "1", "2026-04-01", "C1", None), "quantity is not a plain decimal other than 0"),
    (("T1", "P1", None, "1", "1", "2026-04-01", "C1", None), "store_id is missing"),
    (("T1", "P1", "S1", "1", "-1", "2026-04-31", "C1", None), "unit_price is not a plain decimal of at least 0"),
    (("T\n1", "P1", "S1", "1", "1", "2026-04-01", "C1", "1"), "transaction_id holds a line break"),
    ((None,) * 8, "transaction_id is missing; product_id is missing; store_id is missing; quantity is missing"),
]


def random_line(random: Random, number: int, day: dt.date) -> Line:
    # A customer has transactions of its own: equal lines of two customers are another test's.
    customer = random.choice((None, "C1", "C2", "C3"))
    return Line(
        day,
        f"T{customer}{number // 2}",
        random.choice((None, "1", "2")),
        random.choice(("P1", "P2", "P9")),
        random.choice(("S1", "S2")),
        customer,
        D(random.choice(("1", "2", "0.250", "-1", "-0.5"))),
        D(random.choice(("1", "2.50", "0.3333"))),
    )


@pytest.mark.parametrize("seed", range(4))
def test_every_interleaving_counts_every_line_once(warehouse: Warehouse, seed: int) -> None:
    random = Random(seed)
    pool = {day: [random_line(random, number, day) for number in range(12)] for day in DAYS}
    streamed: list[Line] = []
    bad: list[str] = []
    waiting = {day.isoformat(): [] for day in DAYS}  # type: dict[str, list[Line]]
    for day, lines in pool.items():
        for line in lines:
            # Most lines are in the file of their day, some come late, early, or not at all.
            place = random.choice((0, 0, 0, 0, 0, 1, -1, None))
            if place is not None and day + dt.timedelta(place) in pool:
                waiting[(day + dt.timedelta(place)).isoformat()].append(line)
    sources = set()
    for _ in range(30):
        event = random.random()
        if event < 0.2 and (left := sorted(set(waiting) - warehouse.arrivals)):
            # Nightly runs are in order nearly always; a file may come late.
            arrival = left[0] if random.random() < 0.8 else random.choice(left)
            warehouse.run(arrival, set(waiting[arrival]))
        elif event < 0.3:
            texts, reason = random.choice(BAD)
            warehouse.publish_message(texts)
            bad.append(reason)
        elif event < 0.45 and streamed:
            warehouse.publish_message(texts_of(random.choice(streamed), random))
        else:
            line = random.choice(pool[random.choice(DAYS)])
            warehouse.publish_message(texts_of(line, random))
            streamed.append(line)
        found = warehouse.today()
        assert found == sales_today(streamed, warehouse.published, warehouse.arrivals, COSTS)
        sources |= {row[-1] for row in found.values()}
    assert sources == {"batch", "stream"}
    reasons = [reason for _, reason in warehouse.quarantine()]
    assert len(reasons) == len(bad)
    assert all(reason.startswith(start) for reason, start in zip(reasons, bad, strict=True))


LAMP = Line(DAYS[0], "T1", None, "P1", "S1", "C1", D(2), D("2.50"))


def test_a_day_opens_with_its_first_message_and_closes_with_its_arrival(warehouse: Warehouse) -> None:
    assert warehouse.today() == {}
    warehouse.publish_message(texts_of(LAMP))
    # 2 x 2.50; profit 2 x (2.50 - 0.50).
    row = (D("5.00"), D(2), 1, 1, D("4.00"), D(0), D(0))
    assert warehouse.today() == {(DAYS[0], "S1"): (*row, "stream")}
    named = warehouse.connection.execute("SELECT store_name, store_location FROM sales_today").fetchall()
    assert named == [("Harbor", "Quay")]
    # Another message of the row, a minute later, and the same line once more in between.
    for second, line in ((30, LAMP), (60, LAMP)):
        warehouse.publish_message(texts_of(line))
        warehouse.connection.execute(
            f"UPDATE streamed_sales SET publish_time = publish_time + INTERVAL {second} SECOND "
            f"WHERE message_id = '{warehouse.messages}'"
        )
    times = warehouse.connection.execute("SELECT CAST(last_message AS VARCHAR) FROM sales_today").fetchall()
    assert times == [("2026-04-01 12:01:00",)]
    # The file has a second line, and lacks one that the stream had.
    other = Line(DAYS[0], "T2", None, "P1", "S1", None, D(1), D("1"))
    warehouse.publish_message(texts_of(Line(DAYS[0], "T3", None, "P1", "S1", None, D(9), D("9"))))
    warehouse.run("2026-04-01", {LAMP, other})
    # 5 + 1; profit 4 + 0.50.
    closed = {(DAYS[0], "S1"): (D("6.00"), D(3), 2, 1, D("4.50"), D(0), D(0), "batch")}
    assert warehouse.today() == closed
    assert warehouse.connection.execute("SELECT last_message FROM sales_today").fetchall() == [(None,)]
    # A message after the run changes nothing: the files have the last word.
    warehouse.publish_message(texts_of(LAMP))
    assert warehouse.today() == closed


def test_the_last_message_has_its_time_in_utc_wherever_a_reader_is(warehouse: Warehouse) -> None:
    """In Berlin there is no half past two on that night."""
    warehouse.publish_message(texts_of(LAMP))
    warehouse.connection.execute("UPDATE streamed_sales SET publish_time = TIMESTAMP '2026-03-29 02:30:00'")
    warehouse.connection.execute("SET TimeZone = 'Europe/Berlin'")
    found = warehouse.connection.execute("SELECT CAST(last_message AS VARCHAR) FROM sales_today").fetchall()
    assert found == [("2026-03-29 02:30:00",)]


def test_a_day_stays_open_while_its_own_arrival_is_missing(warehouse: Warehouse) -> None:
    warehouse.publish_message(texts_of(LAMP))
    late = Line(DAYS[0], "T2", None, "P1", "S1", "C2", D(1), D("1"))
    # The file of the next day brings a line of this one, and one that the stream has.
    warehouse.run("2026-04-02", {late, LAMP})
    assert warehouse.today() == {(DAYS[0], "S1"): (D("6.00"), D(3), 2, 2, D("4.50"), D(0), D(0), "stream")}


def test_a_day_whose_arrival_brought_nothing_of_it_stays_open(warehouse: Warehouse) -> None:
    """Files that come a day later than their sales: the arrival of the 1st holds the sales of 31 March."""
    warehouse.publish_message(texts_of(LAMP))
    warehouse.run("2026-04-01", {Line(dt.date(2026, 3, 31), "T0", None, "P1", "S1", None, D(1), D("1"))})
    assert warehouse.today()[(DAYS[0], "S1")] == (D("5.00"), D(2), 1, 1, D("4.00"), D(0), D(0), "stream")
    warehouse.run("2026-04-02", {LAMP})
    assert warehouse.today()[(DAYS[0], "S1")] == (D("5.00"), D(2), 1, 1, D("4.00"), D(0), D(0), "batch")


def test_lines_of_two_customers_that_are_else_equal_count_as_often_as_one_side_has_them(warehouse: Warehouse) -> None:
    two = Line(DAYS[0], "T1", None, "P1", "S1", "C2", D(2), D("2.50"))
    warehouse.publish_message(texts_of(LAMP))
    warehouse.publish_message(texts_of(two))
    assert warehouse.today()[(DAYS[0], "S1")][:4] == (D("10.00"), D(4), 1, 2)
    # An early file with one of them, or with three: the larger number counts.
    warehouse.run("2026-03-31", {LAMP})
    assert warehouse.today()[(DAYS[0], "S1")][:4] == (D("10.00"), D(4), 1, 2)
    warehouse.run("2026-03-30", {two, Line(DAYS[0], "T1", None, "P1", "S1", "C3", D(2), D("2.50"))})
    assert warehouse.today()[(DAYS[0], "S1")][:3] == (D("15.00"), D(6), 1)


def test_a_bad_message_is_kept_as_it_came_and_once(warehouse: Warehouse) -> None:
    texts = (" T1 ", "P1", "S1", "two", "1", "2026-04-01", "C1", None)
    warehouse.publish_message(texts, number=7)
    warehouse.publish_message(texts, number=7)
    names = ", ".join(READ_COLUMNS)
    found = warehouse.connection.execute(f"SELECT {names}, reason FROM streamed_quarantine").fetchall()
    reason = "quantity is not a plain decimal other than 0 (15 digits and 3 decimals at most)"
    assert found == [(*texts, reason)]
    assert warehouse.today() == {}


def test_the_largest_amounts_are_exact(warehouse: Warehouse) -> None:
    warehouse.publish_message(("T1", "P1", "S1", "9" * 15 + ".999", "9" * 14 + ".9999", "2026-04-01", None, None))
    ((revenue,),) = warehouse.connection.execute("SELECT daily_revenue FROM sales_today").fetchall()
    with localcontext(prec=40):
        assert revenue == D("999999999999999.999") * D("99999999999999.9999")
