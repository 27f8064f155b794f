"""The report in the cloud: its figures from BigQuery, its template from beside the DAGs, its page in a bucket of its
own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from google.api_core.exceptions import NotFound
from google.cloud.bigquery import Client, QueryJobConfig

import sales_platform
from sales_job.report.budget import SHARE_OF_A_QUERY
from sales_job.report.document import read_document
from sales_job.report.page import page
from sales_job.report.queries import Query
from sales_platform.google.connection import CONNECTION
from sales_platform.google.storage import write
from sales_platform.settings import CloudSettings

TEMPLATE = Path(sales_platform.__file__).with_name("report_template.html")
"""Written there by the stack (constructs/lake/job-artifacts.ts)."""

OBJECT = "report.html"


def write_report(settings: CloudSettings) -> str:
    """Writes the page in place of the last one; returns its address, which asks a reader to sign in."""
    client = _client(settings)
    most_bytes = int(settings.maximum_bytes_billed * SHARE_OF_A_QUERY)
    document = read_document(_select(client, settings), most_bytes, streaming=_has_open_days(client, settings))
    content = page(TEMPLATE.read_text(encoding="utf-8"), document)
    # A browser that kept an older page would show its figures as today's.
    write(f"gs://{settings.report_bucket}/{OBJECT}", content, "text/html; charset=utf-8", cache="no-store")
    return f"https://storage.cloud.google.com/{settings.report_bucket}/{OBJECT}"


def _client(settings: CloudSettings) -> Client:
    hook = BigQueryHook(gcp_conn_id=CONNECTION)
    client: Client = hook.get_client(project_id=settings.pyspark_project_id, location=settings.region)
    return client


def _has_open_days(client: Client, settings: CloudSettings) -> bool:
    """Whether the environment takes messages: without ``streaming`` it has no such view."""
    try:
        client.get_table(f"{settings.pyspark_project_id}.{settings.bigquery_dataset}.sales_today")
    except NotFound:
        return False
    return True


def _select(client: Client, settings: CloudSettings) -> Any:
    limits = QueryJobConfig(
        default_dataset=f"{settings.pyspark_project_id}.{settings.bigquery_dataset}",
        # BigQuery refuses a query that would read more, before it costs anything.
        maximum_bytes_billed=settings.maximum_bytes_billed,
    )

    def select(query: Query) -> Iterable[Mapping[str, Any]]:
        return client.query(query.sql, job_config=limits).result()

    return select
