"""BigQuery's SAFE_DIVIDE on NUMERIC, for DuckDB, whose own division of decimals is a float's: nine decimals, halves
away from zero; NULL for a divisor of zero.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
from duckdb.func import FunctionNullHandling

NUMERIC = "DECIMAL(38, 9)"

# A float's quotient below 100,000 is at most a billionth off, which the remainder tells: exact in 38 digits while the
# dividend has 19 before the point.
QUOTIENT = "CAST(CAST(abs(x) AS DOUBLE) / CAST(abs(y) AS DOUBLE) AS DECIMAL(38, 9))"
TWICE_THE_REST = f"2 * (abs(x) - {QUOTIENT} * abs(y))"
BILLIONTH = "abs(y) * 0.000000001"
MACRO = f"""
    CREATE OR REPLACE TEMPORARY MACRO safe_divide(x, y) AS CASE
        WHEN y = 0 THEN NULL
        WHEN abs(x) < 10000000000000000000 AND CAST(abs(x) AS DOUBLE) < 99999 * CAST(abs(y) AS DOUBLE)
        THEN CAST(sign(x) * sign(y) * ({QUOTIENT} + CASE
            WHEN {TWICE_THE_REST} >= {BILLIONTH} THEN 0.000000001
            WHEN {TWICE_THE_REST} < -{BILLIONTH} THEN -0.000000001
            ELSE 0
        END) AS {NUMERIC})
        ELSE divide_any(x, y)
    END"""


def divide_any(dividend: Decimal | None, divisor: Decimal | None) -> Decimal | None:
    """The same for numbers of any size, a row at a time, which takes a hundred times as long."""
    if dividend is None or divisor is None or divisor == 0:
        return None
    with localcontext() as context:
        context.prec = 76
        return (dividend / divisor).quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP)


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives a connection ``safe_divide(x, y)``."""
    connection.create_function(
        "divide_any",
        divide_any,
        [NUMERIC, NUMERIC],
        NUMERIC,
        # A result of NULL must be allowed, so arguments of NULL come too.
        null_handling=FunctionNullHandling.SPECIAL,
    )
    connection.execute(MACRO)
