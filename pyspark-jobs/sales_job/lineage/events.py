"""OpenLineage events of one run (https://openlineage.io/spec/2-0-2/OpenLineage.json).

The run is one job, ``sales_analytics``, and each step below it another: ``sales_analytics.lines`` writes the line
store, ``sales_analytics.TABLE`` a table; views have events too. So each table has its own sources, and no other's.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sales_job.base.sales_columns import READ_COLUMNS
from sales_job.lineage import facets
from sales_job.lineage.column_lineage import LINES, REFERENCE_FILES, SALES, Step, steps
from sales_job.lineage.datasets import Datasets, of_files, reads_files
from sales_job.tables import catalog, reference_columns
from sales_job.tables.view_catalog import views

SCHEMA_URL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"

ROOT_JOB = "sales_analytics"

RUN_IDS = uuid.uuid5(uuid.NAMESPACE_URL, facets.PRODUCER)

Event = dict[str, Any]


@dataclass(frozen=True)
class Arrival:
    """What a run read of one arrival: its folder below ``sales_data/`` ("" for flat files), files and bytes."""

    folder: str
    files: int
    size: int


@dataclass
class Traced:
    """What a run has read and written so far; its steps fill it. ``rows``: rows of touched days, by step."""

    arrivals: Sequence[Arrival] = ()
    rows_read: int | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    published: bool = False


@dataclass(frozen=True)
class TracedRun:
    """A run that has ended. ``version`` names the attempt; ``error`` is None where it is done; times are UTC."""

    run_id: str
    version: str
    started_at: dt.datetime
    finished_at: dt.datetime
    error: str | None
    engine: str
    traced: Traced


def events(run: TracedRun, datasets: Datasets) -> list[Event]:
    """The events of a run in order: START, those of its steps where it has published, and COMPLETE or FAIL.

    A failed run's last event names what it read, and why it failed.
    """
    namespace = datasets.job_namespace
    described = "Loads sales lines and publishes the tables"
    job = {"namespace": namespace, "name": ROOT_JOB, "facets": _job_facets("JOB", described)}
    run_id = _run_id(run, ROOT_JOB)
    known = {
        "processing_engine": facets.engine("spark", run.engine),
        "tags": facets.tags({"run_id": run.run_id, "version": run.version}),
    }
    start = _event("START", run.started_at, {"runId": run_id, "facets": known}, job)
    if run.error is not None:
        failed = {"runId": run_id, "facets": {**known, "errorMessage": facets.error(run.error)}}
        inputs = [_sales_files(run.traced, datasets)] if run.traced.arrivals else []
        return [start, _event("FAIL", run.finished_at, failed, job, inputs)]
    done = _event("COMPLETE", run.finished_at, {"runId": run_id, "facets": known}, job)
    return [start, *(_of_steps(run, datasets) if run.traced.published else ()), done]


def _of_steps(run: TracedRun, datasets: Datasets) -> Iterator[Event]:
    kinds = {view.name: "VIEW" for view in views()}
    for step in steps().values():
        name = f"{ROOT_JOB}.{step.name}"
        kind = kinds.get(step.name, "FILE" if step.name == LINES else "TABLE")
        job = {"namespace": datasets.job_namespace, "name": name}
        own = {"parent": facets.parent(_run_id(run, ROOT_JOB), datasets.job_namespace, ROOT_JOB)}
        this = {"runId": _run_id(run, name), "facets": own}
        inputs = [_input(source, step, run.traced, datasets) for source in step.sources]
        described = {**job, "facets": _job_facets("QUERY" if kind == "VIEW" else "JOB", f"Makes {step.name}")}
        yield _event("START", run.started_at, this, job)
        yield _event("COMPLETE", run.finished_at, this, described, inputs, [_output(step, kind, run.traced, datasets)])


def _event(
    kind: str,
    time: dt.datetime,
    run: Mapping[str, Any],
    job: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]] = (),
    outputs: Sequence[Mapping[str, Any]] = (),
) -> Event:
    return {
        "eventType": kind,
        "eventTime": time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "run": run,
        "job": job,
        "inputs": list(inputs),
        "outputs": list(outputs),
        "producer": facets.PRODUCER,
        "schemaURL": SCHEMA_URL,
    }


def _run_id(run: TracedRun, job: str) -> str:
    """The same for the same attempt: events that are sent twice are one."""
    return str(uuid.uuid5(RUN_IDS, f"{run.run_id} {run.version} {job}"))


def _job_facets(kind: str, description: str) -> Event:
    return {"jobType": facets.job_type(kind), "documentation": facets.documentation(description)}


def _sales_files(traced: Traced, datasets: Datasets) -> Event:
    """All arrivals are one dataset: the folders that a run reads are its part of it."""
    name = datasets.source_of(SALES, LINES)
    folders = [f"{datasets.lake}/sales_data/{arrival.folder}".rstrip("/") for arrival in traced.arrivals]
    files, size = (sum(getattr(arrival, key) for arrival in traced.arrivals) for key in ("files", "size"))
    return {
        **name.as_dict(),
        "facets": {
            "schema": facets.schema(
                [
                    *[(column, "STRING", "As it came") for column in READ_COLUMNS],
                    ("dt", "STRING", "Arrival day, by the folder"),
                ]
            ),
            "dataSource": facets.data_source(_uri(datasets.lake)),
        },
        "inputFacets": {
            "subset": facets.locations(folders),
            "inputStatistics": facets.input_statistics(files, size, traced.rows_read),
        },
    }


def _input(source: str, step: Step, traced: Traced, datasets: Datasets) -> Event:
    if source == SALES:
        return _sales_files(traced, datasets)
    name = datasets.source_of(source, step.name)
    if source in REFERENCE_FILES and reads_files(step.name):
        columns = [(one.name, one.type, one.description) for one in reference_columns.table(source).columns]
        described = {"schema": facets.schema(columns), "dataSource": facets.data_source(_uri(datasets.lake))}
        return {**name.as_dict(), "facets": described}
    # Its own event has its columns.
    return name.as_dict()


def _output(step: Step, kind: str, traced: Traced, datasets: Datasets) -> Event:
    uri = _uri(datasets.line_store) if kind == "FILE" else datasets.source
    written = {"outputStatistics": facets.output_statistics(traced.rows[step.name])} if step.name in traced.rows else {}
    return {
        **datasets.of(step.name).as_dict(),
        "facets": {
            "schema": facets.schema(_columns(step)),
            "dataSource": facets.data_source(uri),
            "datasetType": facets.dataset_type(kind),
            "columnLineage": facets.column_lineage(step, datasets),
        },
        "outputFacets": written,
    }


def _columns(step: Step) -> list[tuple[str, str, str]]:
    tables = {table.name: table for table in catalog.published()}
    if step.name in tables:
        return [(column.name, column.type, column.description) for column in tables[step.name].columns]
    types = next((view.types for view in views() if view.name == step.name), dict.fromkeys(step.columns, ""))
    return [(name, kind, "") for name, kind in types.items()]


def _uri(path: str) -> str:
    namespace = of_files(path).namespace
    return path if namespace != "file" else f"file://{path}"
