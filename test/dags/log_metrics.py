"""Log-based metrics of a synthesized stack, applied to a line as Cloud Logging would."""

from __future__ import annotations

import re
from typing import Any

STRING = r'"((?:[^"\\]|\\.)*)"'


def unquoted(text: str) -> str:
    """A string of Cloud Logging's query language."""
    return re.sub(r"\\(.)", r"\1", text)


def metrics_of(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {metric["name"]: metric for metric in stack["resource"]["google_logging_metric"].values()}


def takes(metric: dict[str, Any], field: str, line: str) -> bool:
    """Whether a metric's filter takes a line; ``:`` means that the text is in it, whatever the case."""
    terms = re.findall(r"([\w.]+):" + STRING, metric["filter"])
    assert terms, metric["filter"]
    return all(name == field and unquoted(text).lower() in line.lower() for name, text in terms)


def extracted(extractor: str, line: str) -> str | None:
    """What ``REGEXP_EXTRACT(field, "pattern")`` finds."""
    (pattern,) = re.findall(r"^REGEXP_EXTRACT\([\w.]+, " + STRING + r"\)$", extractor)
    found = re.search(unquoted(pattern), line)
    return found.group(1) if found else None


def found(stack: dict[str, Any], field: str, line: str) -> dict[str, tuple[dict[str, str | None], str | None]]:
    """By metric that takes the line, its labels and its value."""
    return {
        name: (
            {label: extracted(text, line) for label, text in metric.get("label_extractors", {}).items()},
            extracted(metric["value_extractor"], line) if "value_extractor" in metric else None,
        )
        for name, metric in metrics_of(stack).items()
        if takes(metric, field, line)
    }
