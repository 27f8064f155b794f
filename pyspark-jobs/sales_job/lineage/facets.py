"""Facets of OpenLineage events, each with the version of its schema (https://openlineage.io/spec/facets)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sales_job.lineage.column_lineage import DIRECT, MASKED, Dependencies, Step
from sales_job.lineage.datasets import Datasets

PRODUCER = "urn:sales-analytics-platform:sales_job"

Facet = dict[str, Any]


def facet(name: str, version: str, /, definition: str = "", **fields: Any) -> Facet:
    """A facet of a schema; ``definition``: its name there, where that is not the schema's."""
    url = f"https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{definition or name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **fields}


def job_type(kind: str) -> Facet:
    """The kind of a job: JOB or QUERY."""
    return facet("JobTypeJobFacet", "2-0-4", processingType="BATCH", integration="SPARK", jobType=kind)


def documentation(text: str) -> Facet:
    """What a job does."""
    return facet("DocumentationJobFacet", "1-1-0", description=text)


def parent(run_id: str, namespace: str, name: str) -> Facet:
    """The run that a run is part of."""
    return facet("ParentRunFacet", "1-2-0", run={"runId": run_id}, job={"namespace": namespace, "name": name})


def engine(name: str, version: str) -> Facet:
    """The engine of a run."""
    return facet("ProcessingEngineRunFacet", "1-1-1", name=name, version=version)


def error(message: str) -> Facet:
    """Why a run failed."""
    return facet("ErrorMessageRunFacet", "1-0-1", message=message, programmingLanguage="PYTHON")


def tags(values: Mapping[str, str]) -> Facet:
    """Names that the job gives to its run."""
    listed = [{"key": key, "value": value, "source": "sales_job"} for key, value in values.items()]
    return facet("TagsRunFacet", "1-0-0", tags=listed)


def schema(fields: Sequence[tuple[str, str, str]]) -> Facet:
    """The columns of a dataset: name, type and description of each; the last two may be empty."""
    listed = [
        {key: value for key, value in zip(("name", "type", "description"), column, strict=True) if value}
        for column in fields
    ]
    return facet("SchemaDatasetFacet", "1-2-0", fields=listed)


def data_source(uri: str) -> Facet:
    """Where a dataset is."""
    return facet("DatasourceDatasetFacet", "1-0-1", name=uri, uri=uri)


def dataset_type(kind: str) -> Facet:
    """What a dataset is: FILE, TABLE or VIEW."""
    return facet("DatasetTypeDatasetFacet", "1-0-1", datasetType=kind)


def locations(paths: Sequence[str]) -> Facet:
    """The part of an input that was read, by its folders."""
    condition = {"type": "location", "locations": list(paths)}
    name = "InputSubsetInputDatasetFacet"
    return facet("BaseSubsetDatasetFacet", "1-0-0", definition=name, inputCondition=condition)


def input_statistics(files: int, size: int, rows: int | None = None) -> Facet:
    """What was read: files, bytes and rows."""
    found = facet("InputStatisticsInputDatasetFacet", "1-0-0", fileCount=files, size=size)
    return found if rows is None else {**found, "rowCount": rows}


def output_statistics(rows: int) -> Facet:
    """How many rows were written."""
    return facet("OutputStatisticsOutputDatasetFacet", "1-0-2", rowCount=rows)


def column_lineage(step: Step, datasets: Datasets) -> Facet:
    """The columns of a step's sources that each of its columns depends on; ``dataset``: what decides which rows there
    are.
    """
    fields = {name: {"inputFields": _inputs(step, depends, datasets)} for name, depends in step.columns.items()}
    known = {name: found for name, found in fields.items() if found["inputFields"]}
    return facet("ColumnLineageDatasetFacet", "1-2-0", fields=known, dataset=_inputs(step, step.rows, datasets))


def _inputs(step: Step, depends: Dependencies, datasets: Datasets) -> list[dict[str, Any]]:
    return [
        {
            **datasets.source_of(source, step.name).as_dict(),
            "field": column,
            "transformations": [_transformation(way) for way in ways],
        }
        for source, columns in depends.items()
        for column, ways in columns.items()
    ]


def _transformation(way: str) -> dict[str, Any]:
    if way == MASKED:
        return {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}
    return {"type": "DIRECT" if way in DIRECT else "INDIRECT", "subtype": way}
