"""The part of the document on runs, checks and quarantined lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sales_job.report.queries import Row, Select, query, rows

LINE = ("transaction_id", "product_id", "store_id", "quantity", "unit_price", "transaction_date")
"""The columns of a quarantined line that the page shows; customer_id is personal."""


def read(select: Select) -> dict[str, Any]:
    """Runs, newest first; checks; reasons and examples of quarantined lines."""
    return {
        "runs": rows(select, query("runs")),
        "checks": [_check(row) for row in rows(select, query("checks"))],
        "reasons": rows(select, query("reasons")),
        "quarantined": [
            {
                "reason": row["reason"],
                "source": row["source_file"],
                "line": ",".join(row[column] for column in LINE),
            }
            for row in rows(select, query("quarantined"))
        ],
    }


def _check(row: Row) -> Row:
    return {**row, "value": _plain(row["value"]), "expected": _plain(row["expected"])}


def _plain(value: Decimal) -> str:
    """A number as text, without zeros at the end of its decimals."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
