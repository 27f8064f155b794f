"""The one declaration of the reference files' columns: ``sales_job/reference/columns/*.json``.

The PostgreSQL tables, the parsing of ``products.csv`` and ``stores.csv`` and the staged tables derive from it.
Standard library only, as :mod:`sales_job.tables.catalog`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sales_job.tables.types import require_personal, require_type


@dataclass(frozen=True)
class ReferenceColumn:
    """A column of a reference file. ``required``: a file without it is refused; otherwise it is read as NULL.

    ``shown``: published tables may show it (their columns name it as ``from``). ``personal``: the class of its personal
    data, if any. ``warn_if_missing``: a file without it leads to a warning; most sources have no stock figure.
    """

    name: str
    type: str
    required: bool
    description: str
    shown: bool = False
    personal: str | None = None
    warn_if_missing: bool = True


@dataclass(frozen=True)
class ReferenceTable:
    """A reference file, ``<name>.csv``, and the PostgreSQL table ``<name>``; ``key`` identifies a row."""

    name: str
    description: str
    key: str
    columns: tuple[ReferenceColumn, ...]

    @property
    def required(self) -> list[str]:
        """The columns that a file must have."""
        return [column.name for column in self.columns if column.required]


@cache
def tables() -> tuple[ReferenceTable, ...]:
    """Products and stores."""
    files = sorted((resources.files("sales_job.reference") / "columns").iterdir(), key=lambda file: file.name)
    return tuple(
        _table(file.name.removesuffix(".json"), json.loads(file.read_text("utf-8")))
        for file in files
        if file.name.endswith(".json")
    )


def table(name: str) -> ReferenceTable:
    """One of the tables: products or stores."""
    return next(table for table in tables() if table.name == name)


@cache
def shown_columns() -> frozenset[str]:
    """The columns that published tables may show, as ``table.column``."""
    return frozenset(f"{table.name}.{column.name}" for table in tables() for column in table.columns if column.shown)


def _table(name: str, declared: Mapping[str, Any]) -> ReferenceTable:
    for column in declared["columns"]:
        where = f"sales_job/reference/columns/{name}.json: {column['name']}"
        require_type(where, column["type"])
        require_personal(where, column.get("personal"))
    columns = tuple(ReferenceColumn(**column) for column in declared["columns"])
    return ReferenceTable(name, declared["description"], declared["key"], columns)
