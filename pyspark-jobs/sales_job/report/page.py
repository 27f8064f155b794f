"""Fills the report's template with a document."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sales_job.base.errors import ConfigurationError
from sales_job.report.packing import pack

PLACE = "REPORT_DOCUMENT"
"""What stands in the template where the document goes."""


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
