"""The rows of the catalog's views in plain Python, from the rows of the tables: days are looped over, nothing is SQL.

A table's rows are dictionaries by column, dates as ``date`` and decimals as ``Decimal``. A view's rows are tuples in
the order of its columns.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

Record = dict[str, Any]
Tables = dict[str, list[Record]]
Rows = list[tuple[Any, ...]]

ZERO = Decimal(0)
WINDOW = 28


def ratio(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """``part`` / ``whole`` with nine decimals, halves away from zero; None without one of them or where it is 0."""
    if part is None or not whole:
        return None
    with localcontext() as context:
        context.prec = 76
        return (Decimal(part) / Decimal(whole)).quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP)


def share(part: Decimal, whole: Decimal | int | None) -> Decimal | None:
    """A ratio of a positive whole."""
    return ratio(part, whole) if whole is not None and whole > 0 else None


def growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The change as a share of what was before, which must be positive."""
    return None if now is None or before is None else share(now - before, before)


def shares(revenues: dict[str, Decimal]) -> dict[str, Decimal]:
    """The share of each in the sum of the positive ones."""
    whole = sum((revenue for revenue in revenues.values() if revenue > 0), ZERO)
    return {key: (ratio(revenue, whole) or ZERO) if revenue > 0 else ZERO for key, revenue in revenues.items()}


def ranks(revenues: dict[str, Decimal]) -> dict[str, int]:
    """1 for the highest; equal ones in the order of their ids."""
    return {key: place for place, key in enumerate(sorted(revenues, key=lambda key: (-revenues[key], key)), start=1)}


def by(rows: Iterable[Record], *columns: str) -> dict[Any, list[Record]]:
    """Rows by the values of one column, or of several as a tuple."""
    groups: dict[Any, list[Record]] = defaultdict(list)
    for row in rows:
        key = tuple(row[column] for column in columns)
        groups[key if len(columns) > 1 else key[0]].append(row)
    return groups


def total(rows: Iterable[Record], column: str) -> Decimal:
    """The sum of a column."""
    return sum((row[column] for row in rows), ZERO)


