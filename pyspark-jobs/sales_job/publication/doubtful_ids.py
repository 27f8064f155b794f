"""Warnings about ids and days that look like mistakes of an export. The lines count all the same.

They look at the ids of products and stores that the run staged, each once, and never at lines. Ids of customers, which
no table has, were counted before (:mod:`sales_job.lines.doubtful_customers`).
"""

from __future__ import annotations

from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.publication.check_results import WARNING, Check
from sales_job.publication.sql_naming import SqlNaming

EXAMPLES = 3


def checks(naming: SqlNaming, customers: DoubtfulCustomers) -> list[Check]:
    """The checks of one publication."""
    products, stores = _ids(naming)
    # No id has only these characters and E+ but a number that a spreadsheet has rounded.
    is_rounded = "UPPER(id) LIKE '_%E+%' AND TRANSLATE(UPPER(id), '0123456789.,E+', '') = ''"
    rounded = f"SELECT DISTINCT id FROM ({products} UNION ALL {stores}) things WHERE {is_rounded}"
    words = customers.empty_words
    return [
        _check(
            "ids_alike",
            "no two ids differ by case, invisible characters or Unicode form alone",
            _twins(naming),
            customers.twins,
            "two customers",
        ),
        Check(
            "customers_missing",
            "no customer is named as programs name an empty value",
            str(len(words)),
            "=",
            severity=WARNING,
            examples=" || ', ' || ".join(map(_word, words[:EXAMPLES])) or None,
        ),
        _check(
            "ids_rounded", "no id is a number that a spreadsheet has rounded", rounded, customers.rounded, "a customer"
        ),
        _check("days_far_away", "no day is years away from its arrival", _far_days(naming)),
    ]


def _check(name: str, rule: str, found: str, customers: int = 0, named: str = "") -> Check:
    """A warning where a query finds rows of one text, ``id``, or there are such ``customers``, which are ``named`` so;
    the rule names some.
    """
    listed = f"{found} UNION ALL SELECT '{named}' AS id" if customers else found
    first = f"(SELECT DISTINCT id FROM ({listed}) found ORDER BY id LIMIT {EXAMPLES}) first"
    examples = f"(SELECT STRING_AGG(id, ', ') FROM {first})"
    value = f"(SELECT COUNT(*) FROM ({found}) found) + {customers}"
    return Check(name, rule, value, "=", severity=WARNING, examples=examples)


def _ids(naming: SqlNaming) -> tuple[str, str]:
    """Queries of the products and stores that the run changes; ids may be repeated."""
    return (
        f"SELECT product_id AS id FROM {naming.staged('store_products')}",
        f"SELECT store_id AS id FROM {naming.staged('store_products')}",
    )


def _word(word: str) -> str:
    """A text in SQL; the two warehouses write a backslash in two ways."""
    return " || CHR(92) || ".join(f"'{part}'" for part in word.split("\\"))


def _twins(naming: SqlNaming) -> str:
    """Products and stores of all time that are equal to those of the run when they are folded."""
    products, stores = _ids(naming)
    folded = naming.folded("id")
    return " UNION ALL ".join(
        f"SELECT CONCAT(MIN(id), ' and ', MAX(id)) AS id FROM ({known}) known "
        f"WHERE {folded} IN (SELECT {folded} FROM ({changed}) changed) GROUP BY {folded} HAVING COUNT(DISTINCT id) > 1"
        for known, changed in (
            (f"SELECT product_id AS id FROM {naming.table('product_performance')}", products),
            (f"SELECT store_id AS id FROM {naming.table('store_performance')}", stores),
        )
    )


def _far_days(naming: SqlNaming) -> str:
    year = "EXTRACT(YEAR FROM {})"
    arrival = year.format("CAST(NULLIF(arrival, '') AS DATE)")
    return (
        "SELECT CONCAT(CAST(transaction_date AS STRING), ' in ', arrival) AS id "
        f"FROM {naming.staged('arrival_dates')} WHERE ABS({year.format('transaction_date')} - {arrival}) > 1"
    )
