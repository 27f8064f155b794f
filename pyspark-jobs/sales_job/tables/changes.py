"""How a table that exists differs from its declaration. Tables grow: a declared column is added, a REQUIRED column may
become NULLABLE, and one of whole numbers may become one of decimals. Every other difference would lose data or break
older rows, and is refused.
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
    """Names of columns to add, of columns that may be NULL from now on, and of columns to retype."""

    added: list[str]
    relaxed: list[str]
    widened: list[str]


@dataclass(frozen=True)
class TableChange:
    """What a table of the catalog needs before a run: to be created where it does not exist, or changes of columns."""

    table: Table
    exists: bool
    added: tuple[Column, ...] = ()
    relaxed: tuple[Column, ...] = ()
    widened: tuple[Column, ...] = ()
    filled: tuple[Column, ...] = ()
    """Columns whose value in older rows is known, to be written there."""


def compare_columns(
    table: str,
    existing: Mapping[str, ColumnForm],
    declared: Mapping[str, ColumnForm],
    widening: tuple[str, str] | None = None,
) -> ColumnChanges:
    """Compares the columns of a table that exists with the declared ones.

    Args:
        widening: the database's types of whole numbers and of decimals that hold all of them; None: no type changes.

    Raises:
        ConfigurationError: a column was removed or has another type; one that may be NULL, or a new one, is declared
            REQUIRED.
    """
    widened = [name for name in existing if name in declared and (existing[name].type, declared[name].type) == widening]
    for name, (kind, nullable) in existing.items():
        if name not in declared:
            raise ConfigurationError(
                f"{table}.{name} exists, but is not declared any more: declare it again, the job removes no column"
            )
        if declared[name].type != kind and name not in widened:
            raise ConfigurationError(
                f"{table}.{name} has the type {kind}, but is declared as {declared[name].type}: "
                "declare a new column instead, the job changes whole numbers to decimals only"
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
    return ColumnChanges(added, relaxed, widened)


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
        return TableChange(table, exists=False)
    declared = {column.name: ColumnForm(types[column.type], column.nullable) for column in table.columns}
    changes = compare_columns(table.name, existing, declared, (types["INTEGER"], types["NUMERIC"]))
    if not any(changes):
        return None
    added, relaxed, widened = [tuple(column for column in table.columns if column.name in names) for names in changes]
    filled = tuple(column for column in added if column.fill is not None)
    return TableChange(table, True, added, relaxed, widened, filled)
