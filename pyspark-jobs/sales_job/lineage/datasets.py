"""The names that OpenLineage gives to files and tables (https://openlineage.io/docs/spec/naming)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sales_job.lineage.column_lineage import LINES, REFERENCE_FILES, SALES


@dataclass(frozen=True)
class DatasetName:
    """Names a dataset."""

    namespace: str
    name: str

    def as_dict(self) -> dict[str, Any]:
        """As an event has it."""
        return {"namespace": self.namespace, "name": self.name}


@dataclass(frozen=True)
class Datasets:
    """The datasets of a lake and a warehouse. ``job_namespace`` is that of the jobs; ``lake`` and ``line_store`` are
    directories or ``gs://`` prefixes; ``table`` names a table or view; ``source`` is the warehouse's URI.
    """

    job_namespace: str
    lake: str
    line_store: str
    table: Callable[[str], DatasetName]
    source: str

    def of(self, step: str) -> DatasetName:
        """What a step of :mod:`column_lineage` makes: the line store, a table or a view."""
        return of_files(self.line_store) if step == LINES else self.table(step)

    def source_of(self, name: str, step: str) -> DatasetName:
        """What a step is made of. Only the line store and tables read reference files."""
        if name == SALES:
            return of_files(f"{self.lake}/sales_data")
        if name == LINES:
            return of_files(self.line_store)
        if name in REFERENCE_FILES and reads_files(step):
            return of_files(f"{self.lake}/reference_data/{name}.csv")
        return self.table(name)


def reads_files(step: str) -> bool:
    """Whether products and stores are files to a step; to a view they are tables."""
    from sales_job.tables.view_catalog import views

    return step not in {view.name for view in views()}


def of_files(path: str) -> DatasetName:
    """A file or folder: in a bucket, or on this machine."""
    scheme, found, rest = path.partition("://")
    if not found:
        return DatasetName("file", path)
    bucket, _, name = rest.partition("/")
    return DatasetName(f"{scheme}://{bucket}", name)


def duckdb(folder: str, lake: str, line_store: str) -> Datasets:
    """Those of a warehouse on this machine. OpenLineage has no name for DuckDB: as its integration of dbt writes it.

    Args:
        folder: the warehouse's directory, absolute.
    """
    file = f"duckdb://{folder}/warehouse.duckdb"
    return Datasets(f"file:{folder}", lake, line_store, lambda name: DatasetName(file, f"warehouse.main.{name}"), file)


def bigquery(project: str, dataset: str, lake: str, line_store: str) -> Datasets:
    """Those of a dataset in BigQuery."""
    return Datasets(
        f"{project}.{dataset}",
        lake,
        line_store,
        lambda name: DatasetName("bigquery", f"{project}.{dataset}.{name}"),
        f"bigquery://{project}/{dataset}",
    )
