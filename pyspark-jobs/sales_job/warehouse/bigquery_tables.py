"""The catalog's tables in BigQuery: the stack makes the published ones, the job the state tables, and the job adds
missing columns to both.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

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
    return [change for change in found if change is not None]


def apply(api: BigQueryApi, dataset: str, change: TableChange) -> None:
    """Makes one change.

    Raises:
        ConfigurationError: this account may not change the table.
    """
    name = f"{dataset}.{change.table.name}"
    if not change.exists:
        api.create_table(name, fields(change.table))
        return
    relaxed = {column.name: _field(column) for column in change.relaxed}
    grown = [
        *[relaxed.get(field["name"], field) for field in api.fields(name) or ()],
        *[_field(column) for column in change.added],
    ]
    try:
        api.set_fields(name, grown)
    except ApiError as error:
        if error.status != 403:
            raise
        names = ", ".join(column.name for column in (*change.added, *change.relaxed))
        raise ConfigurationError(
            f"BigQuery {name} must change its columns ({names}), which this account may not do: deploy the stack first"
        ) from None


def _existing_columns(api: BigQueryApi, name: str) -> Mapping[str, ColumnForm]:
    fields = api.fields(name) or ()
    return {field["name"]: ColumnForm(field["type"], field.get("mode") != "REQUIRED") for field in fields}


def _field(column: catalog.Column) -> Field:
    return {"name": column.name, "type": column.type, "mode": column.mode, "description": column.description}
