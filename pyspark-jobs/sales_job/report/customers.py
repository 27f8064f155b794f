"""Distinct customers of the named periods; segments and cohorts over all time. All of them read sales lines: a count of
customers cannot be made from counts of other days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sales_job.report.budget import Budget
from sales_job.report.columns import measure, transposed
from sales_job.report.queries import Row, Select, query, rows
from sales_job.report.spans import Period, Span, rows_of_spans

DAY = dt.timedelta(days=1)


def counted_spans(named: Sequence[Period], budget: Budget) -> list[Span]:
    """The spans whose customers there is room to count: of the periods in their order, and of those that they are
    compared with.
    """
    asked = query("customers")
    read: set[dt.date] = set()
    counted: set[Span] = set()
    for span in dict.fromkeys(span for period in named for span in period.spans()):
        more = {day for day in _days(span) if day not in read}
        if budget.allows("customers", asked, more):
            read |= more
            counted.add(span)
    return sorted(counted)


def customers(select: Select, spans: Sequence[Span]) -> list[Row]:
    """Distinct customers of each span, of all stores, of each region and of each store."""
    if not spans:
        return []
    # Constants: BigQuery reads the partitions that they name.
    between = " OR ".join(f"line.transaction_date BETWEEN DATE '{a}' AND DATE '{b}'" for a, b in merged(spans))
    return rows(select, query("customers", days=between, spans=rows_of_spans(spans)))


def loyalty(select: Select, budget: Budget) -> dict[str, Any]:
    """Segments, those with most revenue first; cohorts of the last twelve months, the newest first. Both read the lines
    of all time, so that there are none where those are too many.
    """

    def affordable(name: str) -> list[Row]:
        asked = query(name)
        return rows(select, asked) if budget.allows(name, asked) else []

    segments = sorted(affordable("segments"), key=lambda row: (-row["revenue"], row["segment"]))
    cohorts = sorted(affordable("cohorts"), key=lambda row: row["months_since"])
    cohorts.sort(key=lambda row: row["cohort_month"], reverse=True)
    return {
        "as_of": segments[0]["as_of"].isoformat() if segments else None,
        "segments": {
            "segment": [row["segment"] for row in segments],
            **{
                name: measure([row[name] for row in segments])
                for name in ("customers", "transactions", "revenue", "gross_profit")
            },
        },
        "cohorts": {
            "month": [f"{row['cohort_month']:%Y-%m}" for row in cohorts],
            **transposed(cohorts, ("months_since", "cohort_customers", "customers")),
            "revenue": measure([row["revenue"] for row in cohorts]),
        },
    }


def merged(spans: Sequence[Span]) -> list[Span]:
    """The days of all spans, as few spans."""
    days = sorted({day for span in spans for day in _days(span)})
    breaks = [(a, b) for a, b in pairwise(days) if b - a > DAY]
    starts = [days[0], *(b for _, b in breaks)]
    ends = [*(a for a, _ in breaks), days[-1]]
    return list(zip(starts, ends, strict=True))


def _days(span: Span) -> Iterator[dt.date]:
    return (span[0] + n * DAY for n in range((span[1] - span[0]).days + 1))
