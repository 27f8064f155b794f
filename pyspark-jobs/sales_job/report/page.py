"""Fills the report's template with a document, packed into text at a quarter of its size in JSON: a JSON text with the
numbers taken out of it, and the numbers as bytes, both compressed together and written in base64.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from sales_job.base.errors import ConfigurationError

PLACE = "REPORT_DOCUMENT"
"""What stands in the template where the document goes."""

DELTAS = ("day",)
"""Columns in ascending order: their differences are packed."""

FEWEST = 32
"""Lists of fewer numbers stay in the JSON text."""


def page(template: str, document: dict[str, Any]) -> str:
    """The whole page.

    Args:
        template: the text of ``report_template.html``.
        document: of :func:`sales_job.report.document.read_document`, with ``cost`` where that is known.

    Raises:
        ConfigurationError: the template has no place for a document.
    """
    before, place, after = template.partition(PLACE)
    if not place:
        raise ConfigurationError(f"the report's template has no {PLACE} in it: build it with `npm run setup -- report`")
    return before + pack(document) + after


def write(path: Path, content: str) -> None:
    """Writes the page at once: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".report-{os.getpid()}.unfinished"
    try:
        unfinished.write_text(content, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def pack(document: dict[str, Any]) -> str:
    """The packed document, in the letters of base64."""
    numbers = bytearray()

    def without_numbers(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: without_numbers(part, key) for key, part in value.items()}
        if not isinstance(value, list):
            return value
        if len(value) < FEWEST or not all(type(part) is int for part in value):
            return [without_numbers(part) for part in value]
        deltas = name in DELTAS
        width = _append(numbers, [value[0], *(b - a for a, b in pairwise(value))] if deltas else value)
        return {"packed": [len(value), width, int(deltas)]}

    text = json.dumps(without_numbers(document), ensure_ascii=False, separators=(",", ":")).encode()
    raw = len(text).to_bytes(4, "little") + text + bytes(numbers)
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def _append(numbers: bytearray, values: Sequence[int]) -> int:
    """Appends whole numbers, the lowest byte of all of them first: bytes of one kind compress better together.

    Returns:
        how many bytes each number takes.
    """
    # Small numbers of either sign get small codes: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
    codes = array("Q", (2 * value if value >= 0 else -2 * value - 1 for value in values))
    width = max(1, (max(codes).bit_length() + 7) // 8)
    if array("H", [1]).tobytes() == b"\0\1":
        codes.byteswap()
    data = codes.tobytes()
    for byte in range(width):
        numbers += data[byte::8]
    return width
