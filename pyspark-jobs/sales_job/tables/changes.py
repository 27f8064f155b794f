"""How a table that exists differs from its declaration. Tables grow: a declared column is added, and a REQUIRED column
may become NULLABLE. Every other difference would lose data or break older rows, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sales_job.base.errors import ConfigurationError
from sales_job.tables.catalog import Column, Table


class ColumnForm(NamedTuple):
    """A column as a database describes it: its type in the database's own words, and whether it may be NULL."""

    type: str
    nullable: bool


class ColumnChanges(NamedTuple):
    """Names of columns to add, and of columns that may be NULL from now on."""

    added: list[str]
    relaxed: list[str]


@dataclass(frozen=True)
class TableChange:
    """What a table of the catalog needs before a run: to be created where it does not exist, or these columns."""

    table: Table
    exists: bool
    added: tuple[Column, ...]
    relaxed: tuple[Column, ...]


def compare_columns(
    table: str, existing: Mapping[str, ColumnForm], declared: Mapping[str, ColumnForm]
) -> ColumnChanges:
    """Compares the columns of a table that exists with the declared ones.

    Raises:
        ConfigurationError: a column was removed or has another type; one that may be NULL, or a new one, is declared
            REQUIRED.
    """
    for name, (kind, nullable) in existing.items():
        if name not in declared:
            raise ConfigurationError(
                f"{table}.{name} exists, but is not declared any more: declare it again, the job removes no column"
            )
        if declared[name].type != kind:
            raise ConfigurationError(
                f"{table}.{name} has the type {kind}, but is declared as {declared[name].type}: "
                "declare a new column instead, the job changes no type"
            )
        if nullable and not declared[name].nullable:
            raise ConfigurationError(f"{table}.{name} may be NULL, but is declared REQUIRED: declare it NULLABLE")
    added = [name for name in declared if name not in existing]
    for name in added:
        if not declared[name].nullable:
            raise ConfigurationError(
                f"{table}.{name} is new in a table that exists, and is declared REQUIRED: declare it NULLABLE"
            )
    relaxed = [name for name, form in existing.items() if declared[name].nullable and not form.nullable]
    return ColumnChanges(added, relaxed)


def change_of(table: Table, existing: Mapping[str, ColumnForm], types: Mapping[str, str]) -> TableChange | None:
    """The change that a table of the catalog needs; None where it is as declared.

    Args:
        table: the table as declared.
        existing: its columns in the database; empty where the table does not exist.
        types: the database's types by those of the catalog.

    Raises:
        ConfigurationError: see :func:`compare_columns`.
    """
    if not existing:
        return TableChange(table, exists=False, added=(), relaxed=())
    declared = {column.name: ColumnForm(types[column.type], column.nullable) for column in table.columns}
    added, relaxed = compare_columns(table.name, existing, declared)
    if not added and not relaxed:
        return None
    return TableChange(
        table,
        exists=True,
        added=tuple(column for column in table.columns if column.name in added),
        relaxed=tuple(column for column in table.columns if column.name in relaxed),
    )
