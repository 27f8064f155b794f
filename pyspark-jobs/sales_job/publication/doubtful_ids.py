"""Warnings about ids and days that look like mistakes of an export. The lines count all the same.

They look at the ids that the run staged, each once, and never at lines. Ids of customers are counted but not named:
more people read the results of checks than may know customers.
"""

from __future__ import annotations

from sales_job.publication.check_results import WARNING, Check
from sales_job.publication.publish_sql import SqlNaming

EMPTY_WORDS = ("NULL", "(NULL)", "N/A", "#N/A", "NA", "NONE", "NAN", "UNDEFINED")
"""What programs write for an empty value, in upper case; and a backslash before N."""

EXAMPLES = 3


def checks(naming: SqlNaming) -> list[Check]:
    """The checks of one publication."""
    products, stores, customers = _ids(naming)
    listed = ", ".join(f"'{word}'" for word in EMPTY_WORDS)
    words = f"(SELECT DISTINCT id FROM ({customers}) WHERE UPPER(id) IN ({listed}) OR UPPER(id) = CONCAT(CHR(92), 'N'))"
    # No id has only these characters and E+ but a number that a spreadsheet has rounded.
    is_rounded = "UPPER(id) LIKE '_%E+%' AND TRANSLATE(UPPER(id), '0123456789.,E+', '') = ''"
    rounded = (
        f"(SELECT DISTINCT id FROM ({products} UNION ALL {stores}) things WHERE {is_rounded} UNION ALL "
        f"SELECT 'a customer' FROM (SELECT DISTINCT id FROM ({customers}) c WHERE {is_rounded}) people)"
    )
    return [
        _check("ids_alike", "no two ids differ by case, invisible characters or Unicode form alone", _twins(naming)),
        _check("customers_missing", "no customer is named as programs name an empty value", words),
        _check("ids_rounded", "no id is a number that a spreadsheet has rounded", rounded),
        _check("days_far_away", "no day is years away from its arrival", _far_days(naming)),
    ]


def _check(name: str, rule: str, found: str) -> Check:
    """A warning where a query finds rows of one text, ``id``; the rule names some of them."""
    first = f"(SELECT DISTINCT id FROM {found} found ORDER BY id LIMIT {EXAMPLES}) first"
    examples = f"(SELECT STRING_AGG(id, ', ') FROM {first})"
    return Check(name, rule, f"(SELECT COUNT(*) FROM {found} found)", "=", severity=WARNING, examples=examples)


def _ids(naming: SqlNaming) -> tuple[str, str, str]:
    """Queries of the products, stores and customers that the run changes; ids may be repeated."""
    return (
        f"SELECT product_id AS id FROM {naming.staged('store_products')}",
        f"SELECT store_id AS id FROM {naming.staged('store_products')}",
        f"SELECT customer_id AS id FROM {naming.staged('store_customers')}",
    )


def _twins(naming: SqlNaming) -> str:
    """Products and stores of all time, and customers of the run, that are equal when they are folded."""
    products, stores, customers = _ids(naming)
    folded = naming.folded("id")
    parts = [
        f"SELECT CONCAT(MIN(id), ' and ', MAX(id)) AS id FROM ({known}) known "
        f"WHERE {folded} IN (SELECT {folded} FROM ({changed}) changed) GROUP BY {folded} HAVING COUNT(DISTINCT id) > 1"
        for known, changed in (
            (f"SELECT product_id AS id FROM {naming.table('product_performance')}", products),
            (f"SELECT store_id AS id FROM {naming.table('store_performance')}", stores),
        )
    ]
    # All customers of all time would cost what history costs.
    parts.append(
        f"SELECT 'two customers' AS id FROM (SELECT DISTINCT id FROM ({customers}) c) known "
        f"GROUP BY {folded} HAVING COUNT(DISTINCT id) > 1"
    )
    return f"({' UNION ALL '.join(parts)})"


def _far_days(naming: SqlNaming) -> str:
    year = "EXTRACT(YEAR FROM {})"
    arrival = year.format("CAST(NULLIF(arrival, '') AS DATE)")
    return (
        "(SELECT CONCAT(CAST(transaction_date AS STRING), ' in ', arrival) AS id "
        f"FROM {naming.staged('arrival_dates')} WHERE ABS({year.format('transaction_date')} - {arrival}) > 1)"
    )
