"""Turns the files of `jafgen`, a generator of a sandwich chain's years of business, into a lake.

    python3 scripts/sample_data/import_jaffle_shop.py --from jaffle-data --lake DIR

A line is the quantity of one product in one order: transaction_id is the order, quantity how many, unit_price the
product's price, transaction_date the day of the order and also its arrival day. Prices are net: the sum of an order's
lines is its `subtotal`; sales tax (`tax_paid`) is not revenue and is left out. A product's cost_price is the sum of the
costs of its supplies. Fields that jafgen does not have stay empty.

Exit codes: 0 done, 2 an input is missing or wrong (one line on standard error says which).
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from sample_catalog import PRODUCT_COLUMNS, STORE_COLUMNS

from sales_job.base.sales_columns import SALES_COLUMNS

CENT = Decimal("0.01")


class ImportFailed(Exception):
    """An input is missing or wrong; the message names it."""


def rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of one of jafgen's files.

    Raises:
        ImportFailed: the file or one of its columns is missing.
    """
    path = folder / f"raw_{name}.csv"
    if not path.is_file():
        raise ImportFailed(f"{path} is missing: run jafgen first, and name its output folder with --from")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ImportFailed(f"{path}: the header lacks {', '.join(missing)}: is this a file of jafgen 0.4?")
        yield from reader


def dollars(cents: str, where: str) -> Decimal:
    """An amount in cents as dollars."""
    if not cents.isdecimal():
        raise ImportFailed(f"{where}: '{cents}' is not an amount in whole cents")
    return int(cents) * CENT


def write(path: Path, columns: Sequence[str], values: Iterable[Mapping[str, object]]) -> None:
    """Writes a CSV file; columns that a row lacks stay empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(values)


def import_products(source: Path, lake: Path) -> dict[str, Decimal]:
    """Writes products.csv; returns the price of each product."""
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(source, "supplies", ("id", "cost", "sku")):
        costs[row["sku"]] += dollars(row["cost"], f"raw_supplies.csv {row['id']}")
    products = {}
    for row in rows(source, "products", ("sku", "name", "type", "price")):
        price = dollars(row["price"], f"raw_products.csv {row['sku']}")
        products[row["sku"]] = {
            "product_id": row["sku"],
            "product_name": row["name"],
            "category": row["type"],
            "unit_price": price,
            "cost_price": costs.get(row["sku"], ""),
        }
    write(lake / "reference_data/products.csv", PRODUCT_COLUMNS, products.values())
    return {sku: Decimal(str(product["unit_price"])) for sku, product in products.items()}


def import_stores(source: Path, lake: Path) -> None:
    """Writes stores.csv."""
    stores = [
        {
            "store_id": row["id"],
            "store_name": row["name"],
            "city": row["name"],
            "opening_date": row["opened_at"][:10],
            "store_location": row["name"],
        }
        for row in rows(source, "stores", ("id", "name", "opened_at"))
    ]
    write(lake / "reference_data/stores.csv", STORE_COLUMNS, stores)


def import_sales(source: Path, lake: Path, prices: Mapping[str, Decimal]) -> int:
    """Writes a folder of sales for each day; returns the number of lines."""
    baskets: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(source, "items", ("id", "order_id", "sku")):
        if row["sku"] not in prices:
            raise ImportFailed(f"raw_items.csv {row['id']}: product '{row['sku']}' is not in raw_products.csv")
        baskets[row["order_id"]][row["sku"]] += 1
    days: dict[str, list[dict[str, object]]] = defaultdict(list)
    for order in rows(source, "orders", ("id", "customer", "ordered_at", "store_id")):
        day = order["ordered_at"][:10]
        for sku, quantity in baskets.pop(order["id"], Counter()).items():
            values = (order["id"], sku, order["store_id"], quantity, prices[sku], day, order["customer"])
            days[day].append(dict(zip(SALES_COLUMNS, values, strict=True)))
    if baskets:
        raise ImportFailed(f"raw_items.csv: order '{next(iter(baskets))}' is not in raw_orders.csv")
    for day, lines in days.items():
        write(lake / f"sales_data/dt={day}/sales.csv", SALES_COLUMNS, lines)
    return sum(map(len, days.values()))


def import_all(source: Path, lake: Path) -> int:
    """Makes the lake, complete or not at all; returns the number of sales lines.

    Raises:
        ImportFailed: an input is missing or wrong, or the lake exists.
    """
    if lake.exists():
        raise ImportFailed(f"{lake} exists: remove it, or name another folder with --lake")
    part = lake.with_name(f"{lake.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        prices = import_products(source, part)
        import_stores(source, part)
        lines = import_sales(source, part, prices)
        part.rename(lake)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Turns the files of jafgen into a lake.")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="jafgen's output folder, jaffle-data")
    parser.add_argument("--lake", type=Path, required=True, help="folder to make")
    options = parser.parse_args()
    try:
        lines = import_all(options.source, options.lake)
    except ImportFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{lines} sales lines in {options.lake}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
