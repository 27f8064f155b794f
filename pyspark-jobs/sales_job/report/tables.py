"""Rows of the queries as the document's tables, which point into lists of stores, regions, products and categories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sales_job.report.columns import index, measure, transposed
from sales_job.report.queries import Row
from sales_job.report.spans import Span

STORE_COLUMNS = ("store_id", "store_name", "store_location", "store_type", "region", "store_size_sqft")
PRODUCT_COLUMNS = ("product_id", "product_name", "category", "brand")
SALES = ("revenue", "gross_profit", "returned_revenue")


class Tables:
    """Facts with what they are about; an id without a reference row has no other column."""

    def __init__(
        self,
        first: dt.date,
        known: Mapping[str, list[Row]],
        store_days: list[Row],
        categories: list[Row],
        products: list[Row],
        today: list[Row],
    ) -> None:
        self._first = first
        self._store_days, self._categories, self._products, self._today = store_days, categories, products, today
        sold_in = [row["store_id"] for row in [*store_days, *products, *today] if "store_id" in row]
        self.stores = _members("store_id", STORE_COLUMNS, known["stores"], sold_in)
        self.products = _members(
            "product_id", PRODUCT_COLUMNS, known["products"], (row["product_id"] for row in products)
        )
        self.regions = _names(row["region"] for row in self.stores)
        self.categories = _names(
            [*(row["category"] for row in categories), *(row["category"] for row in self.products)]
        )
        self._places: dict[str, dict[Any, int]] = {
            "store_id": {row["store_id"]: n for n, row in enumerate(self.stores)},
            "product_id": {row["product_id"]: n for n, row in enumerate(self.products)},
            "region": {name: n for n, name in enumerate(self.regions)},
            "category": {name: n for n, name in enumerate(self.categories)},
        }

    def document(
        self,
        area: str,
        products: Mapping[str, Any],
        customers: list[Row],
        counted: Sequence[Span],
        compared: Sequence[dt.date | None],
    ) -> dict[str, Any]:
        """The tables.

        Args:
            area: what the sales by category are summed over: store, region or all.
            products: whether the rows of products are ``by`` day or span, and are of ``all`` products.
            customers: distinct customers by span of days and area.
            counted: the spans whose customers were counted.
            compared: the day that each open day is compared with, in the order of these.
        """
        by_area = {"store": ("store_id",), "region": ("region",), "all": ()}[area]
        categories = [{**row, **dict.fromkeys(by_area, row.get("area"))} for row in self._categories]
        by_day = products["by"] == "day"
        # Nobody counted the transactions where the rows come from the days of products.
        category_measures = ("transactions", *SALES) if all("transactions" in row for row in categories) else SALES
        product_keys = ("store_id", "product_id") if by_day else ("product_id",)
        return {
            "stores": transposed(self._with_places(self.stores, "region"), STORE_COLUMNS),
            "regions": self.regions,
            "products": transposed(self._with_places(self.products, "category"), PRODUCT_COLUMNS),
            "categories": self.categories,
            "store_days": self._table(self._store_days, ("transaction_date",), ("store_id",), ("transactions", *SALES)),
            "category_days": {
                "area": area,
                **self._table(categories, ("transaction_date",), (*by_area, "category"), category_measures),
            },
            "product_sales": {
                "by": products["by"],
                "all_products": products["all"],
                **self._table(
                    self._products,
                    ("transaction_date",) if by_day else ("first_day", "last_day"),
                    product_keys,
                    ("quantity", *SALES),
                ),
            },
            "today": self._open_days(compared),
            "customers": self._customers(customers),
            "counted": {
                name: [(span[end] - self._first).days for span in counted] for end, name in enumerate(("start", "end"))
            },
        }

    def _with_places(self, members: list[Row], name: str) -> list[Row]:
        return [{**row, name: self._places[name][row[name]]} for row in members]

    def _table(
        self, found: list[Row], days: Sequence[str], keys: Sequence[str], measures: Sequence[str]
    ) -> dict[str, Any]:
        """Rows in the order of their days and keys; ``day`` is the first of their days, ``last`` the last."""
        places = [self._places[key] for key in keys]
        pairs = list(zip(keys, places, strict=True))
        ordered = sorted(found, key=lambda row: (*(row[day] for day in days), *(at[row[key]] for key, at in pairs)))
        return {
            **{
                name: [(row[day] - self._first).days for row in ordered]
                for name, day in zip(("day", "last"), days, strict=False)
            },
            **{key: index([row[key] for row in ordered], at) for key, at in pairs},
            **{name: measure([row[name] for row in ordered]) for name in measures},
        }

    def _open_days(self, compared: Sequence[dt.date | None]) -> dict[str, Any] | None:
        """Rows of open days and stores; ``compared`` has a place for each of these days. None without an open day."""
        found = sorted(self._today, key=lambda row: (row["transaction_date"], row["store_id"]))
        if not found:
            return None
        return {
            **self._table(found, ("transaction_date",), ("store_id",), ("transactions", *SALES)),
            **transposed(found, ("customers", "last_message")),
            "compared": [None if day is None else (day - self._first).days for day in compared],
        }

    def _customers(self, found: list[Row]) -> dict[str, Any]:
        """By area; a region or store is its place in the list."""
        places: dict[str, Mapping[Any, int]] = {
            "all": {"": 0},
            "region": self._places["region"],
            "store": self._places["store_id"],
        }
        result = {}
        for area, at in places.items():
            part = [row for row in found if row["area"] == area and row["name"] in at]
            part.sort(key=lambda row: (row["first_day"], row["last_day"], row["name"]))
            result[area] = {
                "day": [(row["first_day"] - self._first).days for row in part],
                "last": [(row["last_day"] - self._first).days for row in part],
                "place": index([row["name"] for row in part], at),
                "customers": [row["customers"] for row in part],
            }
        return result


def _members(key: str, columns: Sequence[str], known: list[Row], found: Iterable[str]) -> list[Row]:
    by_id = {row[key]: row for row in known}
    nothing = dict.fromkeys(columns)
    return [by_id.get(member, {**nothing, key: member}) for member in sorted(set(found))]


def _names(found: Iterable[str | None]) -> list[str | None]:
    """Each name once; without one, behind the others."""
    names = set(found)
    return [*sorted(name for name in names if name is not None), *([None] if None in names else [])]
