"""BigQuery's SAFE_DIVIDE on NUMERIC, for DuckDB, whose own division of decimals is a division of floats. Nine
decimals, halves away from zero; NULL for a divisor of zero.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
from duckdb.func import FunctionNullHandling

NUMERIC = "DECIMAL(38, 9)"


def _billionths(number: str) -> str:
    # NUMERIC is written with all nine decimals: without the point, a whole number.
    return f"CAST(replace(CAST(abs(CAST({number} AS {NUMERIC})) AS VARCHAR), '.', '') AS HUGEINT)"


def macro(kind: str, large: str) -> str:
    """The statement that makes the macro; ``large`` divides what 128 bits do not hold on the way."""
    # Whole numbers of 128 bits hold the dividend in billionths of billionths below this bound.
    return f"""
    CREATE OR REPLACE {kind} safe_divide(x, y) AS CASE
        WHEN y = 0 THEN NULL
        WHEN abs(x) < 100000000000000000000 THEN CAST(
            sign(x) * sign(y)
            * (({_billionths("x")} * 1000000000 + {_billionths("y")} // 2) // {_billionths("y")})
            AS DECIMAL(38, 0)) * 0.000000001
        ELSE {large}
    END"""


def divide_any(dividend: Decimal | None, divisor: Decimal | None) -> Decimal | None:
    """The same for dividends of any size, in Python, which takes fifty times as long."""
    if dividend is None or divisor is None or divisor == 0:
        return None
    with localcontext() as context:
        context.prec = 76
        return (dividend / divisor).quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP)


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Defines ``safe_divide(x, y)`` in a connection."""
    connection.create_function(
        "divide_any",
        divide_any,
        [NUMERIC, NUMERIC],
        NUMERIC,
        # To return NULL, a function must accept NULL.
        null_handling=FunctionNullHandling.SPECIAL,
    )
    connection.execute(macro("TEMPORARY MACRO", "divide_any(x, y)"))


def define_for_readers(connection: duckdb.DuckDBPyConnection) -> None:
    """Defines ``safe_divide(x, y)`` in the file, for views that other programs read. They have no Python function: a
    dividend of 10^20 or more is divided as a float.
    """
    connection.execute(macro("MACRO", f"CAST(CAST(x AS DOUBLE) / CAST(y AS DOUBLE) AS {NUMERIC})"))
