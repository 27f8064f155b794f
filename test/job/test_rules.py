"""The rules for good lines, each by itself: texts in, typed values and reasons out."""

import datetime as dt

from pyspark.sql import Row, SparkSession

from sales_job.base.sales_columns import READ_COLUMNS, SALES_COLUMNS
from sales_job.lines.rules import classify

GOOD = ("T1", "P1", "S1", "2", "2.50", "2026-01-02", "C1", None)


def lines_of(spark: SparkSession, *texts: tuple[str | None, ...]) -> list[Row]:
    schema = ", ".join(f"{name} string" for name in READ_COLUMNS)
    rows = spark.createDataFrame(list(texts), schema).selectExpr("*", "FALSE AS surplus", "NULL AS doubtful_file")
    return classify(rows).drop("doubtful_file").collect()


def but(**changes: str | None) -> tuple[str | None, ...]:
    """A good line with some texts changed."""
    return tuple(changes.get(name, text) for name, text in zip(READ_COLUMNS, GOOD, strict=True))


def test_a_good_line_is_typed(spark: SparkSession) -> None:
    (line,) = lines_of(spark, GOOD)
    assert line.asDict() == {
        "transaction_id": "T1",
        "product_id": "P1",
        "store_id": "S1",
        "quantity_units": 2_000,
        "price_units": 25_000,
        "transaction_date": dt.date(2026, 1, 2),
        "customer_id": "C1",
        "line_number": None,
        "reason": None,
        "raw": None,
        "source": None,
    }


READ: list[tuple[dict[str, str | None], dict[str, object]]] = [
    ({"quantity": " 7\t"}, {"quantity_units": 7_000}),
    ({"quantity": "007"}, {"quantity_units": 7_000}),
    ({"quantity": "999999999999999"}, {"quantity_units": 999_999_999_999_999_000}),
    ({"quantity": "999999999999999.999"}, {"quantity_units": 999_999_999_999_999_999}),
    ({"quantity": "-999999999999999.999"}, {"quantity_units": -999_999_999_999_999_999}),
    ({"quantity": "-2"}, {"quantity_units": -2_000}),
    ({"quantity": "-002.50"}, {"quantity_units": -2_500}),
    ({"quantity": "0.250"}, {"quantity_units": 250}),
    ({"quantity": "0.001"}, {"quantity_units": 1}),
    ({"quantity": "1.5"}, {"quantity_units": 1_500}),
    ({"quantity": ".5"}, {"quantity_units": 500}),
    ({"quantity": "-.125"}, {"quantity_units": -125}),
    ({"quantity": "1.2340000000"}, {"quantity_units": 1_234}),
    ({"unit_price": "0"}, {"price_units": 0}),
    ({"unit_price": "0.1234"}, {"price_units": 1_234}),
    ({"unit_price": "00012.5"}, {"price_units": 125_000}),
    ({"unit_price": "1.05"}, {"price_units": 10_500}),
    ({"unit_price": "99999999999999.9999"}, {"price_units": 999_999_999_999_999_999}),
    ({"unit_price": f"{'0' * 40}7.5"}, {"price_units": 75_000}),
    ({"quantity": f"{'0' * 40}7"}, {"quantity_units": 7_000}),
    ({"quantity": f"{'0' * 40}7.25"}, {"quantity_units": 7_250}),
    ({"quantity": "5.0"}, {"quantity_units": 5_000}),
    ({"quantity": "+5."}, {"quantity_units": 5_000}),
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
    ({"line_number": " 2\u00a0"}, {"line_number": "2"}),
    ({"line_number": "002"}, {"line_number": "002"}),
    ({"line_number": " "}, {"line_number": None}),
]
"""Changes of a good line, and what is read of them."""


def test_every_good_text_has_its_value(spark: SparkSession) -> None:
    lines = lines_of(spark, *[but(**changes) for changes, _ in READ])
    found = [
        ({name: line[name] for name in expected}, line.reason) for line, (_, expected) in zip(lines, READ, strict=True)
    ]
    assert found == [(expected, None) for _, expected in READ]


def test_every_bad_text_has_its_reason(spark: SparkSession) -> None:
    quantity = "quantity is not a plain decimal other than 0 (15 digits and 3 decimals at most)"
    price = "unit_price is not a plain decimal of at least 0 (14 digits and 4 decimals at most)"
    date = "transaction_date is not a date from 1960-01-01 to 2159-12-31 written yyyy-MM-dd"
    cases = [
        *[(but(**{name: text}), f"{name} is missing") for name in SALES_COLUMNS[:-1] for text in (None, "", " \u2003")],
        *[(but(quantity=text), quantity) for text in ("0", "00", "-0", "0.000", "-0.0", "+", "-", ".", "+-1", "--1")],
        *[(but(quantity=text), quantity) for text in ("1e3", "two", "1 000", "1,5", "- 1", "1-", "\uff11", "-\uff11")],
        *[(but(quantity=text), quantity) for text in ("0.0001", "1.2345", "1.00010", "1.-5", "1.5.0", "1_0", "1.5 0")],
        *[(but(quantity=f"{sign}1000000000000000"), quantity) for sign in ("", "+", "-")],
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
        ((None,) * 8, "; ".join(f"{name} is missing" for name in SALES_COLUMNS[:-1])),
    ]
    lines = lines_of(spark, *[texts for texts, _ in cases])
    assert [line.reason for line in lines] == [reason for _, reason in cases]
    # The texts are kept as they came.
    assert [tuple(line.raw) for line in lines] == [texts[:7] for texts, _ in cases]
