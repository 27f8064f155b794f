"""What the DAGs are told: environment variables, read when a task runs.

A DAG file parses without any of them; a task that needs one that is not set fails at once, naming it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TypeVar

from airflow.exceptions import AirflowFailException

LOCAL = "local"

S = TypeVar("S", bound="_Settings")


class MissingSetting(AirflowFailException):
    """A variable that is not set; no retry sets it."""


@dataclass(frozen=True)
class _Settings:
    """Each field is the environment variable of the same name in capitals."""

    @classmethod
    def read(cls: type[S]) -> S:
        """Reads every field.

        Raises:
            MissingSetting: names all variables that are not set.
        """
        names = [field.name for field in fields(cls)]
        missing = [name.upper() for name in names if not os.environ.get(name.upper())]
        if missing:
            raise MissingSetting(
                f"{', '.join(missing)}: not set in Airflow's environment; the stack sets what DAGs read"
            )
        return cls(**{name: os.environ[name.upper()] for name in names})


@dataclass(frozen=True)
class CloudSettings(_Settings):
    """What the stack gives Composer: constructs/orchestration/dag-settings.ts."""

    pyspark_project_id: str
    region: str
    dataproc_cluster: str
    data_bucket: str
    staging_bucket: str
    archive_bucket: str
    cloudsql_instance: str
    cloudsql_ip: str
    database_name: str
    database_user: str
    sql_password_secret: str
    bigquery_dataset: str
    sales_data_path: str
    products_data_path: str
    stores_data_path: str
    pyspark_job_path: str
    pyspark_py_files: str
    pyspark_files: str
    pyspark_dependencies: str
    bigquery_jar_path: str
    postgres_jar_path: str
    operator_service_account: str
    rotation_subscription: str
    """Secret Manager's requests for a new password: ``projects/P/subscriptions/S``."""
    rotation_days: str
    notification_secret: str
    """What channels need, see sales_platform/notify/channels.py."""
    notification_emails: str
    """Addresses, with commas; or ``none``."""
    maximum_bytes_billed: str
    environment: str


@dataclass(frozen=True)
class LocalSettings(_Settings):
    """What ``npm run dag`` gives Airflow on one machine."""

    local_project: str
    """The checkout."""
    local_warehouse: str
    local_node: str
    """The Node that builds the report."""


@dataclass(frozen=True)
class LocalLakeSettings(LocalSettings):
    """What a DAG that reads the lake is given besides."""

    local_lake: str


def setting(name: str) -> str:
    """One variable, for templates: ``{{ setting('DATA_BUCKET') }}``."""
    value = os.environ.get(name)
    if not value:
        raise MissingSetting(f"{name}: not set in Airflow's environment; the stack sets what DAGs read")
    return value


def first_day() -> str:
    """The first day that the schedule runs, yyyy-MM-dd; a local Airflow has no scheduler and runs any day."""
    return os.environ.get("FIRST_DAY", "2000-01-01")


def run_hour() -> int:
    """The hour, in UTC, of the daily run; 0 locally."""
    return int(os.environ.get("RUN_HOUR", "0"))


def deadline_hours() -> int:
    """Hours after the daily run's hour by which the tables of the day must be up to date."""
    return int(os.environ.get("DEADLINE_HOURS", "6"))


def drill_schedule() -> str | None:
    """When restores are drilled, a cron expression; None where only a person starts a drill."""
    schedule = os.environ.get("RESTORE_DRILL_SCHEDULE", "never")
    return None if schedule == "never" else schedule


def is_local() -> bool:
    """Whether this Airflow runs everything on its own machine."""
    return os.environ.get("ENVIRONMENT") == LOCAL
