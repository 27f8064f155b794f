"""The checks of a publication. The warehouse evaluates them inside the transaction, on the rows that the run staged and
changed; sums over all history use only the small tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.publication import doubtful_ids
from sales_job.publication.check_results import ERROR, UNUSUAL, WARNING, Check, bad_lines, exact, plain, ratio
from sales_job.publication.expected import EXACT, Expected
from sales_job.publication.line_figures import RETURNED
from sales_job.publication.publish_sql import ALL_TIME_TABLES, DAILY_TABLES
from sales_job.publication.sql_naming import SqlNaming, touched
from sales_job.publication.unusual_days import CHECKS, Verdict
from sales_job.tables import catalog, reference_columns

MAX_UNMATCHED_RATIO = Decimal("0.05")
"""Share of a run's lines without a reference row above which a warning is kept. The lines count all the same."""

SHOWN_DAYS = 3
"""How many of the unusual days a rule shows: the last ones."""

EVERY_DAY = f"transaction_date BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"
"""The filter that BigQuery requires; it includes every day that a line can have."""


def checks(naming: SqlNaming, expected: Expected, days: Collection[dt.date]) -> list[Check]:
    """All checks of one publication, to be evaluated when its statements have run and are not committed.

    Args:
        naming: how tables are written.
        expected: the run's own figures.
        days: the touched days.
    """
    touched_days = touched(naming, days)
    return [
        *_line_counts(naming, expected),
        *_revenue_and_changes(naming, expected, touched_days),
        *_lines_of_days(naming, expected, touched_days),
        *_product_days(naming, touched_days),
        *_all_time_totals(naming),
        *_implausible_rows(naming, touched_days),
        *_duplicate_keys(naming, touched_days),
        *_unmatched_lines(expected),
        *doubtful_ids.checks(naming, expected.doubtful_customers),
        *_unusual_days(expected.unusual),
    ]


def _line_counts(naming: SqlNaming, expected: Expected) -> list[Check]:
    loaded = _total("loaded_lines", naming.staged("daily_figures"))
    quarantined = f"(SELECT COUNT(*) FROM {naming.staged('quarantined_sales')})"
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
    ]


def _revenue_and_changes(naming: SqlNaming, expected: Expected, touched_days: str) -> list[Check]:
    s, now, before = naming.staged, expected.now, expected.before
    return [
        Check(
            "revenue_of_days",
            "the revenue of the touched days is that of their lines",
            _total("daily_revenue", f"{naming.table('daily_sales_summary')} WHERE {touched_days}"),
            "=",
            exact(now.revenue),
        ),
        Check(
            "revenue_of_changes",
            "the totals change by what the revenue of the lines changes",
            _total("revenue", s("store_products")),
            "=",
            exact(EXACT.subtract(now.revenue, before.revenue)),
        ),
        Check(
            "lines_of_changes",
            "the totals of stores and products change by as many lines as the lines do",
            _total("line_count", s("store_products")),
            "=",
            str(now.lines - before.lines),
        ),
    ]


def _lines_of_days(naming: SqlNaming, expected: Expected, touched_days: str) -> list[Check]:
    lines = f"{naming.table('sales_lines')} WHERE {touched_days}"
    with_customer = f"{lines} AND quantity > 0 AND customer_key IS NOT NULL"
    return [
        Check(
            "lines_of_days",
            "sales_lines has every line of the touched days once",
            f"(SELECT COUNT(*) FROM {lines})",
            "=",
            str(expected.now.lines),
        ),
        Check(
            "revenue_of_lines",
            "the lines of the touched days in sales_lines have their revenue",
            _total("amount", lines),
            "=",
            exact(expected.now.revenue),
        ),
        Check(
            "profit_of_lines",
            "the lines of the touched days in sales_lines have the profit of these days",
            _total("profit", lines),
            "=",
            _total("gross_profit", f"{naming.table('daily_sales_summary')} WHERE {touched_days}"),
        ),
        Check(
            "customers_of_lines",
            "as many sale lines of the touched days in sales_lines have a customer as have one in the files",
            f"(SELECT COUNT(*) FROM {with_customer})",
            "=",
            str(expected.now.with_customer),
        ),
    ]


def _product_days(naming: SqlNaming, touched_days: str) -> list[Check]:
    return [
        Check(
            f"{figure}_of_product_days",
            f"the products of the touched days have the {figure.replace('_', ' ')} of these days",
            _total(figure, f"{naming.table('daily_product_sales')} WHERE {touched_days}"),
            "=",
            _total(daily, f"{naming.table('daily_sales_summary')} WHERE {touched_days}"),
        )
        for figure, daily in (
            ("revenue", "daily_revenue"),
            ("quantity", "daily_quantity"),
            *[(name, name) for name in ("gross_profit", *RETURNED)],
        )
    ]


