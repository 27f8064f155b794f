"""The task that writes the report from BigQuery into its bucket."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from google_server import Google

from sales_job.tables import catalog
from sales_platform.daily_sales import report_writer
from sales_platform.daily_sales.cloud import CloudBackend
from sales_platform.settings import CloudSettings, parse_settings

ROOT = Path(__file__).resolve().parents[3]
NO_SALES = (
    {"first_day": "DATE", "last_day": "DATE", "newest_day": "DATE", "stores": "INTEGER"},
    [[None, None, None, "0"]],
)
REASONS = ({"reason": "STRING", "lines": "INTEGER"}, [["no store_id", "3"], ["quantity is 0", "1"]])


@pytest.fixture
def written(google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Runs the task with a template; returns the stored object."""
    template = tmp_path / "report_template.html"
    template.write_text("<p>Größe</p><script>REPORT_DOCUMENT</script>", encoding="utf-8")
    monkeypatch.setattr(report_writer, "TEMPLATE", template)
    google.answers = {"AS last_day": NO_SALES, "AS lines": REASONS}
    address = CloudBackend(CloudSettings.read(), parse_settings()).write_report()
    # A reader signs in there; the address of the API would ask for a token.
    assert address == "https://storage.cloud.google.com/sales-analytics-dev-report/report.html"
    (name,) = google.objects
    assert name == "sales-analytics-dev-report/report.html"
    return google.objects[name]


def test_the_page_is_html_that_no_browser_keeps(written: dict[str, Any]) -> None:
    assert (written["contentType"], written["cacheControl"]) == ("text/html; charset=utf-8", "no-store")


def test_the_page_has_what_bigquery_answered(written: dict[str, Any]) -> None:
    page = written["content"].decode()
    found = re.fullmatch(r"<p>Größe</p><script>([A-Za-z0-9+/=]+)</script>", page)
    assert found is not None
    raw = zlib.decompress(base64.b64decode(found[1]))
    document = json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")])
    assert document["sales"] is None
    assert document["quality"]["reasons"] == [
        {"reason": "no store_id", "lines": 3},
        {"reason": "quantity is 0", "lines": 1},
    ]


def test_every_query_has_the_limit_and_the_dataset_of_the_settings(google: Google, written: dict[str, Any]) -> None:
    queries = [job["configuration"]["query"] for job in google.queries.values()]
    assert len(queries) > 3
    settings = CloudSettings.read()
    for query in queries:
        assert query["maximumBytesBilled"] == str(settings.maximum_bytes_billed)
        assert query["defaultDataset"] == {
            "projectId": settings.pyspark_project_id,
            "datasetId": settings.bigquery_dataset,
        }


@pytest.mark.parametrize("streaming", [False, True])
def test_open_days_are_asked_for_where_the_dataset_has_the_view(
    google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, streaming: bool
) -> None:
    view = {"tableReference": {"projectId": "sales-analytics-dev", "datasetId": "sales_dev", "tableId": "sales_today"}}
    if streaming:
        google.routes.insert(
            0, (r"GET /bigquery/v2/projects/[\w-]+/datasets/[\w-]+/tables/sales_today", lambda *_: view)
        )
    asked = []
    monkeypatch.setattr(report_writer, "read_document", lambda *_, streaming: asked.append(streaming) or {})
    monkeypatch.setattr(report_writer, "TEMPLATE", tmp_path / "template")
    report_writer.TEMPLATE.write_text("REPORT_DOCUMENT")
    CloudBackend(CloudSettings.read(), parse_settings()).write_report()
    assert asked == [streaming]


def test_no_query_names_personal_data_which_airflow_may_not_read() -> None:
    personal = {column.name for table in catalog.published() for column in table.columns if column.personal}
    assert {"customer_id", "manager_email"} <= personal
    folder = ROOT / "pyspark-jobs/sales_job/report/queries"
    queries = {path.name: re.sub(r"--.*", "", path.read_text()) for path in folder.glob("*.sql")}
    assert len(queries) > 5
    named = {
        name: found for name, text in queries.items() if (found := personal.intersection(re.findall(r"\w+", text)))
    }
    assert named == {}
    # Nor all columns of a table.
    stars = {name: re.findall(r"(?:SELECT|\.)\s*\*.*?FROM\s+(\S+)", text, re.DOTALL) for name, text in queries.items()}
    assert [name for name, sources in stars.items() if any("$" in source for source in sources)] == []
