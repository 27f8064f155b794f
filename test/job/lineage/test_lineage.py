"""Lineage events of a run: what they name, where they are kept, and that they never decide about a run."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import make_lineage
import pytest
from lineage_specification import EVENT, FACETS, facet, faults

from sales_job.base.arguments import parse
from sales_job.base.google_api import ApiError, GoogleApi
from sales_job.lineage import datasets
from sales_job.lineage.column_lineage import steps, upstream
from sales_job.lineage.events import Arrival, Event, Traced, TracedRun, events
from sales_job.tables import catalog
from sales_job.tables.view_catalog import views
from sales_job.targets import dataproc, local

STARTED = dt.datetime(2026, 3, 18, 4, 0, tzinfo=dt.UTC)
ENDED = STARTED + dt.timedelta(seconds=90)
ARRIVALS = [Arrival("dt=2026-03-17", 2, 1000), Arrival("", 1, 24)]
TRACED = Traced(ARRIVALS, 40, {"lines": 38, "sales_lines": 38, "quarantined_sales": 2}, published=True)
BIGQUERY = datasets.bigquery("p1", "sales", "gs://b1/production_data", "gs://b1/production_data/processed")
NOT_OF_LINES = {"arrivals", "etl_runs", "quality_checks", "revenue_forecast", "forecast_accuracy"}
"""Published tables that say something about runs, or that another program fills."""
OF_MESSAGES = {"sales_today", "streamed_quarantine"}
"""Views that no run makes."""


def traced(error: str | None = None, data: Traced = TRACED, version: str = "v1") -> TracedRun:
    return TracedRun("run-1", version, STARTED, ENDED, error, "3.5.9", data)


def output(found: list[Event], name: str) -> dict[str, Any]:
    (one,) = [event for event in found if event["job"]["name"] == f"sales_analytics.{name}" and event["outputs"]]
    return dict(one)


def fields(event: dict[str, Any], column: str) -> set[tuple[str, str, str]]:
    """The columns that a column is made of, with the ways."""
    lineage = event["outputs"][0]["facets"]["columnLineage"]["fields"][column]["inputFields"]
    return {(one["name"], one["field"], "/".join(way["subtype"] for way in one["transformations"])) for one in lineage}


DUCKDB = datasets.duckdb("/w", "/lake", "/w/processed")


@pytest.mark.parametrize("where", [BIGQUERY, DUCKDB])
@pytest.mark.parametrize("run", [traced(), traced("it broke"), traced(data=Traced())])
def test_every_event_is_as_the_specification_says(where: datasets.Datasets, run: TracedRun) -> None:
    for event in events(run, where):
        assert list(faults(EVENT, event)) == []


def test_an_event_that_is_not_is_found() -> None:
    """Else the test above would hold of any event: each field of an event and of a facet of each kind is misspelt."""
    samples: dict[str, dict[str, Any]] = {}

    def sample(one: dict[str, Any]) -> dict[str, Any]:
        return samples.setdefault(one.get("_schemaURL") or one.get("schemaURL") or str(sorted(one)), one)

    for event in (*events(traced(), BIGQUERY), *events(traced("it broke"), BIGQUERY)):
        json.loads(json.dumps(event), object_hook=sample)
    urls = {url.removeprefix("https://openlineage.io/spec/facets/").partition(".json")[0] for url in samples}
    assert urls >= set(FACETS)
    for url, one in samples.items():
        if not url.startswith("https://"):
            continue
        shape = EVENT if "RunEvent" in url else facet
        assert list(faults(shape, one)) == []
        for name in one.keys() - {"_schemaURL"}:
            misspelt = {f"{key}_" if key == name else key: value for key, value in one.items()}
            assert [fault for fault in faults(shape, misspelt) if f"{name}_: is not described" in fault], (url, name)
            assert list(faults(shape, {**one, name: 5.5})), (url, name)
    broken = json.loads(json.dumps(events(traced(), BIGQUERY)[0]))
    del broken["producer"], broken["run"]["runId"]
    assert list(faults(EVENT, broken)) == ["event.producer: is missing", "event.run.runId: is missing"]


def test_the_file_is_what_the_sql_says() -> None:
    assert make_lineage.FILE.read_text() == make_lineage.content(), "run `npm run docs`"


def test_every_table_of_sales_and_every_view_has_its_step() -> None:
    tables = {table.name for table in catalog.published()} - NOT_OF_LINES
    assert set(steps()) == {"lines"} | tables | ({view.name for view in views()} - OF_MESSAGES)


def test_sources_of_a_table_and_of_a_view() -> None:
    assert set(upstream("daily_sales_summary")) == {"lines", "stores"}
    assert set(upstream("cohort_retention")) == {"customers", "sales_lines"}
    assert set(upstream("lines")) == {"sales_data", "products"}
    assert upstream("etl_runs") == ()


def test_each_job_has_a_start_and_an_end() -> None:
    found = events(traced(), BIGQUERY)
    runs: dict[str, list[Event]] = {}
    for event in found:
        runs.setdefault(event["run"]["runId"], []).append(event)
    assert len(runs) == 1 + len(steps())
    for both in runs.values():
        assert [event["eventType"] for event in both] == ["START", "COMPLETE"]
        assert len({event["job"]["name"] for event in both}) == 1
    times = [(event["eventType"], event["eventTime"]) for event in found]
    assert set(times) == {("START", "2026-03-18T04:00:00.000Z"), ("COMPLETE", "2026-03-18T04:01:30.000Z")}
    assert found[0]["job"] == {**found[-1]["job"]}


def test_files_tables_and_views_have_the_names_of_the_specification() -> None:
    found = events(traced(), BIGQUERY)
    lines = output(found, "lines")
    assert [(one["namespace"], one["name"]) for one in lines["inputs"]] == [
        ("gs://b1", "production_data/sales_data"),
        ("gs://b1", "production_data/reference_data/products.csv"),
    ]
    assert lines["outputs"][0]["name"] == "production_data/processed"
    sales = lines["inputs"][0]["inputFacets"]
    assert sales["subset"]["inputCondition"] == {
        "type": "location",
        "locations": [
            "gs://b1/production_data/sales_data/dt=2026-03-17",
            "gs://b1/production_data/sales_data",
        ],
    }
    statistics = sales["inputStatistics"]
    assert (statistics["fileCount"], statistics["size"], statistics["rowCount"]) == (3, 1024, 40)
    daily = output(found, "daily_sales_summary")
    assert {(one["namespace"], one["name"]) for one in daily["inputs"]} == {
        ("gs://b1", "production_data/processed"),
        ("gs://b1", "production_data/reference_data/stores.csv"),
    }
    table = daily["outputs"][0]
    assert (table["namespace"], table["name"]) == ("bigquery", "p1.sales.daily_sales_summary")
    # The view reads the table of products, not the file.
    trends = output(found, "product_trends")
    assert {one["name"] for one in trends["inputs"]} == {"p1.sales.daily_product_sales", "p1.sales.products"}
    assert output(found, "sales_lines")["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 38


def test_columns_lead_from_files_to_views() -> None:
    found = events(traced(), BIGQUERY)
    store = "production_data/processed"
    assert fields(output(found, "lines"), "quantity_units") == {
        ("production_data/sales_data", "quantity", "TRANSFORMATION")
    }
    assert fields(output(found, "daily_sales_summary"), "daily_revenue") == {
        (store, "quantity_units", "AGGREGATION"),
        (store, "price_units", "AGGREGATION"),
    }
    assert fields(output(found, "kpis_daily"), "basket_value") == {
        ("p1.sales.daily_sales_summary", "daily_revenue", "TRANSFORMATION"),
        ("p1.sales.daily_sales_summary", "daily_transactions", "TRANSFORMATION"),
    }
    grouped = output(found, "daily_sales_summary")["outputs"][0]["facets"]["columnLineage"]["dataset"]
    assert {one["field"] for one in grouped} == {"store_id", "transaction_date"}
    key = output(found, "sales_lines")["outputs"][0]["facets"]["columnLineage"]["fields"]["customer_key"]
    assert key["inputFields"][0]["transformations"] == [
        {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}
    ]


def test_a_failed_run_says_why_and_what_it_read() -> None:
    found = events(traced("one key twice", Traced(ARRIVALS)), BIGQUERY)
    assert [event["eventType"] for event in found] == ["START", "FAIL"]
    error = found[1]["run"]["facets"]["errorMessage"]
    assert (error["message"], error["programmingLanguage"]) == ("one key twice", "PYTHON")
    assert found[1]["inputs"][0]["name"] == "production_data/sales_data"
    assert found[0]["run"]["runId"] == found[1]["run"]["runId"]
    # Before the files were found.
    assert events(traced("no lake", Traced()), BIGQUERY)[1]["inputs"] == []


def test_a_run_without_arrivals_has_made_nothing() -> None:
    assert [event["eventType"] for event in events(traced(data=Traced()), BIGQUERY)] == ["START", "COMPLETE"]


def test_a_year_at_once_stays_small() -> None:
    year = [Arrival(f"dt={dt.date(2026, 1, 1) + dt.timedelta(day)}", 3, 10**6) for day in range(365)]
    one, all_days = (
        len("".join(map(json.dumps, events(traced(data=Traced(days, 1, {}, published=True)), BIGQUERY))))
        for days in (year[:1], year)
    )
    assert all_days < 250_000
    assert all_days - one < 365 * 70


def test_attempts_of_a_run_share_its_file(tmp_path: Path) -> None:
    local.keep_lineage(tmp_path, "lake", traced("killed", Traced(), version="v1"))
    local.keep_lineage(tmp_path, "lake", traced(version="v2"))
    (file,) = (tmp_path / "lineage").iterdir()
    assert file.name == "run-1.jsonl"
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    roots = [event for event in kept if event["job"]["name"] == "sales_analytics"]
    assert [event["eventType"] for event in roots] == ["START", "FAIL", "START", "COMPLETE"]
    assert len({event["run"]["runId"] for event in roots}) == 2
    table = output(kept, "sales_lines")["outputs"][0]
    assert (table["namespace"], table["name"]) == (
        f"duckdb://{tmp_path}/warehouse.duckdb",
        "warehouse.main.sales_lines",
    )
    assert kept[2]["job"]["namespace"] == f"file:{tmp_path}"


class Api(GoogleApi):
    """Keeps what is sent; refuses from a certain request on."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__(token=lambda: "")
        self.sent: list[tuple[str, Any, Any]] = []
        self._most = most

    def call(self, method: str, url: str, body: Any = None, query: Any = None) -> Any:
        self.sent.append((f"{method} {url}", body, query))
        if len(self.sent) > self._most:
            raise ApiError(403, "Permission denied")
        return {}


