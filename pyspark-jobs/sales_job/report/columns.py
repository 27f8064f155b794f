"""Rows as columns of whole numbers, which are exact in a browser and pack well."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

EXACT = 2**53
"""Whole numbers below are exact in JavaScript; a sum of any of the rows must be below too."""

BILLION = 10**9

LIMB = 10**10
"""Larger columns are split: the value is the sum of limb n x LIMB ** n."""

Column = dict[str, Any]


def measure(values: Sequence[Decimal | int]) -> Column:
    """A column that is added up: ``limbs`` of whole numbers, and by how many ``decimals`` they are scaled."""
    with localcontext() as context:
        # NUMERIC has 38 digits.
        context.prec = 76
        billionths = [int(value * BILLION) for value in values]
    # The decimals that no value has are zeros at the end of every value, and of their greatest common divisor.
    common = math.gcd(*billionths) or BILLION
    decimals = 9
    while decimals > 0 and common % 10 == 0:
        common //= 10
        decimals -= 1
    scale = 10 ** (9 - decimals)
    limbs = [[value // scale for value in billionths]]
    while sum(map(abs, limbs[-1])) >= EXACT:
        whole = limbs.pop()
        signs = [-1 if value < 0 else 1 for value in whole]
        limbs.append([sign * (abs(value) % LIMB) for sign, value in zip(signs, whole, strict=True)])
        limbs.append([sign * (abs(value) // LIMB) for sign, value in zip(signs, whole, strict=True)])
    return {"decimals": decimals, "limbs": limbs}


def index(values: Sequence[Any], places: Mapping[Any, int]) -> list[int]:
    """Each value's place in a list that the document holds once."""
    return [places[value] for value in values]


def transposed(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """Rows as one list a column."""
    return {name: [row[name] for row in rows] for name in names}