def two_windows(rows: list[Record], sold: str) -> tuple[dt.date | None, Callable[[Record], int | None]]:
    """The last day with sales, and what says of a row whether it is in the last window (0), the one before (1), or
    earlier (2); None after the last day with sales.
    """
    as_of = max((row["transaction_date"] for row in rows if row[sold] > 0), default=None)

    def window(row: Record) -> int | None:
        if as_of is None or row["transaction_date"] > as_of:
            return None
        return min((as_of - row["transaction_date"]).days // WINDOW, 2)

    return as_of, window


def customers(tables: Tables) -> Rows:
    """One row a customer."""
    found = []
    for key, lines in by(tables["sales_lines"], "customer_key").items():
        if key is None:
            continue
        sales = [line for line in lines if line["quantity"] > 0]
        returns = [line for line in lines if line["quantity"] < 0]
        days = sorted(line["transaction_date"] for line in sales) or [None]
        transactions = len({line["transaction_id"] for line in sales})
        sums = [total(lines, column) for column in ("quantity", "amount", "profit")]
        found.append(
            (key, days[0], days[-1], transactions, *sums, -total(returns, "quantity"), -total(returns, "amount"))
        )
    return found


def product_trends(tables: Tables) -> Rows:
    """One row a product of the last two windows."""
    rows = tables["daily_product_sales"]
    as_of, window = two_windows(rows, "transactions")
    products = {row["product_id"]: row for row in tables["products"]}
    groups: tuple[dict[str, list[Record]], ...] = tuple(
        by([row for row in rows if window(row) == number], "product_id") for number in (0, 1)
    )
    revenues = [{key: total(days, "revenue") for key, days in group.items()} for group in groups]
    places = [ranks(revenue) for revenue in revenues]
    every = {key: revenues[0].get(key, ZERO) for key in {*revenues[0], *revenues[1]}}
    parts = shares(every)
    classes = {}
    above = ZERO
    whole = sum((revenue for revenue in every.values() if revenue > 0), ZERO)
    for key in ranks(every):
        better = ratio(above, whole) or ZERO
        limits = [("A", Decimal("0.8")), ("B", Decimal("0.95"))] if every[key] > 0 else []
        classes[key] = next((name for name, limit in limits if better < limit), "C")
        above += max(every[key], ZERO)
    found = []
    for key, revenue in every.items():
        now, before = groups[0].get(key, []), groups[1].get(key)
        profit = total(now, "gross_profit")
        rank, previous_rank = (place.get(key) for place in places)
        named = products.get(key, {})
        found.append(
            (
                as_of,
                key,
                named.get("product_name"),
                named.get("category"),
                revenue,
                total(now, "quantity"),
                profit,
                share(profit, revenue),
                revenues[1].get(key),
                None if before is None else total(before, "quantity"),
                growth(revenue, revenues[1].get(key)),
                rank,
                previous_rank,
                None if rank is None or previous_rank is None else previous_rank - rank,
                parts[key],
                classes[key],
            )
        )
    return found


def store_comparison(tables: Tables) -> Rows:
    """One row a store of the last two windows."""
    rows = tables["daily_sales_summary"]
    as_of, window = two_windows(rows, "daily_transactions")
    stores = {row["store_id"]: row for row in tables["stores"]}
    now, before = (by([row for row in rows if window(row) == number], "store_id") for number in (0, 1))
    revenue = {key: total(now.get(key, []), "daily_revenue") for key in {*now, *before}}
    previous = {key: total(days, "daily_revenue") for key, days in before.items()}
    both = set(now) & set(before)

    def around(key: str, column: str) -> list[str]:
        """The stores with the same region or type."""
        here = stores.get(key, {}).get(column)
        return [other for other in revenue if stores.get(other, {}).get(column) == here]

    def grown(keys: Iterable[str]) -> Decimal | None:
        in_both = [key for key in keys if key in both]
        if not in_both:
            return None
        return growth(sum(revenue[key] for key in in_both), sum(previous[key] for key in in_both))

    found = []
    for key, place in ranks(revenue).items():
        store = stores.get(key, {})
        size = store.get("store_size_sqft")
        profit = total(now.get(key, []), "gross_profit")
        region, kind = around(key, "region"), around(key, "store_type")
        found.append(
            (
                as_of,
                key,
                *(store.get(column) for column in ("store_name", "region", "store_type", "store_size_sqft")),
                len(now.get(key, [])),
                revenue[key],
                profit,
                share(profit, revenue[key]),
                sum(day["daily_transactions"] for day in now.get(key, [])),
                len(before.get(key, [])),
                previous.get(key),
                grown([key]),
                place,
                shares(revenue)[key],
                share(revenue[key], size),
                shares({other: revenue[other] for other in region})[key],
                grown(region),
                shares({other: revenue[other] for other in kind})[key],
                grown(kind),
            )
        )
    return found


SEGMENTS = {
    # A row of these squares is a frequency score from 1 to 5, a place in it a monetary score from 1 to 5.
    5: "nnnbb pppbb pppbb lllcc lllcc",
    4: "nnnbb pppbb pppbb lllcc lllcc",
    3: "aaabb aaabb aaabb lllll lllll",
    2: "sssrr sssrr sssrr rrrxx rrrxx",
    1: "ooorr ooorr ooorr rrrxx rrrxx",
}
"""The segments by recency score, written out."""

NAMES = {
    "c": "champions",
    "l": "loyal",
    "b": "big spenders",
    "n": "new",
    "p": "promising",
    "a": "need attention",
    "x": "cannot lose",
    "r": "at risk",
    "s": "slipping",
    "o": "lost",
}


def segment(recency: int, frequency: int, monetary: int) -> str:
    """The segment of three scores."""
    return NAMES[SEGMENTS[recency].split()[frequency - 1][monetary - 1]]


def customer_segments(tables: Tables) -> Rows:
    """One row a customer with a sale."""
    known = [row for row in customers(tables) if row[2] is not None]
    found = []
    for row in known:
        key, first, last, transactions, _, revenue, profit, *_ = row
        as_of = max(other[2] for other in known)
        # The columns last_day, transactions and revenue.
        worse = [sum(other[place] < row[place] for other in known) for place in (2, 3, 5)]
        scores = [next(score for score in range(5, 0, -1) if 5 * count >= (score - 1) * len(known)) for count in worse]
        found.append(
            (
                as_of,
                key,
                first,
                last,
                (as_of - last).days,
                transactions,
                revenue,
                profit,
                ratio(revenue, transactions),
                *scores,
                segment(*scores),
            )
        )
    return found


def month_of(day: dt.date) -> dt.date:
    """The first day of its month."""
    return day.replace(day=1)


def cohort_retention(tables: Tables) -> Rows:
    """One row a cohort and month from its first on."""
    cohort_of = {row[0]: month_of(row[1]) for row in customers(tables) if row[1] is not None}
    lines = [line for line in tables["sales_lines"] if line["customer_key"] in cohort_of]
    months = {month_of(line["transaction_date"]) for line in lines if line["quantity"] > 0}
    found = []
    for cohort in sorted(set(cohort_of.values())):
        members = {key for key, month in cohort_of.items() if month == cohort}
        for month in sorted(month for month in months if month >= cohort):
            theirs = [
                line
                for line in lines
                if line["customer_key"] in members and month_of(line["transaction_date"]) == month
            ]
            bought = len({line["customer_key"] for line in theirs if line["quantity"] > 0})
            revenue = total(theirs, "amount")
            found.append(
                (
                    cohort,
                    (month.year - cohort.year) * 12 + month.month - cohort.month,
                    month,
                    len(members),
                    bought,
                    ratio(bought, len(members)),
                    revenue,
                    ratio(revenue, bought),
                )
            )
    return found


def inventory_signals(tables: Tables) -> Rows:
    """One row a product that is listed or was sold."""
    rows = tables["daily_product_sales"]
    as_of, window = two_windows(rows, "transactions")
    listed = {row["product_id"]: row for row in tables["products"]}
    days_of = by([row for row in rows if window(row) is not None], "product_id")
    found = []
    for key in {*listed, *days_of}:
        product, days = listed.get(key, {}), days_of.get(key, [])
        sales = sorted(day["transaction_date"] for day in days if day["transactions"] > 0)
        now, before = (total([day for day in days if window(day) == number], "quantity") for number in (0, 1))
        pace = previous = idle = cover = None
        if sales and as_of:
            on_sale = [as_of - dt.timedelta(back) >= sales[0] for back in range(2 * WINDOW)]
            pace = ratio(now, sum(on_sale[:WINDOW]))
            if (stock := product.get("stock_quantity")) is not None and now > 0:
                cover = ratio(stock * sum(on_sale[:WINDOW]), now)
            previous = ratio(before, sum(on_sale[WINDOW:]))
            idle = (as_of - sales[-1]).days
        found.append(
            (
                as_of,
                key,
                *(product.get(column) for column in ("product_name", "category", "discontinued")),
                *((sales[0], sales[-1]) if sales else (None, None)),
                idle,
                now,
                pace,
                before,
                previous,
                _signal(idle, pace, previous),
                product.get("stock_quantity"),
                cover,
            )
        )
    return found


def _signal(idle: int | None, pace: Decimal | None, previous: Decimal | None) -> str:
    if idle is None or idle >= WINDOW or pace is None:
        return "dead"
    if previous is None or pace > previous * 5 / 4:
        return "rising"
    return "slowing" if pace < previous * 3 / 4 else "steady"


def daily_revenue(tables: Tables) -> Rows:
    """One row a day."""
    names = ("daily_revenue", "daily_quantity", "gross_profit")
    returned = ("returned_quantity", "returned_revenue")
    return [
        (day, *(total(rows, name) for name in names), len(rows), *(total(rows, name) for name in returned))
        for day, rows in by(tables["daily_sales_summary"], "transaction_date").items()
    ]


def return_rate(revenue: Decimal, returned: Decimal) -> Decimal | None:
    """The share of what was sold that came back."""
    return share(returned, revenue + returned)


def kpis_daily(tables: Tables) -> Rows:
    """One row a day and store."""
    found = []
    for row in tables["daily_sales_summary"]:
        revenue, transactions, known = row["daily_revenue"], row["daily_transactions"], row["unique_customers"]
        baskets = [ratio(revenue, transactions), ratio(row["daily_quantity"], transactions)]
        rates = [share(row["gross_profit"], revenue), return_rate(revenue, row["returned_revenue"])]
        figures = (revenue, transactions, known, *baskets, ratio(revenue, known), *rates)
        found.append((row["transaction_date"], row["store_id"], row.get("store_name"), *figures))
    return found


def periods(tables: Tables, first_of: Callable[[dt.date], dt.date], before: Callable[[dt.date, bool], dt.date]) -> Rows:
    """One row a period and store. ``before`` gives the first day of the period before, or of that a year before."""
    rows = tables["daily_sales_summary"]
    as_of, _ = two_windows(rows, "daily_transactions")
    running = None
    if as_of is not None and first_of(as_of + dt.timedelta(1)) == first_of(as_of):
        running = first_of(as_of)
    groups: dict[tuple[dt.date, str], list[Record]] = defaultdict(list)
    for row in rows:
        groups[first_of(row["transaction_date"]), row["store_id"]].append(row)

    def held_against(period: dt.date, store: str, year: bool) -> tuple[int, Decimal | None]:
        other = before(period, year)
        days = groups.get((other, store), [])
        if period == running and as_of is not None:
            days = [day for day in days if day["transaction_date"] - other <= as_of - period]
        return len(days), total(days, "daily_revenue") if days else None

    found = []
    for (period, store), days in groups.items():
        revenue, profit = total(days, "daily_revenue"), total(days, "gross_profit")
        previous_days, previous = held_against(period, store, False)
        year_days, year = held_against(period, store, True)
        returned = total(days, "returned_revenue")
        found.append(
            (
                period,
                store,
                max(days, key=lambda day: day["transaction_date"]).get("store_name"),
                len(days),
                period != running,
                revenue,
                total(days, "daily_quantity"),
                sum(day["daily_transactions"] for day in days),
                profit,
                share(profit, revenue),
                previous_days,
                previous,
                growth(revenue, previous),
                year_days,
                year,
                growth(revenue, year),
                total(days, "returned_quantity"),
                returned,
                return_rate(revenue, returned),
            )
        )
    return found


def weekly_sales(tables: Tables) -> Rows:
    """One row a week and store."""
    return periods(
        tables,
        lambda day: day - dt.timedelta(day.weekday()),
        lambda monday, year: monday - dt.timedelta(weeks=52 if year else 1),
    )


def monthly_sales(tables: Tables) -> Rows:
    """One row a month and store."""
    return periods(
        tables,
        month_of,
        lambda first, year: first.replace(year=first.year - 1) if year else month_of(first - dt.timedelta(1)),
    )


VIEWS: dict[str, Callable[[Tables], Rows]] = {
    "customers": customers,
    "product_trends": product_trends,
    "store_comparison": store_comparison,
    "customer_segments": customer_segments,
    "cohort_retention": cohort_retention,
    "inventory_signals": inventory_signals,
    "daily_revenue": daily_revenue,
    "kpis_daily": kpis_daily,
    "weekly_sales": weekly_sales,
    "monthly_sales": monthly_sales,
}
"""Every view, with the function that gives its rows."""


def daily(lines: list[Record], key: str, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """What the daily tables hold of sales lines, one row a day and ``key``: revenue, quantity, transactions, the other
    distinct count of ``names``, profit, returned quantity and revenue.
    """
    other = names[0]
    for (day, value), group in by(lines, "transaction_date", key).items():
        sales = [line for line in group if line["quantity"] > 0]
        returns = [line for line in group if line["quantity"] < 0]
        yield (
            day,
            value,
            total(group, "amount"),
            total(group, "quantity"),
            len({line["transaction_id"] for line in sales}),
            len({line[other] for line in sales} - {None}),
            total(group, "profit"),
            -total(returns, "quantity"),
            -total(returns, "amount"),
        )
