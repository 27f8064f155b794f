"""The catalog: the one declaration of every table, read by the job, the stack, the DAGs and the documents.

One JSON file a table. Its folder is the kind of the table: ``published`` for readers, ``state`` for the job itself,
``staged`` for what a run brings before it publishes, ``streamed`` for messages, which the job never touches. A table of
all columns of a reference file names it as ``reference``. The dictionary in ``docs/`` is generated from these files.

Standard library only, because Airflow imports this module too; files are read with importlib.resources, because in the
cloud they are in an archive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from sales_job.base.errors import ConfigurationError
from sales_job.tables import reference_columns
from sales_job.tables.types import require_personal, require_type

COPIES = (
    ("published", "products"),
    ("published", "stores"),
    ("published", "quarantined_sales"),
    ("published", "daily_profile"),
    ("state", "store_products"),
    ("state", "arrival_dates"),
    ("state", "line_versions"),
)
"""Tables whose rows are staged in the columns that they have."""


@dataclass(frozen=True)
class Column:
    """A column: its ``type`` is one of :data:`sales_job.tables.types.TYPES`, its ``mode`` REQUIRED or NULLABLE.

    ``personal`` is the class of its personal data, if any. ``source`` is the reference column that it shows, such as
    ``stores.store_name``. ``fill`` is the value, in SQL, of rows that are older than the column.
    """

    name: str
    type: str
    mode: str
    description: str
    personal: str | None = None
    source: str | None = None
    fill: str | None = None

    @property
    def nullable(self) -> bool:
        """Whether the column may be NULL."""
        return self.mode == "NULLABLE"


@dataclass(frozen=True)
class RowRule:
    """What must hold in each row: ``violated`` is the SQL condition that a row breaks it by."""

    name: str
    rule: str
    violated: str


@dataclass(frozen=True)
class Table:
    """A table. ``key`` names the columns that identify a row (empty: none do).

    ``audience`` of a published table is ``business`` where BI readers see it, else ``operations``. BigQuery partitions
    it by the days of ``partition_by``, refuses queries without a filter on them where ``filter_required``, and deletes
    old ones where ``expires``. ``replaces`` names a table of an earlier version, which goes when this one is made.
    """

    name: str
    kind: str
    description: str
    audience: str | None
    key: tuple[str, ...]
    partition_by: str | None
    filter_required: bool
    expires: bool
    cluster_by: tuple[str, ...]
    columns: tuple[Column, ...]
    replaces: str | None = None
    rules: tuple[RowRule, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """The names of all columns, in order."""
        return [column.name for column in self.columns]


def published() -> tuple[Table, ...]:
    """The tables for readers; in the cloud the stack makes them."""
    return _read("published")


def state() -> tuple[Table, ...]:
    """The tables that the job keeps for itself, so that the run of a day costs what that day costs."""
    return _read("state")


def streamed() -> tuple[Table, ...]:
    """The tables of messages, which arrive while the day is open; in the cloud Pub/Sub fills them."""
    return _read("streamed")


@cache
def staged() -> tuple[Table, ...]:
    """The tables that a run brings before it publishes: figures, and rows in the columns of another table."""
    return (*_read("staged"), *[_staged_copy(table(kind, name)) for kind, name in COPIES])


def table(kind: str, name: str) -> Table:
    """One table of a kind: published, state, staged or streamed."""
    tables = staged() if kind == "staged" else _read(kind)
    return next(table for table in tables if table.name == name)


@cache
def _read(kind: str) -> tuple[Table, ...]:
    files = sorted((resources.files("sales_job.tables") / kind).iterdir(), key=lambda file: file.name)
    return tuple(
        _table(kind, file.name.removesuffix(".json"), json.loads(file.read_text("utf-8")))
        for file in files
        if file.name.endswith(".json")
    )


def _table(kind: str, name: str, declared: Mapping[str, Any]) -> Table:
    where = f"sales_job/tables/{kind}/{name}.json"
    if (reference := declared.get("reference")) is not None:
        declared = {**declared, **_fields_of_reference(where, reference)}
    return Table(
        name=name,
        kind=kind,
        description=declared["description"],
        audience=declared.get("audience"),
        key=tuple(declared["key"]),
        partition_by=declared.get("partition_by"),
        filter_required=declared.get("filter_required", False),
        expires=declared.get("expires", False),
        cluster_by=tuple(declared.get("cluster_by", ())),
        columns=tuple(_column(where, column) for column in declared["columns"]),
        replaces=declared.get("replaces"),
        rules=tuple(RowRule(**rule) for rule in declared.get("rules", ())),
    )


def _fields_of_reference(where: str, name: str) -> Mapping[str, Any]:
    """A table of all columns of a reference file, as its declaration: only the key is always there."""
    reference = next((table for table in reference_columns.tables() if table.name == name), None)
    if reference is None:
        names = ", ".join(table.name for table in reference_columns.tables())
        raise ConfigurationError(f"{where}: reference is '{name}': use one of {names}")
    columns = [
        {
            "name": column.name,
            "type": column.type,
            "mode": "REQUIRED" if column.name == reference.key else "NULLABLE",
            "description": column.description,
            "personal": column.personal,
        }
        for column in reference.columns
    ]
    return {"description": reference.description, "key": [reference.key], "columns": columns}


def _column(where: str, declared: Mapping[str, Any]) -> Column:
    name = declared["name"]
    require_type(f"{where}: {name}", declared["type"])
    require_personal(f"{where}: {name}", declared.get("personal"))
    if declared["mode"] not in ("REQUIRED", "NULLABLE"):
        raise ConfigurationError(f"{where}: {name} has mode '{declared['mode']}': use REQUIRED or NULLABLE")
    source = declared.get("from")
    if source is not None and source not in reference_columns.shown_columns():
        raise ConfigurationError(
            f"{where}: {name} is from '{source}': name a column of sales_job/reference/columns/*.json that is shown"
        )
    kind, mode, description = (declared[field] for field in ("type", "mode", "description"))
    return Column(name, kind, mode, description, declared.get("personal"), source, declared.get("fill"))


def _staged_copy(original: Table) -> Table:
    columns = tuple(replace(column, mode="NULLABLE") for column in original.columns)
    return replace(
        original, kind="staged", audience=None, partition_by=None, expires=False, cluster_by=(), columns=columns
    )
