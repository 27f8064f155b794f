"""The document of the report: its periods, whole numbers and packing. The page itself is tested in test/report."""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib
from decimal import Decimal as D
from typing import Any

import pytest

from sales_job.report.columns import measure
from sales_job.report.document import shown_from
from sales_job.report.page import pack, page
from sales_job.report.queries import COLUMNS, query, rows
from sales_job.report.spans import periods


def named(first: str, last: str) -> dict[str, tuple[str, ...]]:
    found = periods(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return {
        period.name: tuple(
            "none" if span is None else f"{span[0]}..{span[1]}" for span in (period.days, period.before, period.year)
        )
        for period in found
    }


def test_the_last_days_are_compared_with_like_weekdays_that_the_page_holds_whole() -> None:
    found = named("2025-03-15", "2026-03-14")
    # 365 days: the 364 before the last 364 are not there, nor the 28 of a year before the last 28.
    assert found["last-7"] == ("2026-03-08..2026-03-14", "2026-03-01..2026-03-07", "none")
    assert found["last-364"] == ("2025-03-16..2026-03-14", "none", "none")
    assert found["all"] == ("2025-03-15..2026-03-14", "none", "none")
    assert named("2025-03-09", "2026-03-14")["last-7"][2] == "2025-03-09..2025-03-15"
    assert "last-7" not in named("2026-03-09", "2026-03-14")


def test_a_month_that_is_not_over_is_compared_with_as_many_days() -> None:
    found = named("2024-02-29", "2026-03-14")
    assert found["2026-03"] == ("2026-03-01..2026-03-14", "2026-02-01..2026-02-14", "2025-03-01..2025-03-14")
    # Whole months, however long they are.
    assert found["2026-02"] == ("2026-02-01..2026-02-28", "2026-01-01..2026-01-31", "2025-02-01..2025-02-28")
    assert found["2024-03"] == ("2024-03-01..2024-03-31", "none", "none")
    assert found["2024-02"] == ("2024-02-29..2024-02-29", "none", "none")
    assert list(found)[-1] == "2024-02"
    # The 30 days of March that have passed, and all 28 of February.
    assert named("2026-01-01", "2026-03-30")["2026-03"][1] == "2026-02-01..2026-02-28"


@pytest.mark.parametrize(
    ("values", "decimals", "limbs"),
    [
        ([D("12.500000000"), D("-0.250000000"), D("3")], 2, [[1250, -25, 300]]),
        ([D("1200.000000000"), D("0")], 0, [[1200, 0]]),
        ([D("0.000000001")], 9, [[1]]),
        ([3, 4], 0, [[3, 4]]),
        ([], 0, [[]]),
        # 2 ** 53 and more in sum: split at ten digits, each part with the sign of the whole.
        (
            [D("90071992547409931.27"), D("-90071992547409931.27")],
            2,
            [[4740993127, -4740993127], [900719925, -900719925]],
        ),
    ],
)
def test_money_is_whole_numbers_of_its_smallest_decimal(values: list[Any], decimals: int, limbs: list[Any]) -> None:
    assert measure(values) == {"decimals": decimals, "limbs": limbs}


def test_packed_numbers_are_the_bytes_of_their_codes() -> None:
    numbers = [0, -1, 1, 300, *[0] * 28]
    packed = zlib.decompress(
        base64.b64decode(pack({"a": {"day": [0, 2, 2], "x": numbers}, "b": ["a\u00e9", None, True]}))
    )
    size = int.from_bytes(packed[:4], "little")
    assert json.loads(packed[4 : 4 + size]) == {
        "a": {"day": [0, 2, 2], "x": {"packed": [32, 2, 0]}},
        "b": ["a\u00e9", None, True],
    }
    # 0, -1, 1 and 300 are 0, 1, 2 and 600: low bytes first, then high ones.
    assert packed[4 + size :] == bytes([0, 1, 2, 600 % 256]) + bytes(28) + bytes([0, 0, 0, 2]) + bytes(28)
    days = [5 * n for n in range(40)]
    packed = zlib.decompress(base64.b64decode(pack({"day": days})))
    assert packed[-40:] == bytes([0] + [10] * 39)


@pytest.mark.parametrize(
    ("first", "stores", "shown"),
    [
        ("2026-01-01", 8, "2026-01-01"),
        ("2020-01-01", 200, "2024-03-31"),
        # 150,000 days of stores: 150 days of 1000.
        ("2020-01-01", 1000, "2025-11-02"),
    ],
)
def test_the_page_shows_two_years_or_fewer_days_of_many_stores(first: str, stores: int, shown: str) -> None:
    extent = {"first_day": dt.date.fromisoformat(first), "last_day": dt.date(2026, 3, 31), "stores": stores}
    assert shown_from(extent) == dt.date.fromisoformat(shown)


def test_values_are_the_same_from_a_client_and_from_the_api_as_texts() -> None:
    asked = query("category_days", first_day="2026-01-01", last_day="2026-01-31", area="days.store_id")
    assert "${" not in asked.sql
    values = {"transaction_date": dt.date(2026, 1, 5), "area": "S1", "category": None, "transactions": 3}
    money = dict.fromkeys(("revenue", "gross_profit", "returned_revenue"), D("1.50"))
    texts = {name: None if value is None else str(value) for name, value in {**values, **money}.items()}
    assert rows(lambda _: [values | money], asked) == rows(lambda _: [texts], asked) == [values | money]


def test_every_query_is_declared_with_its_columns() -> None:
    assert all(query(name).sql.lstrip().startswith(("SELECT", "WITH", "--")) for name in COLUMNS)


def test_a_template_without_a_place_is_refused() -> None:
    with pytest.raises(Exception, match="npm run setup -- report"):
        page("<html></html>", {})
