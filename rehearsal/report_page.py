"""Reads the figures back out of a report's page, to compare two of them."""

from __future__ import annotations

import base64
import json
import subprocess
import zlib
from itertools import accumulate
from pathlib import Path
from typing import Any

from rehearsal.processes import RehearsalError

PLACE = "REPORT_DOCUMENT"


def document(page: str, template: str) -> dict[str, Any]:
    """The document of a page.

    Raises:
        RehearsalError: the page was not made from the template.
    """
    before, _, after = template.partition(PLACE)
    if not (page.startswith(before) and page.endswith(after)):
        raise RehearsalError("the report is not the stack's template with figures in it")
    raw = zlib.decompress(base64.b64decode(page[len(before) : len(page) - len(after)]))
    length = int.from_bytes(raw[:4], "little")
    numbers = memoryview(raw)[4 + length :]

    def whole(value: Any) -> Any:
        nonlocal numbers
        if isinstance(value, list):
            return [whole(part) for part in value]
        if not isinstance(value, dict):
            return value
        if "packed" not in value:
            return {name: whole(part) for name, part in value.items()}
        count, width, deltas = value["packed"]
        # The lowest byte of every number first, then the next one of every number.
        codes = [sum(numbers[byte * count + n] << 8 * byte for byte in range(width)) for n in range(count)]
        numbers = numbers[count * width :]
        found = [-(code + 1) // 2 if code % 2 else code // 2 for code in codes]
        return list(accumulate(found)) if deltas else found

    result: dict[str, Any] = whole(json.loads(raw[4 : 4 + length]))
    return result


def figures(page: str, template: str) -> dict[str, Any]:
    """What the pages of two warehouses with equal tables have in common: no runs, no cost of the platform, no limit of
    bytes, which a local warehouse does not have, no forecast, whose models differ.
    """
    found = document(page, template)
    own = {"left_out": found["sales"]["left_out"]["parts"], "forecast": None} if found["sales"] else {}
    sales = found["sales"] and {**found["sales"], **own}
    return {"sales": sales, "quarantined": [found["quality"][name] for name in ("reasons", "quarantined")]}


def local_page(root: Path, python: str, warehouse: Path) -> str:
    """The page that ``npm run report`` writes of a local warehouse."""
    out = warehouse / "report.html"
    options = ["--warehouse", str(warehouse), "--out", str(out), "--template", str(root / "dist/report_template.html")]
    subprocess.run(
        [python, str(root / "scripts/local/write_report.py"), *options],
        check=True,
        input=b"null",
        stdout=subprocess.DEVNULL,
    )
    return out.read_text(encoding="utf-8")
