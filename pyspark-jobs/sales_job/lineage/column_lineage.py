"""What each table and view is made of, column by column: ``columns.json``, which ``npm run docs`` writes.

The steps are the line store (``lines``), from the sales files (``sales_data``) and products; the published tables, from
the line store and the reference files; the views, from tables and views. ``docs/platform/lineage.md`` explains them.

Standard library only: the packages of the cluster have no parser of SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

SALES, LINES = "sales_data", "lines"

REFERENCE_FILES = ("products", "stores")
"""Files; the published tables of the same names are made of nothing else."""

MASKED = "MASKED"
"""A transformation that hides the value."""

DIRECT = ("IDENTITY", "TRANSFORMATION", "AGGREGATION", MASKED)
"""Ways in which a value is made of another; all others only decide about it. OpenLineage's words, but for MASKED."""

Dependencies = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Ways in which something depends on columns: by source, then by column."""


@dataclass(frozen=True)
class Step:
    """How a table, a view or the line store is made. ``rows``: what decides which rows there are."""

    name: str
    columns: Mapping[str, Dependencies]
    rows: Dependencies

    @property
    def sources(self) -> tuple[str, ...]:
        """What it is made of: ``sales_data``, ``lines``, ``products`` and ``stores`` (the files), tables and views."""
        found = [*self.rows, *[source for column in self.columns.values() for source in column]]
        return tuple(dict.fromkeys(found))


@cache
def steps() -> Mapping[str, Step]:
    """Every step by its name, each behind those that it is made of."""
    text = (resources.files("sales_job.lineage") / "columns.json").read_text("utf-8")
    return {
        name: Step(
            name,
            {column: _grouped(depends) for column, depends in found["columns"].items()},
            _grouped(found["rows"]),
        )
        for name, found in json.loads(text).items()
    }


def upstream(name: str) -> tuple[str, ...]:
    """The direct sources of a table, a view or the line store (:attr:`Step.sources`); none where none are known."""
    step = steps().get(name)
    return step.sources if step else ()


def _grouped(depends: Mapping[str, list[str]]) -> Dependencies:
    grouped: dict[str, dict[str, tuple[str, ...]]] = {}
    for place, ways in depends.items():
        source, _, column = place.partition(".")
        grouped.setdefault(source, {})[column] = tuple(ways)
    return grouped
