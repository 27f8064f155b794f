"""What the lines of a file amount to under a description: good ones, bad ones by reason, days and revenue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.base.sales_columns import PRICE, QUANTITY, TIME_OF_DAY
from sales_job.base.sales_rules import RULES
from scripts.inspect.conversion import quoted

PLAIN_DATE = rf"^(\d{{4}}-\d{{2}}-\d{{2}})({TIME_OF_DAY})?$"

TEXTS = ("transaction_id", "product_id", "store_id", "customer_id", "line_number")
REQUIRED = TEXTS[:3]
KEY = (*TEXTS, "quantity_value", "unit_price_value", "transaction_date_value")
"""What equal lines have in common."""
FORMS = {name: RULES[f"{name}_reason"] for name in ("quantity", "unit_price", "transaction_date")}
"""The job's rules in its words: ``quarantined_sales`` has the same reasons for the same lines."""


@dataclass(frozen=True)
class Verdict:
    """``bad``: for each reason how many lines and an example; ``side_by_side``: equal lines next to each other."""

    lines: int
    good: int
    returns: int
    duplicates: int
    side_by_side: int
    bad: list[tuple[str, int, str, int]]
    first_day: Any
    last_day: Any
    days: int
    revenue: Any


def judge(connection: duckdb.DuckDBPyConnection, columns: Collection[str], constants: Mapping[str, str]) -> Verdict:
    """Counts the lines of the table ``rows``, each with the number of its ``file`` and its ``line`` there.

    Args:
        columns: the columns of ours that it has, as the job's texts: trimmed, empty where there is nothing.
        constants: columns with one value for all lines.
    """
    text = {name: "''" for name in (*TEXTS, *FORMS)}
    text |= {name: quoted(value) for name, value in constants.items()}
    text |= {name: name for name in columns}
    quantity, price, date = text["quantity"], text["unit_price"], _date(text["transaction_date"])
    problems = [f"CASE WHEN {name} = '' THEN '{name} is missing' END" for name in REQUIRED]
    problems += [
        f"CASE WHEN {_is_broken(name)} THEN '{name} holds a line break: a quote is out of place' END" for name in TEXTS
    ]
    problems += [
        f"CASE WHEN {name} = '' THEN '{name} is missing' WHEN {name}_value IS NULL THEN '{name} {rule}' END"
        for name, rule in FORMS.items()
    ]
    good = " AND ".join(
        [f"{name} <> ''" for name in REQUIRED]
        + [f"NOT {_is_broken(name)}" for name in TEXTS]
        + [f"{name}_value IS NOT NULL" for name in FORMS]
    )
    examples = " ".join(f"WHEN starts_with(reason, '{name} is not') THEN {name}" for name in FORMS)
    connection.execute(
        f"""CREATE OR REPLACE TABLE judged AS
        SELECT file, line, {", ".join(KEY)}, CASE WHEN {good} THEN NULL ELSE concat_ws('; ', {", ".join(problems)}) END
            AS reason,
          CASE {examples} ELSE '' END AS example
        FROM (SELECT file, line, {", ".join(f"{sql} AS {name}" for name, sql in text.items())},
            CASE WHEN regexp_matches({quantity}, '{QUANTITY}') THEN
              nullif(TRY_CAST({quantity} AS DECIMAL(18, 3)), 0) END AS quantity_value,
            CASE WHEN regexp_matches({price}, '{PRICE}') THEN TRY_CAST({price} AS DECIMAL(18, 4)) END
              AS unit_price_value,
            CASE WHEN {date} BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}' THEN {date} END
              AS transaction_date_value
          FROM rows)"""
    )
    key = ", ".join(KEY)
    row = connection.execute(
        """SELECT count(*), count(*) FILTER (reason IS NULL),
          count(*) FILTER (reason IS NULL AND quantity_value < 0),
          min(transaction_date_value) FILTER (reason IS NULL), max(transaction_date_value) FILTER (reason IS NULL),
          count(DISTINCT transaction_date_value) FILTER (reason IS NULL) FROM judged"""
    ).fetchone()
    distinct = connection.execute(
        f"""SELECT count(*), sum(quantity_value::DECIMAL(38, 3) * unit_price_value::DECIMAL(38, 4))
          FROM (SELECT DISTINCT {key} FROM judged WHERE reason IS NULL)"""
    ).fetchone()
    beside = connection.execute(
        f"""WITH keys AS (SELECT file, line, ({key}) AS this FROM judged WHERE reason IS NULL)
          SELECT count(*) FROM (SELECT this, lag(this) OVER (ORDER BY file, line) AS last FROM keys)
          WHERE this = last"""
    ).fetchone()
    bad = connection.execute(
        """SELECT reason, count(*), arg_min(example, line), min(line) FROM judged WHERE reason IS NOT NULL
          GROUP BY reason ORDER BY 2 DESC, 1"""
    ).fetchall()
    assert row is not None
    assert distinct is not None
    assert beside is not None
    return Verdict(
        lines=row[0],
        good=row[1],
        returns=row[2],
        duplicates=row[1] - distinct[0],
        side_by_side=beside[0],
        bad=bad,
        first_day=row[3],
        last_day=row[4],
        days=row[5],
        revenue=distinct[1] or 0,
    )


def _is_broken(name: str) -> str:
    return f"(contains({name}, chr(10)) OR contains({name}, chr(13)))"


def _date(text: str) -> str:
    """The expression of a day."""
    return f"TRY_CAST(regexp_extract({text}, '{PLAIN_DATE}', 1) AS DATE)"
