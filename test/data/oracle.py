"""The tables of a lake, computed in plain Python: no Spark, no SQL, nothing of the job.

It reads the whole lake and keeps no state, so it defines what "a computation from scratch" means.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hmac
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any, NamedTuple

NANO = Decimal("1e-9")

CUSTOMER_KEY = bytes(range(32))
"""The key that the tests' warehouses have."""


class Line(NamedTuple):
    """A good line."""

    transaction_id: str
    product_id: str
    store_id: str
    quantity: Decimal
    unit_price: Decimal
    transaction_date: dt.date
    customer_id: str
    line_number: str

    @property
    def is_sale(self) -> bool:
        return self.quantity > 0


@dataclass
class Result:
    """What a run must end in: the tables over a whole lake, and the counts of the arrivals that the run takes."""

    rows_read: int = 0
    lines: set[Line] = field(default_factory=set)
    """The lines of the whole lake, each once."""
    good: int = 0
    loaded: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    """Bad lines by the first field that is wrong."""
    quarantined: list[tuple[Any, ...]] = field(default_factory=list)
    """Bad lines of the whole lake: seven texts, the fields that are wrong, file, arrival."""
    daily: list[tuple[Any, ...]] = field(default_factory=list)
    products: list[tuple[Any, ...]] = field(default_factory=list)
    stores: list[tuple[Any, ...]] = field(default_factory=list)
    sales_lines: list[tuple[Any, ...]] = field(default_factory=list)
    """In the order of :func:`sortable`."""
    product_days: list[tuple[Any, ...]] = field(default_factory=list)
    profiles: list[tuple[Any, ...]] = field(default_factory=list)
    unmatched_products: int = 0
    unmatched_stores: int = 0
    days: dict[str, set[dt.date]] = field(default_factory=lambda: defaultdict(set))
    """The days that each arrival of the lake brings good lines for; "" for the flat files."""

    @property
    def duplicates(self) -> int:
        return self.good - self.loaded


COLUMNS = Line._fields[:7]
"""Those that are kept of a bad line."""


SURPLUS = "more fields than the header"