CLOUD = parse(
    [
        f"--{name}={value}"
        for name, value in {
            "project-id": "p1",
            "region": "europe-west3",
            "data-bucket": "b1",
            "cloudsql-ip": "db",
            "database-name": "d",
            "database-user": "u",
            "sql-password-secret": "s",
            "bigquery-dataset": "sales",
            "environment": "dev",
        }.items()
    ]
).cloud


def test_the_cloud_gets_each_event_once_and_starts_first() -> None:
    assert CLOUD is not None
    api = Api()
    dataproc.send_lineage(CLOUD, "gs://b1/production_data", traced(), api)
    url = "https://datalineage.googleapis.com/v1/projects/p1/locations/europe-west3:processOpenLineageRunEvent"
    assert {request for request, _, _ in api.sent} == {f"POST {url}"}
    expected = events(traced(), BIGQUERY)
    assert sorted(map(json.dumps, expected)) == sorted(json.dumps(body) for _, body, _ in api.sent)
    kinds = [body["eventType"] for _, body, _ in api.sent]
    assert kinds == sorted(kinds, key=lambda kind: kind != "START")
    ids = [uuid.UUID(query["requestId"]) for _, _, query in api.sent]
    assert len(set(ids)) == len(ids)
    # Its limits: 5 MB a message, 1,000 links of inputs to outputs.
    assert max(len(json.dumps(body)) for _, body, _ in api.sent) < 5_000_000
    assert max(len(body["inputs"]) * len(body["outputs"]) for _, body, _ in api.sent) < 1_000


def test_a_refusal_is_raised_for_the_warning_and_ends_the_sending() -> None:
    assert CLOUD is not None
    api = Api(most=0)
    with pytest.raises(ApiError, match="Permission denied"):
        dataproc.send_lineage(CLOUD, "gs://b1/production_data", traced(), api)
    assert len(api.sent) <= len(steps()) + 1
