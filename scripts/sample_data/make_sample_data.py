"""Makes sample_data/: a lake of ninety days of an invented retail chain, the same bytes on every run.

    python3 scripts/sample_data/make_sample_data.py [--out DIR]

The flat file holds the first sixty days, folders by arrival day the other thirty, with what real deliveries bring:
late lines, lines delivered twice, guests, returns, weighed goods, an item scanned twice, lines of products and stores
without a reference row, and a few bad lines.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from sample_catalog import PRODUCT_COLUMNS, PRODUCTS, STORE_COLUMNS, STORES, Product

from sales_job.base.sales_columns import SALES_COLUMNS

SEED = 20260331
FIRST_DAY = dt.date(2026, 1, 1)
DAYS, FLAT_DAYS = 90, 60
NUMBERED_DAY = dt.date(2026, 3, 23)
"""The arrival whose lines have a line_number."""
TRANSACTIONS_A_DAY = 44
CUSTOMERS = 1200
GUEST_SHARE = 0.18
LATE_SHARE = 0.035
RETURN_SHARE = 0.025
RETURN_DAYS = 14
"""Within how many days a customer brings something back."""

WEEKDAY = (0.80, 0.78, 0.86, 0.95, 1.20, 1.42, 1.08)
"""Transactions from Monday to Sunday, relative to the mean."""

SEASON = {
    "Winter": (1.9, 0.3),
    "Garden": (0.2, 2.6),
    "Home": (1.0, 1.0),
    "Kitchen": (1.1, 0.9),
    "Pantry": (1.0, 1.0),
    "Outdoor": (0.5, 1.6),
}
"""Sales of a category on the first and on the last day, relative to its mean; linear between them."""


@dataclass(frozen=True)
class Line:
    """A sales line as text, in the order of SALES_COLUMNS; ``line_number`` is written where the till gives one."""

    transaction_id: str
    product_id: str
    store_id: str
    quantity: str
    unit_price: str
    transaction_date: str
    customer_id: str
    line_number: str = ""


def _weight(product: Product, progress: float) -> float:
    first, last = SEASON[product.category]
    return product.popularity * (first + (last - first) * progress)


def _price(product: Product, chance: random.Random) -> str:
    """The list price, or one reduced by 10 or 20 %, rounded to the cent."""
    reduced = chance.choices((0, 10, 20), (82, 12, 6))[0]
    return str((product.unit_price * (100 - reduced) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _quantity(product: Product, chance: random.Random, scale: random.Random) -> str:
    """Pieces, or what the scale shows of a weighed product, in kilograms."""
    pieces = chance.choices((1, 2, 3, 4, 6, 12), (62, 21, 8, 4, 3, 2))[0]
    return str(Decimal(scale.randint(120, 1900)).scaleb(-3)) if product.weighed else str(pieces)


def _sales_of(day: dt.date, chance: random.Random, scale: random.Random) -> list[Line]:
    """The lines of one day, several a transaction."""
    progress = (day - FIRST_DAY).days / (DAYS - 1)
    weights = [_weight(product, progress) for product in PRODUCTS]
    store_weights = [store.weight for store in STORES]
    busy = WEEKDAY[day.weekday()] * (0.9 + 0.2 * progress) * chance.uniform(0.93, 1.07)
    lines = []
    for number in range(round(TRANSACTIONS_A_DAY * busy)):
        store = chance.choices(STORES, store_weights)[0]
        # The square makes a few customers frequent and many rare.
        customer = "" if chance.random() < GUEST_SHARE else f"C{1 + int(CUSTOMERS * chance.random() ** 2):05d}"
        basket = chance.choices((1, 2, 3, 4, 5, 6), (24, 30, 22, 13, 7, 4))[0]
        chosen: dict[str, Product] = {}
        while len(chosen) < basket:
            product = chance.choices(PRODUCTS, weights)[0]
            chosen[product.product_id] = product
        for product in chosen.values():
            quantity = _quantity(product, chance, scale)
            lines.append(
                Line(
                    transaction_id=f"T{day:%y%m%d}{number + 1:04d}",
                    product_id=product.product_id,
                    store_id=store.store_id,
                    quantity=quantity,
                    unit_price=_price(product, chance),
                    transaction_date=str(day),
                    customer_id=customer,
                )
            )
    return lines


def _returns(sold: dict[dt.date, list[Line]], chance: random.Random) -> None:
    """Adds lines with a negative quantity: the till's corrections in the transaction itself, and what comes back later,
    in a transaction of its own, whole or in part.
    """
    for day, sales in {day: list(lines) for day, lines in sold.items()}.items():
        for line in sales:
            if chance.random() >= RETURN_SHARE:
                continue
            if chance.random() < 0.25:
                sold[day].append(replace(line, quantity=f"-{line.quantity}"))
                continue
            back = day + dt.timedelta(days=chance.randint(1, RETURN_DAYS))
            if back in sold:
                some = line.quantity if "." in line.quantity else str(chance.randint(1, int(line.quantity)))
                number = sum(other.transaction_id.startswith("R") for other in sold[back]) + 1
                sold[back].append(
                    replace(
                        line,
                        transaction_id=f"R{back:%y%m%d}{number:04d}",
                        quantity=f"-{some}",
                        transaction_date=str(back),
                    )
                )


def _numbered(lines: list[Line]) -> list[Line]:
    """The lines with their places in their transactions; the day's first item is scanned twice."""
    seen: Counter[str] = Counter()
    first = next(line for line in lines if line.transaction_date == str(NUMBERED_DAY))
    lines.insert(lines.index(first), first)
    numbered = []
    for line in lines:
        seen[line.transaction_id] += 1
        numbered.append(replace(line, line_number=str(seen[line.transaction_id])))
    return numbered


