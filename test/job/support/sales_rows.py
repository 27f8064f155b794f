"""Rows of the published tables for tests of views: random sales lines, and the daily tables that they add up to."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "test/data"), str(ROOT / "pyspark-jobs")]

from views_oracle import Record, Tables, daily  # noqa: E402

FIRST = dt.date(2025, 11, 3)

PRODUCTS = [
    # id, name, category, discontinued, stock
    ("P1", "Lamp", "Home", False, "40"),
    ("P2", "Rug", "Home", False, None),
    ("P3", "Ball", "Sport", False, "0"),
    ("P4", "Bat", "Sport", True, "7.5"),
    ("P5", "Net", None, None, "3"),
    # Never sold.
    ("P6", "Kite", "Sport", False, "12"),
]

STORES = [
    # id, name, region, type, square feet
    ("S1", "Harbor", "North", "Mall", 1000),
    ("S2", "Market", "North", "Street", 300),
    ("S3", "Square", "South", "Mall", None),
    ("S4", "Bridge", None, None, 0),
]


def product(key: str, name: str | None, category: str | None, discontinued: bool | None, stock: str | None) -> Record:
    """A row of the table of products."""
    quantity = None if stock is None else Decimal(stock)
    named = {"product_id": key, "product_name": name, "category": category}
    return {**named, "discontinued": discontinued, "stock_quantity": quantity}


def store(key: str, name: str | None, region: str | None, kind: str | None, size: int | None) -> Record:
    """A row of the table of stores."""
    return {"store_id": key, "store_name": name, "region": region, "store_type": kind, "store_size_sqft": size}


def line(
    day: dt.date,
    transaction: str,
    customer: str | None,
    quantity: str,
    price: str,
    *,
    product_id: str = "P1",
    store_id: str = "S1",
    cost: str = "1",
) -> Record:
    """A row of the table of sales lines."""
    count, each, paid = Decimal(quantity), Decimal(price), Decimal(cost)
    return {
        "transaction_date": day,
        "transaction_id": transaction,
        "product_id": product_id,
        "store_id": store_id,
        "customer_key": customer,
        "quantity": count,
        "unit_price": each,
        "amount": count * each,
        "cost_price": paid,
        "profit": count * (each - paid),
    }


def random_lines(seed: int, count: int) -> list[Record]:
    """Lines of a few products, stores and customers, with many equal figures, returns, guests and days without any.
    ``P7`` and ``S5`` are in no reference file, ``S2`` closes and ``S3`` opens on the way.
    """
    random = Random(seed)
    found = []
    for number in range(count):
        age = random.choice((random.randrange(150), random.randrange(60), 364 + random.randrange(60)))
        day = FIRST + dt.timedelta(150 - age)
        stores = ["S1", "S4", "S5", "S2" if age > random.choice((20, 40)) else "S3"]
        returned = random.random() < 0.12
        quantity = random.choice(("1", "2", "2", "3", "0.250"))
        found.append(
            line(
                day,
                f"T{number // 2}",
                random.choice((None, *(f"{n:02x}" for n in range(18)))),
                f"-{quantity}" if returned else quantity,
                random.choice(("1", "2.50", "9.99", "0.3333")),
                product_id=random.choice(("P1", "P1", "P2", "P3", "P4", "P5", "P7")),
                store_id=random.choice(stores),
                cost=random.choice(("0.5", "1.25")),
            )
        )
    return [row for row in found if row["transaction_date"].day != 13]


def tables(lines: list[Record]) -> Tables:
    """The tables that the views read."""
    product_columns = ("stores_sold_in", "gross_profit", "returned_quantity", "returned_revenue")
    products = [
        dict(
            zip(
                ("transaction_date", "product_id", "revenue", "quantity", "transactions", *product_columns),
                row,
                strict=True,
            )
        )
        for row in daily(lines, "product_id", ("store_id",))
    ]
    names = ("transaction_date", "store_id", "daily_revenue", "daily_quantity", "daily_transactions")
    names += ("unique_customers", "gross_profit", "returned_quantity", "returned_revenue")
    days = [dict(zip(names, row, strict=True)) for row in daily(lines, "store_id", ("customer_key",))]
    return {
        "sales_lines": lines,
        "daily_sales_summary": days,
        "daily_product_sales": products,
        "products": [product(*row) for row in PRODUCTS],
        "stores": [store(*row) for row in STORES],
    }


def inserts(rows: Tables, dataset: str = "") -> Iterator[str]:
    """Statements that insert rows, in the SQL of both warehouses; ``dataset`` comes before the tables' names."""
    for table, records in rows.items():
        for start in range(0, len(records), 500):
            part = records[start : start + 500]
            values = ", ".join(f"({', '.join(map(_literal, record.values()))})" for record in part)
            yield f"INSERT INTO {dataset}{table} ({', '.join(part[0])}) VALUES {values}"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, dt.date):
        return f"DATE '{value}'"
    return f"'{value}'" if isinstance(value, str) else str(value).upper()
