"""SAFE_DIVIDE in DuckDB against Python's decimals, of which BigQuery's NUMERIC are a kind."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sales_job.warehouse import duckdb_division


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    duckdb_division.define(opened)
    return opened


def divide(connection: duckdb.DuckDBPyConnection, dividend: str | None, divisor: str | None) -> object:
    sql = "SELECT safe_divide(CAST(? AS DECIMAL(38, 9)), CAST(? AS DECIMAL(38, 9)))"
    row = connection.execute(sql, [dividend, divisor]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [
        ("1", "3", "0.333333333"),
        ("2", "3", "0.666666667"),
        ("-2", "3", "-0.666666667"),
        ("-2", "-3", "0.666666667"),
        # Halves go away from zero.
        ("0.000000001", "2", "0.000000001"),
        ("-0.000000001", "2", "-0.000000001"),
        ("0.000000003", "2", "0.000000002"),
        ("0.000000001", "2.000000001", "0"),
        # A float cannot tell these from a half.
        ("4503599627370496.000000001", "9007199254740992", "0.5"),
        ("9999999999999999999", "10000000000000000000", "1"),
        # Beyond what whole numbers of 128 bits hold on the way.
        ("99999999999999999999999999999.999999999", "3", "33333333333333333333333333333.333333333"),
        ("1", "99999999999999999999999999999", "0"),
        ("1234567890123", "0.000000001", "1234567890123000000000"),
        ("0", "5", "0"),
    ],
)
def test_nine_decimals_exactly(
    connection: duckdb.DuckDBPyConnection, dividend: str, divisor: str, quotient: str
) -> None:
    assert divide(connection, dividend, divisor) == Decimal(quotient)


@pytest.mark.parametrize(("dividend", "divisor"), [("1", "0"), ("0", "0"), (None, "1"), ("1", None), (None, "0")])
def test_nothing_to_divide_by_is_null(
    connection: duckdb.DuckDBPyConnection, dividend: str | None, divisor: str | None
) -> None:
    assert divide(connection, dividend, divisor) is None


def test_whole_numbers_and_fewer_decimals_are_divided_too(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT safe_divide(10.5, 4::BIGINT), safe_divide(7::BIGINT, -2.0), safe_divide(1, 3)"
    assert connection.execute(sql).fetchone() == (Decimal("2.625"), Decimal("-3.5"), Decimal("0.333333333"))


units = st.one_of(*[st.integers(-(10**digits), 10**digits) for digits in (2, 9, 14, 20, 28, 37)])


@settings(max_examples=500, deadline=None)
@given(dividend=units, divisor=units.filter(bool))
def test_any_numbers(connection: duckdb.DuckDBPyConnection, dividend: int, divisor: int) -> None:
    with localcontext() as context:
        context.prec = 90
        quotient = (Decimal(dividend) / divisor).quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP)
        assume(abs(quotient) < Decimal("1e29"))
        found = divide(connection, f"{Decimal(dividend).scaleb(-9):f}", f"{Decimal(divisor).scaleb(-9):f}")
    assert found == quotient


def test_only_an_absurd_dividend_is_divided_in_python() -> None:
    opened = duckdb.connect()
    opened.execute("CREATE MACRO divide_any(x, y) AS error('one row at a time')")
    opened.execute(duckdb_division.macro("MACRO", "divide_any(x, y)"))
    assert divide(opened, "99999999999999999999.999999999", "0.000000001") == Decimal("99999999999999999999999999999")
    with pytest.raises(duckdb.Error, match="one row at a time"):
        divide(opened, "100000000000000000000", "3")