def _damaged(line: Line, number: int) -> Line:
    """A bad line; the number chooses the defect."""
    kinds = (
        {"quantity": "0"},
        {"quantity": "two"},
        {"unit_price": line.unit_price.replace(".", ",")},
        {"unit_price": f"-{line.unit_price}"},
        {"transaction_date": f"{line.transaction_date[8:]}/{line.transaction_date[5:7]}/{line.transaction_date[:4]}"},
        {"transaction_date": "2026-02-30"},
        {"product_id": ""},
        {"store_id": "  "},
        {"transaction_id": "", "quantity": "-1"},
        {"unit_price": ""},
    )
    return replace(line, **kinds[number % len(kinds)])


def _disorder(lines: list[Line], number: int, day_before: list[Line], flat: list[Line]) -> None:
    """Adds unknown keys, repeated lines and bad lines to the arrival of a day, by the number of the day."""
    if number % 4 == 1:
        lines[10] = replace(lines[10], product_id="P099")
    if number % 5 == 2:
        lines[20] = replace(lines[20], store_id="S09")
    # Delivered twice: lines of this delivery, of the day before, of the flat file.
    lines += lines[5 : 5 + number % 3]
    lines += day_before[: 3 if number % 2 else 0]
    if number % 6 == 0:
        lines += flat[-4 - number : -number or None]
    for bad in range(1 + number % 2):
        lines.append(_damaged(lines[30 + bad], 2 * number + bad))


def _arrivals(chance: random.Random) -> tuple[list[Line], dict[dt.date, list[Line]]]:
    """The lines of the flat file, and those of each later arrival day."""
    days = [FIRST_DAY + dt.timedelta(days=n) for n in range(DAYS)]
    scale = random.Random(SEED + 1)
    sold = {day: _sales_of(day, chance, scale) for day in days}
    _returns(sold, random.Random(SEED + 2))
    flat = [line for day in days[:FLAT_DAYS] for line in sold[day]]
    # A product and a store without a reference row.
    flat[500] = replace(flat[500], product_id="P099")
    flat[2500] = replace(flat[2500], store_id="S09")
    folders: dict[dt.date, list[Line]] = {day: [] for day in days[FLAT_DAYS:]}
    for day in days[FLAT_DAYS:]:
        for line in sold[day]:
            late = chance.randint(1, 6) if chance.random() < LATE_SHARE else 0
            folders[min(day + dt.timedelta(days=late), days[-1])].append(line)
    # A till that was offline for weeks: lines of the flat file's days reach the lake in March.
    for position in sorted(chance.sample(range(len(flat)), 25), reverse=True):
        folders[chance.choice(days[FLAT_DAYS:])].append(flat.pop(position))
    folders[NUMBERED_DAY] = _numbered(folders[NUMBERED_DAY])
    for number, day in enumerate(days[FLAT_DAYS:]):
        _disorder(folders[day], number, folders.get(day - dt.timedelta(days=1), []), flat)
    for number in range(20):
        flat.insert(97 + number * 301, _damaged(flat[97 + number * 301], number))
    flat += flat[1000:1010]
    return flat, folders


def _row(line: Line) -> tuple[str, ...]:
    """The values of SALES_COLUMNS."""
    return astuple(line)[: len(SALES_COLUMNS)]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]], line_end: str = "\n") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _write_folder(folder: Path, day: dt.date, lines: list[Line]) -> None:
    """Writes one arrival: one plain file on most days, and on some what tills and partners deliver."""
    rows = [_row(line) for line in lines]
    if day == dt.date(2026, 3, 10):  # from a spreadsheet: byte order mark, CRLF
        _write(folder / "sales.csv", b"\xef\xbb\xbf" + _csv(SALES_COLUMNS, rows, "\r\n"))
    elif day == dt.date(2026, 3, 14):  # two deliveries
        half = len(rows) // 2
        _write(folder / "morning.csv", _csv(SALES_COLUMNS, rows[:half]))
        _write(folder / "evening.csv", _csv(SALES_COLUMNS, rows[half:]))
    elif day == dt.date(2026, 3, 17):  # columns in another order, and one that the job ignores
        columns = ("till", *reversed(SALES_COLUMNS))
        _write(folder / "sales.csv", _csv(columns, [("7", *reversed(row)) for row in rows]))
    elif day == dt.date(2026, 3, 21):  # compressed; its time stamp would change with every run
        _write(folder / "sales.csv.gz", gzip.compress(_csv(SALES_COLUMNS, rows), mtime=0))
    elif day == NUMBERED_DAY:
        _write(folder / "sales.csv", _csv((*SALES_COLUMNS, "line_number"), map(astuple, lines)))
    else:
        _write(folder / "sales.csv", _csv(SALES_COLUMNS, rows))


def make(out: Path) -> None:
    """Writes the lake into ``out``; other files there stay."""
    chance = random.Random(SEED)
    flat, folders = _arrivals(chance)
    _write(out / "reference_data/products.csv", _csv(PRODUCT_COLUMNS, [product.row() for product in PRODUCTS]))
    _write(out / "reference_data/stores.csv", _csv(STORE_COLUMNS, [store.row() for store in STORES]))
    _write(out / "sales_data/sales_data.csv", _csv(SALES_COLUMNS, map(_row, flat)))
    for day, lines in folders.items():
        _write_folder(out / f"sales_data/dt={day}", day, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = Path(__file__).resolve().parents[2] / "sample_data"
    parser.add_argument("--out", type=Path, default=default, help="folder to write to (sample_data)")
    make(parser.parse_args().out)


if __name__ == "__main__":
    main()
