"""The part of the document on runs, checks and quarantined lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sales_job.publication.day_profiles import of_published
from sales_job.publication.unusual_days import HISTORY, judge
from sales_job.report.queries import Row, Select, query, rows

LINE = ("transaction_id", "product_id", "store_id", "quantity", "unit_price", "transaction_date")
"""The columns of a quarantined line that the page shows; customer_id is personal."""

UNUSUAL_DAYS = 91
"""Days to the last one that are judged."""

QUARANTINE_DAYS = 28
"""Days before the newest run whose quarantined lines the page reads: the table keeps a year of them."""


def read(select: Select) -> dict[str, Any]:
    """Runs, newest first; checks; reasons and examples of lately quarantined lines."""
    runs = rows(select, query("runs"))
    newest = max((run["started_at"][:10] for run in runs), default="1970-01-01")
    since = dt.date.fromisoformat(newest) - dt.timedelta(days=QUARANTINE_DAYS - 1)
    return {
        "runs": runs,
        "checks": [_check(row) for row in rows(select, query("checks"))],
        "quarantined_since": since.isoformat(),
        "reasons": rows(select, query("reasons", since=since.isoformat())),
        "quarantined": [
            {
                "reason": row["reason"],
                "source": row["source_file"],
                "line": ",".join(row[column] for column in LINE),
            }
            for row in rows(select, query("quarantined", since=since.isoformat()))
        ],
    }


def unusual(select: Select, last: dt.date) -> dict[str, Any]:
    """Days to ``last`` that are unlike the same weekdays before them, the newest first, judged as a run does."""
    first = last - dt.timedelta(days=UNUSUAL_DAYS - 1)
    asked = query("profiles", first_day=(first - HISTORY).isoformat(), last_day=last.isoformat())
    profiles = of_published(tuple(row.values()) for row in rows(select, asked))
    found = judge(sorted(day for day in profiles if day >= first), profiles)
    found.sort(key=lambda one: one.day, reverse=True)
    return {
        "since": first.isoformat(),
        "days": [{"day": one.day.isoformat(), "found": one.found, "usual": one.usual} for one in found],
    }


def _check(row: Row) -> Row:
    return {**row, "value": _plain(row["value"]), "expected": _plain(row["expected"])}


def _plain(value: Decimal) -> str:
    """A number as text, without zeros at the end of its decimals."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
