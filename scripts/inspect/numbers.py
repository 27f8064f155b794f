"""How the numbers of a column are written, with the evidence that decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sales_job.lake.translate import DECORATED

DECORATED_SHARE = 0.1
"""Share of values with a currency or a unit from which on these belong to the form of the column."""

CLEAR_SHARE = 0.98
"""Share of the deciding values that decides where others contradict them: those are bad lines."""


class Value(NamedTuple):
    """A text of a column, the first line that has it, and how many lines have it (``lines``)."""

    text: str
    line: int
    lines: int


@dataclass(frozen=True)
class Reading:
    """How a column is written, as properties of the descriptor, and the value that shows it.

    ``option``: what decides where the values fit two readings, else None. ``zoned``: times have a zone.
    """

    properties: Mapping[str, object]
    evidence: str
    option: str | None = None
    zoned: bool = False


GROUPS = ".,'\u2019 \u00a0\u202f"


def _separators(core: str) -> tuple[bool, bool]:
    """Whether a number can be written with a decimal comma, with a decimal point; both where it may be either."""
    comma = re.fullmatch(
        r"[0-9]{0,3}(?:([.'\u2019 \u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*)?(?:,[0-9]*)?|[0-9]*,[0-9]*", core
    )
    point = re.fullmatch(
        r"[0-9]{0,3}(?:([,'\u2019 \u00a0\u202f])[0-9]{2,3}(?:\1[0-9]{2,3})*)?(?:\.[0-9]*)?|[0-9]*\.[0-9]*", core
    )
    # A leading zero is no group: 0.250 has decimals.
    zero = re.match(r"0+[.,]", core)
    by_comma = comma is not None and not (zero and zero[0].endswith("."))
    by_point = point is not None and not (zero and zero[0].endswith(",")) and not re.search(r",[0-9]{1,2}$", core)
    return by_comma, by_point


def read_number(values: Sequence[Value], decimal: str | None, other: str | None = None) -> Reading:
    """How the numbers of a column are written.

    Args:
        decimal: comma or point, if it is known.
        other: the decimal sign of another column of the file, which decides where this one leaves it open.
    """
    total = sum(value.lines for value in values) or 1
    evidence: dict[str, list[Value]] = {",": [], ".": []}
    unclear: Value | None = None
    decorated = 0
    marks: set[str] = set()
    for value in values:
        parts = DECORATED.fullmatch(value.text)
        if parts is None:
            continue
        core = parts["core"]
        if parts["before"] not in ("", "+", "-") or parts["after"]:
            decorated += value.lines
        marks.update(char for char in core if char in GROUPS)
        if "," in core or "." in core:
            comma, point = _separators(core)
            if comma != point:
                evidence["," if comma else "."].append(value)
            elif comma:
                unclear = unclear or value
    properties: dict[str, object] = {"bareNumber": False} if decorated >= DECORATED_SHARE * total else {}
    sign, said, option = _decimal(evidence, unclear, decimal, other)
    if sign == ",":
        properties["decimalChar"] = ","
    groups = marks - {sign}
    if groups & set(" \u00a0\u202f"):
        groups = (groups - set(" \u00a0\u202f")) | {" "}
    if groups:
        properties["groupChar"] = min(groups, key=lambda char: ".,".find(char) < 0)
    return Reading(properties, said, option)


def _decimal(
    evidence: Mapping[str, Sequence[Value]], unclear: Value | None, decimal: str | None, other: str | None
) -> tuple[str, str, str | None]:
    """The decimal sign, the evidence for it, and the option that decides where there is none."""
    names = {",": "comma", ".": "point"}
    option = "--decimal comma|point"
    if decimal is not None:
        return "," if decimal == "comma" else ".", f"--decimal {decimal}", None
    found = {sign: min(values, key=lambda value: value.line) for sign, values in evidence.items() if values}
    if found:
        counts = {sign: sum(value.lines for value in evidence[sign]) for sign in found}
        likely = max(counts, key=lambda sign: counts[sign])
        said = f"'{found[likely].text}' in line {found[likely].line}: decimal {names[likely]}"
        if len(found) == 1:
            return likely, said, None
        rest = found[next(sign for sign in found if sign != likely)]
        said = f"{said}, but '{rest.text}' in line {rest.line}"
        return likely, said, None if counts[likely] >= CLEAR_SHARE * sum(counts.values()) else option
    if unclear is None:
        return ".", "whole numbers", None
    if other is not None:
        return other, f"'{unclear.text}': decimal {names[other]}, as in the other columns", None
    return ".", f"'{unclear.text}' in line {unclear.line} may be thousands or decimals", option
