"""A run's counts and tables, held against those of plain Python."""

import json
from typing import Any

from harness import Sandbox
from oracle import Result, sortable


def quarantined(sandbox: Sandbox, warehouse: str) -> list[tuple[Any, ...]]:
    """In the oracle's form: an absent text is empty, and the reason is the list of wrong fields."""
    rows = sandbox.tables(warehouse)["quarantined_sales"]
    fields = [" ".join(part.split(" ")[0] for part in row[7].split("; ")) for row in rows]
    return sorted((*[text or "" for text in row[:7]], wrong, *row[8:]) for row, wrong in zip(rows, fields, strict=True))


def assert_equal(sandbox: Sandbox, expected: Result, warehouse: str = "warehouse") -> None:
    """What readers see."""
    tables = sandbox.tables(warehouse)
    assert tables["daily_sales_summary"] == expected.daily
    assert tables["product_performance"] == expected.products
    assert tables["store_performance"] == expected.stores
    assert sorted(tables["sales_lines"], key=sortable) == expected.sales_lines
    assert tables["daily_product_sales"] == expected.product_days
    profiles = [(*row[:-2], json.loads(row[-2]), json.loads(row[-1])) for row in tables["daily_profile"]]
    assert profiles == expected.profiles
    assert quarantined(sandbox, warehouse) == expected.quarantined


def assert_counts(done: dict[str, Any], expected: Result) -> None:
    """What a run says of its lines."""
    counts = {
        "rows_read": expected.rows_read,
        "rows_loaded": expected.loaded,
        "rows_duplicate": expected.duplicates,
        "rows_quarantined": expected.bad.total(),
        "unmatched_products": expected.unmatched_products,
        "unmatched_stores": expected.unmatched_stores,
    }
    assert {name: done[name] for name in counts} == counts