def raw_records(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file as they came; absent fields are empty. :data:`SURPLUS` holds what has no column.

    Rows without anything, and those that repeat the header, are none.
    """
    opener: Callable[..., Any] = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = (row for row in csv.reader(file) if row)
        names = _names(next(rows))
        for row in rows:
            if "".join(row).strip() and _names(row) != names:
                fields = [*row, *[""] * (len(names) - len(row))]
                yield {**dict(zip(names, fields, strict=False)), SURPLUS: "".join(fields[len(names) :])}


def _names(row: list[str]) -> list[str]:
    return ["_".join(re.split(r"[\s.-]+", field.strip().lower())) for field in row]


def records(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, trimmed; absent fields are empty."""
    for row in raw_records(path):
        yield {key: value.strip() for key, value in row.items()}


def faults(row: dict[str, str]) -> list[str]:
    """The fields of a sales line that are wrong."""
    found = ["fields"] if row[SURPLUS] else []
    found += [name for name in ("transaction_id", "product_id", "store_id") if not row[name]]
    texts = ("transaction_id", "product_id", "store_id", "customer_id", "line_number")
    found += [name for name in texts if "\n" in row.get(name, "") or "\r" in row.get(name, "")]
    if not _is_quantity(row["quantity"]):
        found.append("quantity")
    price = row["unit_price"]
    if not (re.fullmatch(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)", price) and _fits(Decimal(price))):
        found.append("unit_price")
    if not _is_date(row["transaction_date"]):
        found.append("transaction_date")
    return found


def _is_quantity(text: str) -> bool:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text):
        return False
    quantity = Decimal(text)
    return quantity != 0 and abs(quantity) < 10**15 and quantity == round(quantity, 3)


def _fits(price: Decimal) -> bool:
    return price < 10**14 and price == round(price, 4)


def first_fault(row: dict[str, str]) -> str | None:
    """The first field of a sales line that is wrong."""
    return next(iter(faults(row)), None)


def _is_date(text: str) -> bool:
    parts = re.fullmatch(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ] *([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?)?", text
    )
    try:
        if parts is None or not 1960 <= dt.date.fromisoformat(parts[1]).year <= 2159:
            return False
        dt.time(*[int(part) for part in parts.groups()[1:] if part])
    except ValueError:
        return False
    return True


def sortable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key of rows with absent values, which come last."""
    return tuple((value is None, value) for value in row)


def customer_key(customer_id: str) -> str | None:
    return hmac.new(CUSTOMER_KEY, customer_id.encode(), "sha256").hexdigest() if customer_id else None


def ratio(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    return (dividend / divisor).quantize(NANO, ROUND_HALF_UP) if divisor else None


def compute(lake: Path, takes: Collection[str] | None = None) -> Result:
    """Reads a whole lake and works out every table.

    Args:
        lake: its folder.
        takes: the arrivals (yyyy-MM-dd, "" for the flat files) that the counts are of; all of them if left out.
    """
    result = Result()
    products = {row["product_id"]: row for row in records(lake / "reference_data/products.csv")}
    stores = {row["store_id"]: row for row in records(lake / "reference_data/stores.csv")}
    sales = lake / "sales_data"
    owner: dict[Line, str] = {}
    # Flat files come first and days in their order: the first arrival that brings a line is the one that loads it.
    for path in [*sorted(sales.glob("*.csv*")), *sorted(sales.glob("dt=*/*.csv*"))]:
        arrival = "" if path.parent == sales else path.parent.name.removeprefix("dt=")
        taken = takes is None or arrival in takes
        for raw in raw_records(path):
            row = {name: text.strip() for name, text in raw.items()}
            wrong = faults(row)
            result.rows_read += taken
            if wrong:
                result.bad[wrong[0]] += taken
                name = str(path.relative_to(lake))
                result.quarantined.append((*[raw[column] for column in COLUMNS], " ".join(wrong), name, arrival))
                continue
            line = Line(
                row["transaction_id"],
                row["product_id"],
                row["store_id"],
                Decimal(row["quantity"]),
                Decimal(row["unit_price"]),
                dt.date.fromisoformat(row["transaction_date"][:10]),
                row["customer_id"],
                row.get("line_number", ""),
            )
            result.good += taken
            result.days[arrival].add(line.transaction_date)
            owner.setdefault(line, arrival)
    result.lines = set(owner)
    result.quarantined.sort()
    for line, arrival in owner.items():
        if takes is None or arrival in takes:
            result.loaded += 1
            result.unmatched_products += line.product_id not in products
            result.unmatched_stores += line.store_id not in stores
    # For the oracle alone: the job must do with Python's usual precision.
    with localcontext() as context:
        context.prec = 60
        _line_tables(result, products)
        _profiles(result, owner, products)
        _tables(result, products, stores)
    return result


def cost_of(line: Line, products: dict[str, dict[str, str]]) -> Decimal | None:
    cost = products.get(line.product_id, {}).get("cost_price")
    return Decimal(cost) if cost else None


def profit_of(line: Line, products: dict[str, dict[str, str]]) -> Decimal:
    cost = cost_of(line, products)
    return Decimal(0) if cost is None else line.quantity * (line.unit_price - cost)


def returned(lines: list[Line]) -> tuple[Decimal, Decimal]:
    back = [line for line in lines if line.quantity < 0]
    quantity = sum((-line.quantity for line in back), Decimal(0))
    return quantity, sum((-line.quantity * line.unit_price for line in back), Decimal(0))


def _line_tables(result: Result, products: dict[str, dict[str, str]]) -> None:
    days = defaultdict(list)
    for line in result.lines:
        days[line.transaction_date, line.product_id].append(line)
        who = line.product_id, line.store_id, customer_key(line.customer_id)
        amounts = line.quantity, line.unit_price, line.quantity * line.unit_price
        profit = cost_of(line, products), profit_of(line, products)
        key = line.transaction_date, line.transaction_id, line.line_number or None
        result.sales_lines.append((*key, *who, *amounts, *profit))
    result.sales_lines.sort(key=sortable)
    for (day, product), lines in sorted(days.items()):
        revenue = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
        quantity = sum((line.quantity for line in lines), Decimal(0))
        sales = [line for line in lines if line.is_sale]
        counted = len({line.transaction_id for line in sales}), len({line.store_id for line in sales})
        gain = sum((profit_of(line, products) for line in lines), Decimal(0))
        result.product_days.append((day, product, revenue, quantity, *counted, gain, *returned(lines)))


def _profiles(result: Result, owner: dict[Line, str], products: dict[str, dict[str, str]]) -> None:
    """One row a day; transactions by store and lines by category as dicts."""
    for day in sorted({line.transaction_date for line in owner}):
        lines = [line for line in owner if line.transaction_date == day]
        sold = defaultdict(set)
        for line in lines:
            if line.is_sale:
                sold[line.store_id].add(line.transaction_id)
        # Two days after its own a line is late; flat files have no day.
        late = [line for line in lines if owner[line] and dt.date.fromisoformat(owner[line]) > day + dt.timedelta(1)]
        revenue = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
        guests = sum(not line.customer_id for line in lines)
        transactions = {store: len(ids) for store, ids in sold.items()}
        categories = Counter(products.get(line.product_id, {}).get("category") or "" for line in lines)
        result.profiles.append((day, len(lines), revenue, guests, len(late), transactions, dict(categories)))


def _tables(result: Result, products: dict[str, dict[str, str]], stores: dict[str, dict[str, str]]) -> None:
    def name(rows: dict[str, dict[str, str]], key: str, column: str) -> str | None:
        return rows.get(key, {}).get(column) or None

    by_day, by_product, by_store = defaultdict(list), defaultdict(list), defaultdict(list)
    for line in result.lines:
        by_day[line.transaction_date, line.store_id].append(line)
        by_product[line.product_id].append(line)
        by_store[line.store_id].append(line)

    def figures(lines: list[Line]) -> tuple[Decimal, Decimal, Decimal]:
        revenue = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
        quantity = sum((line.quantity for line in lines), Decimal(0))
        return revenue, quantity, sum((profit_of(line, products) for line in lines), Decimal(0))

    def margin(gain: Decimal, revenue: Decimal) -> Decimal | None:
        return ratio(gain, revenue) if revenue > 0 else None

    for (day, store), lines in sorted(by_day.items()):
        revenue, quantity, gain = figures(lines)
        sales = [line for line in lines if line.is_sale]
        transactions = len({line.transaction_id for line in sales})
        customers = len({line.customer_id for line in sales} - {""})
        names = name(stores, store, "store_name"), name(stores, store, "store_location")
        result.daily.append((day, store, *names, revenue, quantity, transactions, customers, gain, *returned(lines)))
    for product, lines in sorted(by_product.items()):
        revenue, quantity, gain = figures(lines)
        sales = [line for line in lines if line.is_sale]
        mean = ratio(sum((line.unit_price for line in sales), Decimal(0)), Decimal(len(sales)))
        names = name(products, product, "product_name"), name(products, product, "category")
        sold_in = len({line.store_id for line in sales})
        shown = (*names, revenue, quantity, mean, sold_in, gain, margin(gain, revenue))
        result.products.append((product, *shown, *returned(lines)))
    for store, lines in sorted(by_store.items()):
        revenue, quantity, gain = figures(lines)
        sales = [line for line in lines if line.is_sale]
        kinds = len({line.product_id for line in sales})
        customers = len({line.customer_id for line in sales} - {""})
        names = name(stores, store, "store_name"), name(stores, store, "store_location")
        shown = (*names, revenue, quantity, kinds, customers, gain, margin(gain, revenue))
        result.stores.append((store, *shown, *returned(lines)))
