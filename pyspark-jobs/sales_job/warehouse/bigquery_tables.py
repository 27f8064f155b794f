"""The catalog's tables in BigQuery: the stack makes the published ones, the job the state tables, and the job adds
missing columns to both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sales_job.base.errors import ConfigurationError
from sales_job.base.google_api import ApiError
from sales_job.tables import catalog
from sales_job.tables.changes import ColumnForm, TableChange, change_of
from sales_job.tables.types import TYPES
from sales_job.warehouse.bigquery_api import BigQueryApi, Field

LAKE_LABELS = ("lake-bucket", "lake-folder")
"""Labels of the dataset, set by constructs/warehouse/warehouse.ts: its lake is ``gs://<bucket>/<folder>``."""

AS_DECLARED = {kind: kind for kind in TYPES}
"""The catalog names types as BigQuery's API does."""


def fields(table: catalog.Table) -> list[Field]:
    """A table's columns as the API writes them."""
    return [_field(column) for column in table.columns]


def require_own_lake(api: BigQueryApi, dataset: str, lake: str) -> None:
    """Checks that a dataset is filled from this lake. The lock is the lake's: runs from two lakes would not see each
    other, and each would publish lines that only its own lake has.

    Raises:
        ConfigurationError: the dataset's labels name another lake.
    """
    labels = api.labels(dataset)
    bucket, folder = (labels.get(name) for name in LAKE_LABELS)
    if bucket and folder and lake.rstrip("/") != f"gs://{bucket}/{folder}":
        raise ConfigurationError(
            f"--bigquery-dataset {dataset}: is filled from the lake gs://{bucket}/{folder}, not from {lake}: "
            "name that lake, or the dataset of this one"
        )


def changes(api: BigQueryApi, dataset: str) -> list[TableChange]:
    """What the published and the state tables of a dataset need to be as declared.

    Raises:
        ConfigurationError: a published table does not exist, or a table differs in a way that would lose data.
    """
    tables = (*catalog.published(), *catalog.state())
    with ThreadPoolExecutor(len(tables)) as pool:
        existing = list(pool.map(lambda table: _existing_columns(api, f"{dataset}.{table.name}"), tables))
        found = []
        for table, columns in zip(tables, existing, strict=True):
            if not columns and table.kind == "published":
                raise ConfigurationError(f"BigQuery {dataset}.{table.name} does not exist: deploy the stack")
            found.append(change_of(table, columns, AS_DECLARED))
        unfilled = list(pool.map(lambda *both: _unfilled(api, dataset, *both), tables, existing))
    for number, filled in enumerate(unfilled):
        if filled:
            change = found[number] or TableChange(tables[number], exists=True)
            found[number] = replace(change, filled=(*filled, *change.filled))
    return [change for change in found if change is not None]


def _unfilled(
    api: BigQueryApi, dataset: str, table: catalog.Table, existing: Mapping[str, ColumnForm]
) -> list[catalog.Column]:
    """Columns that exist and lack the value of older rows: the stack, or a run that was killed, has added them."""
    columns = [column for column in table.columns if column.fill is not None and column.name in existing]
    if not columns:
        return []
    sql = f"SELECT COUNT(*) FROM `{dataset}.{table.name}` WHERE {_is_older(table, columns)}"
    ((older_rows,),) = api.query(sql)
    return columns if older_rows else []


def _is_older(table: catalog.Table, columns: Sequence[catalog.Column]) -> str:
    """A condition: the row is older than one of these columns."""
    older = " OR ".join(f"{column.name} IS NULL" for column in columns)
    # A table that requires a filter on its partitions gets one that includes every row.
    return f"{table.partition_by} >= '0001-01-01' AND ({older})" if table.filter_required else older


def apply(api: BigQueryApi, dataset: str, change: TableChange) -> None:
    """Makes one change.

    Raises:
        ConfigurationError: this account may not change the table.
    """
    name = f"{dataset}.{change.table.name}"
    if not change.exists:
        if change.table.replaces:
            api.delete_table(f"{dataset}.{change.table.replaces}")
        api.create_table(name, fields(change.table))
        return
    # Only the stack knows the policy tags: without its tag, everybody who reads the table would read the column.
    if change.table.kind == "published" and (personal := [column.name for column in change.added if column.personal]):
        raise ConfigurationError(
            f"BigQuery {name} lacks {', '.join(personal)}, with personal data that the stack masks: "
            "deploy the stack first"
        )
    try:
        for column in change.widened:
            # The API changes no type, SQL does.
            api.query(f"ALTER TABLE `{name}` ALTER COLUMN {column.name} SET DATA TYPE {column.type}")
        relaxed = {column.name for column in change.relaxed}
        if change.added or relaxed:
            # Everything else of a column stays, such as its policy tags: BigQuery drops what a request leaves out.
            fields_now = [
                {**field, "mode": "NULLABLE"} if field["name"] in relaxed else field for field in api.fields(name) or ()
            ]
            api.set_fields(name, [*fields_now, *[_field(column) for column in change.added]])
        if change.filled:
            values = ", ".join(f"{column.name} = COALESCE({column.name}, {column.fill})" for column in change.filled)
            api.query(f"UPDATE `{name}` SET {values} WHERE {_is_older(change.table, change.filled)}")
    except ApiError as error:
        if error.status != 403:
            raise
        names = ", ".join(column.name for column in (*change.added, *change.relaxed, *change.widened))
        raise ConfigurationError(
            f"BigQuery {name} must change its columns ({names}), which this account may not do: deploy the stack first"
        ) from None


def _existing_columns(api: BigQueryApi, name: str) -> Mapping[str, ColumnForm]:
    fields = api.fields(name) or ()
    return {field["name"]: ColumnForm(field["type"], field.get("mode") != "REQUIRED") for field in fields}


def _field(column: catalog.Column) -> Field:
    return {"name": column.name, "type": column.type, "mode": column.mode, "description": column.description}
