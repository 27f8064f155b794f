"""The job as a resource of Dataproc's API: a pure function of the settings and the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sales_platform.settings import CloudSettings
from sales_platform.shared.run_parameters import Days

IMAGE_CONNECTOR = "image"
LABEL = ("application", "sales-analytics")
"""Label of every job of the DAG, and of those that an operator submits by hand."""
MOST_EXECUTORS = "spark.dynamicAllocation.maxExecutors"
EXECUTORS_A_WORKER = 2
"""As Dataproc sets executors up, https://cloud.google.com/dataproc/docs/support/spark-job-tuning."""


def lake_of(settings: CloudSettings) -> str:
    """The folder that holds ``sales_data/``."""
    return settings.sales_data_path.rstrip("/").rpartition("/")[0]


def dataproc_job(
    settings: CloudSettings,
    days: Days,
    run_id: str,
    attempt: int,
    options: Sequence[str] = (),
    most_executors: int | None = None,
) -> dict[str, Any]:
    """The job resource of Dataproc's API.

    Args:
        run_id: the run id of the job, the same at every attempt.
        attempt: 1 for the first; Dataproc refuses an id that it has seen, so each attempt has its own, see job_id().
        options: further arguments of the job.
        most_executors: as many fit on the primary workers; by default the autoscaler adds spot workers for more.
    """
    jars = [settings.postgres_jar_path]
    if settings.bigquery_jar_path != IMAGE_CONNECTOR:
        jars.append(settings.bigquery_jar_path)
    arguments = {
        "--project-id": settings.pyspark_project_id,
        "--region": settings.region,
        "--data-bucket": settings.data_bucket,
        "--staging-bucket": settings.staging_bucket,
        "--cloudsql-ip": settings.cloudsql_ip,
        "--database-name": settings.database_name,
        "--database-user": settings.database_user,
        "--sql-password-secret": settings.sql_password_secret,
        "--customer-key-secret": settings.customer_key_secret,
        "--bigquery-dataset": settings.bigquery_dataset,
        "--environment": settings.environment,
        "--lake": lake_of(settings),
        "--start-date": str(days.start),
        "--end-date": str(days.end),
        "--run-id": run_id,
        "--primary-workers": str(settings.primary_workers),
        "--query-usd-per-tib": str(settings.query_usd_per_tib),
    }
    if settings.cluster_usd_per_hour is not None:
        arguments["--cluster-usd-per-hour"] = str(settings.cluster_usd_per_hour)
        arguments["--spot-worker-usd-per-hour"] = str(settings.spot_worker_usd_per_hour)
    return {
        "reference": {"project_id": settings.pyspark_project_id, "job_id": job_id(run_id, attempt)},
        "placement": {"cluster_name": settings.dataproc_cluster},
        "labels": {LABEL[0]: LABEL[1], "environment": settings.environment},
        "pyspark_job": {
            "main_python_file_uri": settings.pyspark_job_path,
            "python_file_uris": [*settings.pyspark_py_files, settings.pyspark_dependencies],
            "jar_file_uris": jars,
            "args": [*(part for pair in arguments.items() for part in pair), *options],
            **({} if most_executors is None else {"properties": {MOST_EXECUTORS: str(most_executors)}}),
        },
    }


def job_id(run_id: str, attempt: int) -> str:
    """Dataproc's id of an attempt. 100 letters are allowed; the end of a run id distinguishes runs."""
    return f"sales-{run_id[-80:]}-{attempt}".replace(".", "-")


def is_sales_job(settings: CloudSettings, job: Any) -> bool:
    """Whether a job on the cluster works on the warehouse, whoever submitted it."""
    main: str = job.pyspark_job.main_python_file_uri
    return (LABEL[0], job.labels.get(LABEL[0])) == LABEL or main == settings.pyspark_job_path


def run_of(job: Any) -> str | None:
    """The run id that a job on the cluster was given."""
    arguments = list(job.pyspark_job.args)
    return arguments[arguments.index("--run-id") + 1] if "--run-id" in arguments[:-1] else None
