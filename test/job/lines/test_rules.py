"""The rules for good lines, each by itself: texts in, typed values and reasons out."""

import datetime as dt

from odd_lines import GOOD, READ, but
from pyspark.sql import Row, SparkSession

from sales_job.base.sales_columns import READ_COLUMNS, SALES_COLUMNS
from sales_job.lines.rules import classify


def lines_of(spark: SparkSession, *texts: tuple[str | None, ...]) -> list[Row]:
    schema = ", ".join(f"{name} string" for name in READ_COLUMNS)
    rows = spark.createDataFrame(list(texts), schema).selectExpr("*", "FALSE AS surplus", "NULL AS doubtful_file")
    return classify(rows).drop("doubtful_file").collect()


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
