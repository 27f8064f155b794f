"""What the lines of a file amount to under a description: good ones, bad ones by reason, days and revenue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.base.sales_columns import PRICE, QUANTITY, TIME_OF_DAY

PLAIN_DATE = rf"^(\d{{4}}-\d{{2}}-\d{{2}})({TIME_OF_DAY})?$"


@dataclass(frozen=True)
class Verdict:
    """``bad``: for each reason how many lines and an example; ``side_by_side``: equal lines next to each other."""

    lines: int
    good: int
    duplicates: int
    side_by_side: int
    bad: list[tuple[str, int, str, int]]
    first_day: Any
    last_day: Any
    days: int
    revenue: Any


def judge(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, tuple[str, Mapping[str, Any]]],
    constants: Mapping[str, str],
    timezone: str | None = None,
) -> Verdict:
    """Counts the lines of the table ``rows``.

    Args:
        columns: for each column of ours the expression of its texts and the properties of its field.
        constants: columns with one value for all lines.
        timezone: in which days are counted, where the times have a zone.
    """
    text = {name: f"trim({place})" for name, (place, _) in columns.items()}
    text |= {name: "'" + value.replace("'", "''") + "'" for name, value in constants.items()}
    quantity = _number(text["quantity"], columns.get("quantity", ("", {}))[1])
    price = _number(text["unit_price"], columns.get("unit_price", ("", {}))[1])
    date = _date(text["transaction_date"], columns.get("transaction_date", ("", {}))[1], timezone)
    customer = text.get("customer_id", "''")
    everything = f"concat_ws('', {', '.join(place for place, _ in columns.values())})"
    connection.execute(
        f"""CREATE OR REPLACE TABLE judged AS
        SELECT line, t, p, s, c, q, u, d, q_text, u_text, d_text,
          CASE WHEN t = '' THEN 'transaction_id is missing' WHEN p = '' THEN 'product_id is missing'
            WHEN s = '' THEN 'store_id is missing'
            WHEN q_text = '' THEN 'quantity is missing' WHEN q IS NULL OR q = 0 THEN 'quantity is not a plain decimal'
            WHEN u_text = '' THEN 'unit_price is missing' WHEN u IS NULL THEN 'unit_price is not a plain decimal'
            WHEN d_text = '' THEN 'transaction_date is missing' WHEN d IS NULL THEN 'transaction_date is not a date'
          END AS reason,
          CASE WHEN starts_with(reason, 'quantity') THEN q_text WHEN starts_with(reason, 'unit_price') THEN u_text
            WHEN starts_with(reason, 'transaction_date') THEN d_text ELSE '' END AS value
        FROM (SELECT line, coalesce({text["transaction_id"]}, '') AS t, coalesce({text["product_id"]}, '') AS p,
            coalesce({text["store_id"]}, '') AS s, coalesce({customer}, '') AS c,
            coalesce({text["quantity"]}, '') AS q_text, coalesce({text["unit_price"]}, '') AS u_text,
            coalesce({text["transaction_date"]}, '') AS d_text,
            CASE WHEN regexp_matches({quantity}, '{QUANTITY}') THEN TRY_CAST({quantity} AS DECIMAL(18, 3)) END AS q,
            CASE WHEN regexp_matches({price}, '{PRICE}') THEN TRY_CAST({price} AS DECIMAL(18, 4)) END AS u,
            CASE WHEN {date} BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}' THEN {date} END AS d
          FROM rows WHERE trim({everything}) <> '')"""
    )
    row = connection.execute(
        """SELECT count(*), count(*) FILTER (reason IS NULL), min(d) FILTER (reason IS NULL),
          max(d) FILTER (reason IS NULL),
          count(DISTINCT d) FILTER (reason IS NULL) FROM judged"""
    ).fetchone()
    distinct = connection.execute(
        """SELECT count(*), sum(q * u::DECIMAL(20, 4))
          FROM (SELECT DISTINCT t, p, s, q, u, d, c FROM judged WHERE reason IS NULL)"""
    ).fetchone()
    beside = connection.execute(
        """WITH keys AS (SELECT line, (t, p, s, q, u, d, c) AS this FROM judged WHERE reason IS NULL)
          SELECT count(*) FROM (SELECT this, lag(this) OVER (ORDER BY line) AS last FROM keys) WHERE this = last"""
    ).fetchone()
    bad = connection.execute(
        """SELECT reason, count(*), arg_min(value, line), min(line) FROM judged WHERE reason IS NOT NULL
          GROUP BY reason ORDER BY 2 DESC, 1"""
    ).fetchall()
    assert row is not None
    assert distinct is not None
    assert beside is not None
    return Verdict(
        lines=row[0],
        good=row[1],
        duplicates=row[1] - distinct[0],
        side_by_side=beside[0],
        bad=bad,
        first_day=row[2],
        last_day=row[3],
        days=row[4],
        revenue=distinct[1] or 0,
    )


def _number(text: str, properties: Mapping[str, Any]) -> str:
    """The expression of a plain decimal."""
    if not properties.get("bareNumber", True):
        text = f"regexp_replace(regexp_replace({text}, '^[^-+0-9.,]*', ''), '[^0-9.,]*$', '')"
    if group := properties.get("groupChar"):
        text = f"regexp_replace({text}, '[ \u00a0]', '', 'g')" if group == " " else f"replace({text}, '{group}', '')"
    if properties.get("decimalChar", ".") == ",":
        text = f"replace({text}, ',', '.')"
    return text


def _date(text: str, properties: Mapping[str, Any], timezone: str | None) -> str:
    """The expression of a day."""
    pattern = properties.get("format")
    moment = f"try_strptime({text}, '{pattern}')" if pattern else f"TRY_CAST({text} AS TIMESTAMPTZ)"
    if timezone is not None:
        return f"CAST({moment} AT TIME ZONE '{timezone}' AS DATE)"
    if pattern:
        return f"CAST({moment} AS DATE)"
    return f"TRY_CAST(regexp_extract({text}, '{PLAIN_DATE}', 1) AS DATE)"
