"""The rules for good lines, each by itself: texts in, typed values and reasons out."""

import datetime as dt

import pytest
from pyspark.sql import Row, SparkSession

from sales_job.base.sales_columns import SALES_COLUMNS
from sales_job.lines.rules import classify

GOOD = ("T1", "P1", "S1", "2", "2.50", "2026-01-02", "C1")


def lines_of(spark: SparkSession, *texts: tuple[str | None, ...]) -> list[Row]:
    schema = ", ".join(f"{name} string" for name in SALES_COLUMNS)
    rows = spark.createDataFrame(list(texts), schema).selectExpr("*", "FALSE AS surplus", "NULL AS doubtful_file")
    return classify(rows).drop("doubtful_file").collect()


def but(**changes: str | None) -> tuple[str | None, ...]:
    """A good line with some texts changed."""
    return tuple(changes.get(name, text) for name, text in zip(SALES_COLUMNS, GOOD, strict=True))


def test_a_good_line_is_typed(spark: SparkSession) -> None:
    (line,) = lines_of(spark, GOOD)
    assert line.asDict() == {
        "transaction_id": "T1",
        "product_id": "P1",
        "store_id": "S1",
        "quantity": 2,
        "price_units": 25_000,
        "transaction_date": dt.date(2026, 1, 2),
        "customer_id": "C1",
        "reason": None,
        "raw": None,
        "source": None,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"quantity": " 7\t"}, {"quantity": 7}),
        ({"quantity": "007"}, {"quantity": 7}),
        ({"quantity": "999999999999999"}, {"quantity": 999999999999999}),
        ({"unit_price": "0"}, {"price_units": 0}),
        ({"unit_price": "0.1234"}, {"price_units": 1_234}),
        ({"unit_price": "00012.5"}, {"price_units": 125_000}),
        ({"unit_price": "1.05"}, {"price_units": 10_500}),
        ({"unit_price": "99999999999999.9999"}, {"price_units": 999_999_999_999_999_999}),
        ({"unit_price": f"{'0' * 40}7.5"}, {"price_units": 75_000}),
        ({"quantity": f"{'0' * 40}7"}, {"quantity": 7}),
        ({"quantity": "5.0"}, {"quantity": 5}),
        ({"quantity": "+5."}, {"quantity": 5}),
        ({"unit_price": ".5"}, {"price_units": 5_000}),
        ({"unit_price": "+5."}, {"price_units": 50_000}),
        ({"unit_price": "12.50000000"}, {"price_units": 125_000}),
        ({"transaction_date": "2026-01-31 08:26:00"}, {"transaction_date": dt.date(2026, 1, 31)}),
        ({"transaction_date": "2026-01-31T8:26"}, {"transaction_date": dt.date(2026, 1, 31)}),
        ({"transaction_date": "2159-12-31 23:59:59.999"}, {"transaction_date": dt.date(2159, 12, 31)}),
        ({"transaction_date": "2024-02-29"}, {"transaction_date": dt.date(2024, 2, 29)}),
        ({"transaction_date": "1960-01-01"}, {"transaction_date": dt.date(1960, 1, 1)}),
        ({"transaction_date": "2159-12-31"}, {"transaction_date": dt.date(2159, 12, 31)}),
        ({"transaction_id": "\u00a0T 1\r"}, {"transaction_id": "T 1"}),
        ({"customer_id": "  "}, {"customer_id": None}),
        ({"customer_id": None}, {"customer_id": None}),
    ],
)
def test_good(spark: SparkSession, changes: dict[str, str], expected: dict[str, object]) -> None:
    (line,) = lines_of(spark, but(**changes))
    assert line.reason is None
    assert {name: line[name] for name in expected} == expected


def test_every_bad_text_has_its_reason(spark: SparkSession) -> None:
    quantity = "quantity is not a whole number of at least 1 (15 digits at most)"
    price = "unit_price is not a plain decimal of at least 0 (14 digits and 4 decimals at most)"
    date = "transaction_date is not a date from 1960-01-01 to 2159-12-31 written yyyy-MM-dd"
    cases = [
        *[(but(**{name: text}), f"{name} is missing") for name in SALES_COLUMNS[:-1] for text in (None, "", " \u2003")],
        *[(but(quantity=text), quantity) for text in ("0", "00", "-1", "+", "1.5", "1e3", "two", "1 000", "\uff11")],
        (but(quantity="1000000000000000"), quantity),
        *[(but(unit_price=text), price) for text in ("-0.01", "1.99999", "1,99", "$1", "1e2", ".", "+", "NaN", "++1")],
        *[
            (but(unit_price=text), price)
            for text in ("1.-5", "1.5 0", "1.2.3", "-0", "1.+5", "-1.50", "1. 5", "1.\uff15")
        ],
        (but(unit_price="100000000000000"), price),
        *[
            (but(transaction_date=text), date)
            for text in (
                "2026-02-30",
                "2026-2-3",
                "02.01.2026",
                "20260102",
                "2026-01-02T24:00",
                "2026-01-02T08:26Z",
                "2026-01-02T08:26:00+01:00",
                "2026-01-02 8 o'clock",
                "2026-01-0208:26",
                "2160-01-01 08:26",
                "0000-01-01",
                "0001-01-01",
                "1959-12-31",
                "2160-01-01",
                "9999-12-31",
                "today",
                "2026-01-1T",
                "+026-01-01",
                "2026-1-011",
                "2026-01- 1",
            )
        ],
        (but(store_id="", quantity="x"), f"store_id is missing; {quantity}"),
        ((None,) * 7, "; ".join(f"{name} is missing" for name in SALES_COLUMNS[:-1])),
    ]
    lines = lines_of(spark, *[texts for texts, _ in cases])
    assert [line.reason for line in lines] == [reason for _, reason in cases]
    # The texts are kept as they came.
    assert [tuple(line.raw) for line in lines] == [texts for texts, _ in cases]
