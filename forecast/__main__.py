"""`python -m forecast --warehouse DIR`: fills ``revenue_forecast`` and ``forecast_accuracy`` of a local warehouse.

A run of the job is followed by it, on the command line and in the local DAG.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pyspark-jobs"))

from forecast.backtest import Score, backtest, reason_against
from forecast.model import DAYS, MODEL, forecast
from sales_job.base.errors import JobError
from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.warehouse import duckdb_file

if TYPE_CHECKING:
    import duckdb

History = dict[str, list[float]]
"""Revenue by store and day, from the store's first day to the last day with sales, without gaps."""

LAST_SALE = f"""
SELECT MAX(transaction_date) FROM daily_sales_summary
WHERE daily_transactions > 0 AND transaction_date BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"""

DAYS_SOLD = """
SELECT store_id, transaction_date, daily_revenue FROM daily_sales_summary
WHERE transaction_date <= ? ORDER BY store_id, transaction_date"""

ALL_STORES = "*"

KNOWN = f"SELECT trained_through, history_revenue, model FROM forecast_accuracy WHERE store_id = '{ALL_STORES}'"


def main(arguments: list[str]) -> None:
    """Brings both tables up to date; says on standard error what it did."""
    parser = argparse.ArgumentParser(prog="python -m forecast")
    parser.add_argument("--warehouse", required=True, type=Path)
    file = parser.parse_args(arguments).warehouse / "warehouse.duckdb"
    if not file.exists():
        raise JobError(f"{file} does not exist: run the job first")
    with duckdb_file.opened(file) as connection:
        print(f"forecast: {update(connection)}", file=sys.stderr)


def update(connection: duckdb.DuckDBPyConnection) -> str:
    """Writes both tables unless they are of the same history already; returns what happened, in words."""
    ((last,),) = connection.execute(LAST_SALE).fetchall()
    rows = connection.execute(DAYS_SOLD, [last]).fetchall() if last else []
    total = sum((revenue for *_, revenue in rows), Decimal(0))
    if last and connection.execute(KNOWN).fetchall() == [(last, total, MODEL)]:
        return f"already made of the days up to {last}"
    history = by_store(rows, last) if last else {}
    forecasts: list[tuple[Any, ...]] = []
    accuracy: list[tuple[Any, ...]] = []
    overall, learned = Score(), Decimal(0)
    for store, days in history.items():
        revenue = sum((row[2] for row in rows if row[0] == store), Decimal(0))
        reason = reason_against(days)
        score = Score() if reason else backtest(days, forecast)
        if not reason:
            forecasts += future_rows(store, days, last)
        accuracy.append(accuracy_row(store, score, last, len(days), revenue, reason))
        overall, learned = overall + score, learned + revenue
    if last:
        longest = max(map(len, history.values()))
        reason = None if overall.days else "no store has a forecast"
        accuracy.append(accuracy_row(ALL_STORES, overall, last, longest, learned, reason))
    replace(connection, {"revenue_forecast": forecasts, "forecast_accuracy": accuracy})
    if not overall.revenue:
        return "no store has days enough"
    model, naive = (100 * error / overall.revenue for error in (overall.error, overall.naive_error))
    return (
        f"{len(forecasts) // DAYS} of {len(history)} stores, {DAYS} days from {last + dt.timedelta(1)}; error over the "
        f"last {DAYS} days {model:.1f} %, of the same weekday a week before {naive:.1f} %"
    )


def by_store(rows: list[tuple[str, dt.date, Decimal]], last: dt.date) -> History:
    """The days of each store; one without a line has no revenue."""
    found: dict[str, dict[dt.date, float]] = defaultdict(dict)
    for store, day, revenue in rows:
        found[store][day] = float(revenue)
    return {
        store: [days.get(last - dt.timedelta(back), 0.0) for back in range((last - min(days)).days, -1, -1)]
        for store, days in found.items()
    }


def future_rows(store: str, days: list[float], last: dt.date) -> list[tuple[Any, ...]]:
    """The rows of ``revenue_forecast``."""
    return [
        (store, last + dt.timedelta(ahead), *(round(value, 2) for value in values), MODEL, last)
        for ahead, values in enumerate(zip(*forecast(days), strict=True), start=1)
    ]


def accuracy_row(
    store: str, score: Score, last: dt.date, days: int, revenue: Decimal, reason: str | None
) -> tuple[Any, ...]:
    """A row of ``forecast_accuracy``; an error is a share of the revenue, None where there was none."""
    errors = [round(error / score.revenue, 9) if score.revenue else None for error in (score.error, score.naive_error)]
    coverage = round(score.covered / score.days, 9) if score.days else None
    return (store, score.days, *errors, coverage, MODEL, last, days, revenue, reason)


def replace(connection: duckdb.DuckDBPyConnection, tables: dict[str, list[tuple[Any, ...]]]) -> None:
    """Replaces all rows of the tables, of all or of none."""
    connection.execute("BEGIN")
    for table, rows in tables.items():
        connection.execute(f"DELETE FROM {table}")
        if rows:
            places = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    connection.execute("COMMIT")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except JobError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
