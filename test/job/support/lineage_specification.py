"""What OpenLineage's specification asks of an event and of the facets that the job sends, written down by hand from its
schemas (https://openlineage.io/spec/2-0-2/OpenLineage.json, https://openlineage.io/spec/facets): no package has them.

Stricter in one point: the schemas allow other fields anywhere, and here a field that they do not describe is a fault.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

Shape = Any
"""A test of a plain value; a list of a shape; a dict of shapes by field, ``!`` behind the name of a required one."""


def text(value: Any) -> bool:
    return isinstance(value, str)


def number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def uri(value: Any) -> bool:
    return text(value) and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", value) is not None


def time(value: Any) -> bool:
    return text(value) and dt.datetime.fromisoformat(value).tzinfo is not None


def run_id(value: Any) -> bool:
    return text(value) and str(uuid.UUID(value)) == value


def one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


JOB = {"namespace!": text, "name!": text}
FIELD = {
    **JOB,
    "field!": text,
    "transformations": [{"type!": text, "subtype": text, "description": text, "masking": flag}],
}
STATISTICS = {"rowCount": number, "size": number, "fileCount": number}

FACETS: dict[str, Shape] = {
    "2-0-4/JobTypeJobFacet": {"processingType!": text, "integration!": text, "jobType": text},
    "1-1-0/DocumentationJobFacet": {"description!": text, "contentType": text},
    "1-2-0/ParentRunFacet": {"run!": {"runId!": run_id}, "job!": JOB},
    "1-1-1/ProcessingEngineRunFacet": {"version!": text, "name": text, "openlineageAdapterVersion": text},
    "1-0-1/ErrorMessageRunFacet": {"message!": text, "programmingLanguage!": text, "stackTrace": text},
    "1-0-0/TagsRunFacet": {"tags": [{"key!": text, "value!": text, "source": text}]},
    "1-2-0/SchemaDatasetFacet": {
        "fields": [{"name!": text, "type": text, "description": text, "ordinal_position": number}]
    },
    "1-0-1/DatasourceDatasetFacet": {"name": text, "uri": uri},
    "1-0-1/DatasetTypeDatasetFacet": {"datasetType!": text, "subType": text},
    "1-0-0/BaseSubsetDatasetFacet": {"inputCondition!": {"type!": one_of("location"), "locations!": [text]}},
    "1-0-0/InputStatisticsInputDatasetFacet": STATISTICS,
    "1-0-2/OutputStatisticsOutputDatasetFacet": STATISTICS,
    # Its fields have the names of columns.
    "1-2-0/ColumnLineageDatasetFacet": {"fields!": {"*": {"inputFields!": [FIELD]}}, "dataset": [FIELD]},
}
"""By version and name."""


def facet(value: Any) -> Iterator[str]:
    """The faults of a facet, by the schema that it names."""
    found = re.fullmatch(r"https://openlineage\.io/spec/facets/([\d-]+/\w+)\.json#/\$defs/\w+", value["_schemaURL"])
    if not found or found[1] not in FACETS:
        yield f"{value['_schemaURL']}: is not a known schema"
        return
    yield from faults({"_producer!": uri, "_schemaURL!": uri, **FACETS[found[1]]}, value, found[1])


FACETS_OF = {"*": facet}
DATASET = {**JOB, "facets": FACETS_OF}
EVENT = {
    "eventType": one_of("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"),
    "eventTime!": time,
    "producer!": uri,
    "schemaURL!": one_of("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"),
    "run!": {"runId!": run_id, "facets": FACETS_OF},
    "job!": {**JOB, "facets": FACETS_OF},
    "inputs": [{**DATASET, "inputFacets": FACETS_OF}],
    "outputs": [{**DATASET, "outputFacets": FACETS_OF}],
}


def faults(shape: Shape, value: Any, where: str = "event") -> Iterator[str]:
    """Where a value is not as the specification says, and why."""
    if shape is facet:
        yield from facet(value)
    elif callable(shape):
        if not shape(value):
            yield f"{where}: {value!r} is not {getattr(shape, '__name__', 'allowed')}"
    elif not isinstance(value, type(shape)):
        yield f"{where}: is not a {'list' if isinstance(shape, list) else 'JSON object'}"
    elif isinstance(shape, list):
        for n, one in enumerate(value):
            yield from faults(shape[0], one, f"{where}[{n}]")
    else:
        known = {name.rstrip("!"): part for name, part in shape.items()}
        missing = (name[:-1] for name in shape if name.endswith("!") and name[:-1] not in value)
        yield from (f"{where}.{name}: is missing" for name in missing)
        for name, one in value.items():
            if name not in known and "*" not in known:
                yield f"{where}.{name}: is not described"
            else:
                yield from faults(known.get(name, known.get("*")), one, f"{where}.{name}")
