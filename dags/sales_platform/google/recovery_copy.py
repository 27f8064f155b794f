"""The copy of the tables of figures in another region."""

from __future__ import annotations

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from google.api_core.exceptions import GoogleAPICallError

from sales_job.tables import catalog
from sales_platform.google.connection import CONNECTION


def copied() -> list[str]:
    """The published tables whose rows have a key and no personal data: figures, products and records of runs.

    Rows without a key are lines, which the lake has, and nearly all bytes.
    """
    return [
        table.name
        for table in catalog.published()
        if table.key and not any(column.personal for column in table.columns)
    ]


def copy_figures(project: str, source: str, destination: str) -> None:
    """Replaces the tables of figures of one dataset by those of another, each as it is at one moment.

    Raises:
        AirflowException: tables could not be copied, with the reason of each. The others are copied.
    """
    hook = BigQueryHook(gcp_conn_id=CONNECTION)

    def reference(dataset: str, name: str) -> dict[str, str]:
        return {"projectId": project, "datasetId": dataset, "tableId": name}

    names = copied()
    problems, jobs = [], {}
    for name in names:
        copy = {
            "sourceTable": reference(source, name),
            "destinationTable": reference(destination, name),
            "createDisposition": "CREATE_IF_NEEDED",
            # A cross-region copy cannot append.
            "writeDisposition": "WRITE_TRUNCATE",
        }
        try:
            # BigQuery finds the location, which is not that of both datasets.
            jobs[name] = hook.insert_job(configuration={"copy": copy}, project_id=project, nowait=True)
        except GoogleAPICallError as error:
            problems.append(f"{name}: {error.message}")
    for name, job in jobs.items():
        try:
            job.result()
        except GoogleAPICallError as error:
            problems.append(f"{name}: {error.message}")
    if problems:
        raise AirflowException(f"{len(problems)} of {len(names)} tables are not copied: {'; '.join(problems)}")