def _all_time_totals(naming: SqlNaming) -> list[Check]:
    all_days = f"{naming.table('daily_sales_summary')} WHERE {EVERY_DAY}"
    return [
        Check(
            f"{figure}_of_{rows}",
            f"all {rows} have the {figure.replace('_', ' ')} of all days",
            _total(total, naming.table(name)),
            "=",
            _total(daily, all_days),
        )
        for figure, daily, total in (
            ("revenue", "daily_revenue", "total_revenue"),
            *[(name, name, name) for name in RETURNED],
        )
        for rows, name in (("products", "product_performance"), ("stores", "store_performance"))
    ]


def _implausible_rows(naming: SqlNaming, touched_days: str) -> list[Check]:
    daily = f"{naming.table('daily_sales_summary')} WHERE {touched_days}"
    return [
        Check(
            "rows_of_days",
            "every day and store that was computed has its row",
            f"(SELECT COUNT(*) FROM {daily})",
            "=",
            f"(SELECT COUNT(*) FROM {naming.staged('daily_figures')})",
        ),
        *[
            Check(rule.name, rule.rule, f"(SELECT COUNT(*) FROM {daily} AND ({rule.violated}))", "=")
            for rule in catalog.table("published", "daily_sales_summary").rules
        ],
        Check(
            "negative_totals",
            "no total is negative but by returns, and lines and quantities go together",
            f"(SELECT COUNT(*) FROM {naming.table('store_products')} WHERE "
            f"{_less_than_returned('revenue', 'quantity')} OR "
            "sale_line_count NOT BETWEEN 0 AND line_count OR line_count <= 0 OR unit_price_total < 0 OR "
            "(sale_line_count > 0) <> (quantity + returned_quantity > 0) OR "
            "(line_count > sale_line_count) <> (returned_quantity > 0))",
            "=",
        ),
        Check(
            "negative_customers",
            "no customer has less than one line in a store",
            f"(SELECT COUNT(*) FROM {naming.table('customer_stores')} WHERE line_count < 1)",
            "=",
        ),
    ]


def _duplicate_keys(naming: SqlNaming, touched_days: str) -> list[Check]:
    """One row for each key: of the tables for business readers, and of the state that later runs build on."""
    # What another program fills, such as the forecast, does not keep a run from publishing.
    filled = {*DAILY_TABLES, *ALL_TIME_TABLES, *[table.name for table in reference_columns.tables()]}
    business = [table for table in catalog.published() if table.name in filled and table.key]
    sources = [
        *[
            (table, naming.table(table.name) + (f" WHERE {touched_days}" if "transaction_date" in table.key else ""))
            for table in business
        ],
        (catalog.table("state", "line_versions"), naming.table("line_versions")),
        *[(catalog.table("staged", name), naming.staged(name)) for name in ("store_products", "arrival_dates")],
    ]
    return [
        Check(f"duplicate_{table.name}", f"one row for each {', '.join(table.key)}", _repeated(source, table.key), "=")
        for table, source in sources
    ]


def _unmatched_lines(expected: Expected) -> list[Check]:
    return [
        Check(
            f"unmatched_{reference}",
            f"few loaded lines are without a row in {reference}.csv; they count",
            exact(ratio(unmatched, expected.rows_loaded)),
            "<=",
            exact(MAX_UNMATCHED_RATIO),
            WARNING,
        )
        for reference, unmatched in (
            ("products", expected.unmatched_products),
            ("stores", expected.unmatched_stores),
        )
    ]


def _unusual_days(verdict: Verdict) -> list[Check]:
    each = []
    for measure, rule in CHECKS.items():
        found = [one for one in verdict.unusual if one.measure == measure]
        shown = f": {'; '.join(map(str, found[-SHOWN_DAYS:]))}" if found else ""
        severity = ERROR if measure in verdict.held else WARNING
        each.append(Check(f"{UNUSUAL}{measure}", plain(rule + shown), str(len(found)), "=", severity=severity))
    return each


def _less_than_returned(revenue: str, quantity: str) -> str:
    """A condition: what came back is negative, or what was sold before it came back."""
    sold = " OR ".join(f"{net} + {back} < 0" for net, back in ((quantity, RETURNED[0]), (revenue, RETURNED[1])))
    return f"{sold} OR {' OR '.join(f'{name} < 0' for name in RETURNED)}"


def _total(column: str, source: str) -> str:
    return f"(SELECT COALESCE(SUM({column}), 0) FROM {source})"


def _repeated(source: str, key: Sequence[str]) -> str:
    return f"(SELECT COUNT(*) FROM (SELECT 1 FROM {source} GROUP BY {', '.join(key)} HAVING COUNT(*) > 1))"
