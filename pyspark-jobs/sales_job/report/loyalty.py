"""Segments and cohorts of the customers, over all time and all stores."""

from __future__ import annotations

from typing import Any

from sales_job.report.columns import measure, transposed
from sales_job.report.queries import Select, query, rows


def loyalty(select: Select) -> dict[str, Any]:
    """Segments, those with most revenue first; cohorts of the last twelve months, the newest first."""
    segments = sorted(rows(select, query("segments")), key=lambda row: (-row["revenue"], row["segment"]))
    cohorts = sorted(rows(select, query("cohorts")), key=lambda row: row["months_since"])
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
