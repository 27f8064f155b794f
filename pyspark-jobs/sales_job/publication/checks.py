"""The checks of a publication: made inside its transaction, on what the run staged and on the rows that it changed. Of
history only the small tables are added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sales_job.lines import figures, merge_lines
from sales_job.publication.check_results import WARNING, Check, bad_lines, exact, ratio
from sales_job.publication.publish_sql import EVERY_DAY, Names, touched

EXACT = Context(prec=38)
"""As many digits as the warehouses' decimals have; Python rounds to 28 otherwise."""

MAX_UNMATCHED_RATIO = Decimal("0.05")
"""Share of a run's lines without a reference row from which a warning is kept. The lines count all the same."""


@dataclass(frozen=True)
class LineTotals:
    """What the lines of some days amount to, added up line by line: how many, those with a customer, their revenue."""

    lines: int
    with_customer: int
    revenue: Decimal


@dataclass(frozen=True)
class Expected:
    """What a run knows of itself without the warehouse.

    ``now`` is of the touched days' lines as they are, ``before`` as they were published last. ``unmatched_products``
    and ``unmatched_stores`` count loaded lines.
    """

    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_quarantined: int
    unmatched_products: int
    unmatched_stores: int
    now: LineTotals
    before: LineTotals
    max_bad_ratio: float


def line_totals(census: Sequence[Row], lines: DataFrame, bounds: merge_lines.Bounds) -> LineTotals:
    """The totals of written lines.

    Args:
        census: what was counted of ``lines`` (:func:`merge_lines.census`).
        lines: the lines themselves; they are only read where the census does not do: it adds in 64 bits, and counts
            a line that stands in several rows several times.
    """
    if bounds.narrow and not bounds.split:
        days: Iterable[Row] = [row for row in census if row.transaction_date is not None]
    else:
        good = figures.lines(lines.where(F.col("transaction_date").isNotNull()), bounds)
        sums = good.agg(
            F.count("*").alias("rows"),
            F.count("customer_id").alias("with_customer"),
            F.coalesce(F.sum("revenue"), F.lit(0)).alias("revenue"),
        )
        days = sums.collect()
    return LineTotals(
        sum(row.rows for row in days),
        sum(row.with_customer for row in days),
        EXACT.scaleb(sum(int(row.revenue) for row in days), -4),
    )


def checks(names: Names, expected: Expected, days: Collection[dt.date]) -> list[Check]:
    """All checks of one publication, made when its statements have run and are not committed.

    Args:
        days: the touched days.
    """
    t, s = names.table, names.staged
    daily = f"{t('daily_sales_summary')} WHERE {touched(names, days)}"
    every_day = f"{t('daily_sales_summary')} WHERE {EVERY_DAY}"
    loaded = _total("loaded_lines", s("daily_figures"))
    quarantined = f"(SELECT COUNT(*) FROM {s('quarantined_sales')})"
    bad = bad_lines(expected.rows_quarantined, expected.rows_read, expected.max_bad_ratio)
    return [
        Check(bad.check_name, bad.rule, exact(bad.value), bad.relation, exact(bad.expected)),
        Check(
            "rows_balance",
            "every line that was read is loaded, a duplicate or quarantined",
            f"{loaded} + {quarantined} + {expected.rows_duplicate}",
            "=",
            str(expected.rows_read),
        ),
        Check(
            "rows_were_read",
            "no more lines are loaded or quarantined than were read",
            f"{loaded} + {quarantined}",
            "<=",
            str(expected.rows_read),
        ),
        Check(
            "revenue_of_days",
            "the revenue of the touched days is that of their lines",
            _total("daily_revenue", daily),
            "=",
            exact(expected.now.revenue),
        ),
        Check(
            "revenue_of_changes",
            "the totals change by what the revenue of the lines changes",
            _total("revenue", s("store_products")),
            "=",
            exact(EXACT.subtract(expected.now.revenue, expected.before.revenue)),
        ),
        Check(
            "lines_of_changes",
            "the totals of stores and products change by as many lines as the lines do",
            _total("line_count", s("store_products")),
            "=",
            str(expected.now.lines - expected.before.lines),
        ),
        Check(
            "customers_of_changes",
            "the totals of stores and customers change by as many lines as the lines with a customer do",
            _total("line_count", s("store_customers")),
            "=",
            str(expected.now.with_customer - expected.before.with_customer),
        ),
        Check(
            "revenue_of_products",
            "all products have the revenue of all days",
            _total("total_revenue", t("product_performance")),
            "=",
            _total("daily_revenue", every_day),
        ),
        Check(
            "revenue_of_stores",
            "all stores have the revenue of all days",
            _total("total_revenue", t("store_performance")),
            "=",
            _total("daily_revenue", every_day),
        ),
        Check(
            "rows_of_days",
            "every day and store that was computed has its row",
            f"(SELECT COUNT(*) FROM {daily})",
            "=",
            f"(SELECT COUNT(*) FROM {s('daily_figures')})",
        ),
        Check(
            "negative_days",
            "no day has a negative revenue or count",
            f"(SELECT COUNT(*) FROM {daily} AND "
            "(daily_revenue < 0 OR daily_quantity <= 0 OR daily_transactions <= 0 OR unique_customers < 0))",
            "=",
        ),
        Check(
            "negative_totals",
            "no total has a negative revenue or count",
            f"(SELECT COUNT(*) FROM {t('store_products')} "
            "WHERE line_count <= 0 OR quantity <= 0 OR revenue < 0 OR unit_price_total < 0)",
            "=",
        ),
        *[
            Check(f"duplicate_{name}", f"one row for each {', '.join(key)}", _twice(source, key), "=")
            for name, source, key in (
                ("days", daily, ("transaction_date", "store_id")),
                ("products", t("product_performance"), ("product_id",)),
                ("stores", t("store_performance"), ("store_id",)),
                ("store_products", s("store_products"), ("store_id", "product_id")),
                ("line_versions", t("line_versions"), ("transaction_date",)),
                ("arrival_dates", s("arrival_dates"), ("arrival", "transaction_date")),
            )
        ],
        *[
            Check(
                f"unmatched_{kind}",
                f"few loaded lines are without a row in {kind}.csv; they count",
                exact(ratio(unmatched, expected.rows_loaded)),
                "<=",
                exact(MAX_UNMATCHED_RATIO),
                WARNING,
            )
            for kind, unmatched in (
                ("products", expected.unmatched_products),
                ("stores", expected.unmatched_stores),
            )
        ],
    ]


def _total(column: str, source: str) -> str:
    return f"(SELECT COALESCE(SUM({column}), 0) FROM {source})"


def _twice(source: str, key: Sequence[str]) -> str:
    return f"(SELECT COUNT(*) FROM (SELECT 1 FROM {source} GROUP BY {', '.join(key)} HAVING COUNT(*) > 1))"
