"""Figures are read back out of a page as they went in, and a difference is seen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs")]

from rehearsal.processes import RehearsalError  # noqa: E402
from rehearsal.report_page import document, figures  # noqa: E402
from sales_job.report.page import page  # noqa: E402

TEMPLATE = "<p>Umsätze</p><script>REPORT_DOCUMENT</script>"
DAYS = [0, 0, 1, 5, *range(6, 400)]
SIGNED = [0, -1, 1, -2, 255, -256, 70_000, -70_000, 2**52, -(2**52), *range(-20, 20)]
DOCUMENT: dict[str, Any] = {
    "sales": {
        "store_days": {"day": DAYS, "revenue": {"decimals": 2, "limbs": [SIGNED]}},
        "stores": {"store_name": ["Zürich", None]},
        "few": [3, 1, 2],
        "flags": [True] * 40,
        "left_out": {"bytes": None, "parts": []},
    },
    "quality": {"runs": [{"run_id": "a"}], "reasons": [{"reason": "no store_id", "lines": 3}], "quarantined": []},
}


def test_a_document_comes_back() -> None:
    assert document(page(TEMPLATE, DOCUMENT), TEMPLATE) == DOCUMENT


@pytest.mark.parametrize("value", [-(2**52) + 1, 2**52])
def test_one_other_number_is_another_report(value: int) -> None:
    other = {**DOCUMENT, "sales": {**DOCUMENT["sales"], "store_days": {"day": DAYS, "revenue": [value, *SIGNED[1:]]}}}
    same = {**DOCUMENT, "quality": {**DOCUMENT["quality"], "runs": []}, "cost": {"dev": 5}}
    limited = {**DOCUMENT, "sales": {**DOCUMENT["sales"], "left_out": {"bytes": 2**40, "parts": []}}}
    less = {**DOCUMENT, "sales": {**DOCUMENT["sales"], "left_out": {"bytes": 2**40, "parts": ["segments"]}}}
    own = figures(page(TEMPLATE, DOCUMENT), TEMPLATE)
    assert figures(page(TEMPLATE, limited), TEMPLATE) == own != figures(page(TEMPLATE, less), TEMPLATE)
    assert figures(page(TEMPLATE, same), TEMPLATE) == own
    assert figures(page(TEMPLATE, other), TEMPLATE) != own


def test_another_template_is_refused() -> None:
    with pytest.raises(RehearsalError, match="not the stack's template"):
        document(page(TEMPLATE, DOCUMENT), TEMPLATE.replace("script", "pre"))
