"""The tables of a lake, worked out in plain Python: no Spark, no SQL, nothing of the job.

Everything is read at once and nothing is remembered, so this is also what "a computation from scratch" means.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, getcontext
from pathlib import Path
from typing import Any, NamedTuple

getcontext().prec = 60
NANO = Decimal("1e-9")


class Line(NamedTuple):
    """A good line."""

    transaction_id: str
    product_id: str
    store_id: str
    quantity: int
    unit_price: Decimal
    transaction_date: dt.date
    customer_id: str


@dataclass
class Result:
    """What a run over all arrivals of a lake must end in."""

    rows_read: int = 0
    lines: set[Line] = field(default_factory=set)
    good: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    """Bad lines by the first field that is wrong."""
    daily: list[tuple[Any, ...]] = field(default_factory=list)
    products: list[tuple[Any, ...]] = field(default_factory=list)
    stores: list[tuple[Any, ...]] = field(default_factory=list)
    unmatched_products: int = 0
    unmatched_stores: int = 0

    @property
    def duplicates(self) -> int:
        return self.good - len(self.lines)


def records(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, trimmed; absent fields are empty."""
    opener: Callable[..., Any] = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {key.strip(): (value or "").strip() for key, value in row.items() if isinstance(key, str)}


def first_fault(row: dict[str, str]) -> str | None:
    """The first field of a sales line that is wrong."""
    for name in ("transaction_id", "product_id", "store_id"):
        if not row[name]:
            return name
    if not row["quantity"].isdecimal() or not row["quantity"].isascii() or int(row["quantity"]) < 1:
        return "quantity"
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]{1,4})?", row["unit_price"]):
        return "unit_price"
    try:
        if len(row["transaction_date"]) != 10:
            return "transaction_date"
        dt.datetime.strptime(row["transaction_date"], "%Y-%m-%d").replace(tzinfo=dt.UTC)
    except ValueError:
        return "transaction_date"
    return None


def ratio(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    return (dividend / divisor).quantize(NANO, ROUND_HALF_UP) if divisor else None


def compute(lake: Path) -> Result:
    """Reads a whole lake and works out every table."""
    result = Result()
    products = {row["product_id"]: row for row in records(lake / "reference_data/products.csv")}
    stores = {row["store_id"]: row for row in records(lake / "reference_data/stores.csv")}
    sales = lake / "sales_data"
    for path in sorted([*sales.glob("*.csv"), *sales.glob("*.csv.gz"), *sales.glob("dt=*/*.csv*")]):
        for row in records(path):
            result.rows_read += 1
            fault = first_fault(row)
            if fault:
                result.bad[fault] += 1
                continue
            result.good += 1
            result.lines.add(
                Line(
                    row["transaction_id"],
                    row["product_id"],
                    row["store_id"],
                    int(row["quantity"]),
                    Decimal(row["unit_price"]),
                    dt.date.fromisoformat(row["transaction_date"]),
                    row["customer_id"],
                )
            )
    _tables(result, products, stores)
    return result


def _tables(result: Result, products: dict[str, dict[str, str]], stores: dict[str, dict[str, str]]) -> None:
    def profit(line: Line) -> Decimal:
        cost = products.get(line.product_id, {}).get("cost_price")
        return line.quantity * (line.unit_price - Decimal(cost)) if cost else Decimal(0)

    def name(rows: dict[str, dict[str, str]], key: str, column: str) -> str | None:
        return rows.get(key, {}).get(column) or None

    by_day, by_product, by_store = defaultdict(list), defaultdict(list), defaultdict(list)
    for line in result.lines:
        by_day[line.transaction_date, line.store_id].append(line)
        by_product[line.product_id].append(line)
        by_store[line.store_id].append(line)
        result.unmatched_products += line.product_id not in products
        result.unmatched_stores += line.store_id not in stores

    def figures(lines: list[Line]) -> tuple[Decimal, int, Decimal]:
        revenue = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
        return revenue, sum(line.quantity for line in lines), sum((profit(line) for line in lines), Decimal(0))

    for (day, store), lines in sorted(by_day.items()):
        revenue, quantity, gain = figures(lines)
        transactions = len({line.transaction_id for line in lines})
        customers = len({line.customer_id for line in lines} - {""})
        names = name(stores, store, "store_name"), name(stores, store, "store_location")
        result.daily.append((day, store, *names, revenue, quantity, transactions, customers, gain))
    for product, lines in sorted(by_product.items()):
        revenue, quantity, gain = figures(lines)
        mean = ratio(sum((line.unit_price for line in lines), Decimal(0)), Decimal(len(lines)))
        names = name(products, product, "product_name"), name(products, product, "category")
        sold_in = len({line.store_id for line in lines})
        result.products.append((product, *names, revenue, quantity, mean, sold_in, gain, ratio(gain, revenue)))
    for store, lines in sorted(by_store.items()):
        revenue, quantity, gain = figures(lines)
        kinds = len({line.product_id for line in lines})
        customers = len({line.customer_id for line in lines} - {""})
        names = name(stores, store, "store_name"), name(stores, store, "store_location")
        result.stores.append((store, *names, revenue, quantity, kinds, customers, gain, ratio(gain, revenue)))
