"""The environment variables that the DAGs read: all of them, and the only place that reads them.

DAG files read their settings when Airflow parses them, so a required variable that is missing or malformed is an
import error that names it. An optional variable is left out where an environment does not have what it sets.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self, get_args, get_type_hints

from airflow.exceptions import AirflowFailException

LOCAL = "local"
"""``ENVIRONMENT`` of an Airflow that runs everything on its own machine."""


class SettingsError(AirflowFailException):
    """A variable is missing or malformed; a retry does not change that."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _true(text: str) -> bool:
    if text != "true":
        raise ValueError(f"is '{text}': leave it out, or set it to 'true'")
    return True


CONVERTERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: _true,
    dt.date: dt.date.fromisoformat,
    tuple[str, ...]: _names,
}
"""How the text of a variable becomes the value of a field, by the field's type."""


@dataclass(frozen=True)
class _Settings:
    """Each field is the environment variable of the same name in capitals; ``T | None`` makes it optional."""

    @classmethod
    def read(cls) -> Self:
        """Reads every field.

        Raises:
            SettingsError: names every variable that is missing, or the first one that is malformed.
        """
        kinds = get_type_hints(cls)
        texts = {field.name: os.environ.get(field.name.upper()) or None for field in fields(cls)}
        missing = [name.upper() for name, text in texts.items() if text is None and not _is_optional(kinds[name])]
        if missing:
            raise SettingsError(
                f"{', '.join(missing)}: not set in Airflow's environment. The stack sets it in Composer; "
                "on this machine start DAGs with 'npm run dag'"
            )
        return cls(**{name: _convert(name, kinds[name], text) for name, text in texts.items()})


def _is_optional(kind: Any) -> bool:
    return type(None) in get_args(kind)


def _convert(name: str, kind: Any, text: str | None) -> Any:
    if text is None:
        return None
    wanted = get_args(kind)[0] if _is_optional(kind) else kind
    try:
        return CONVERTERS[wanted](text)
    except ValueError as error:
        raise SettingsError(f"{name.upper()}: {error}") from None


@dataclass(frozen=True)
class CloudSettings(_Settings):
    """The variables that the stack gives Composer (constructs/orchestration/dag-settings.ts), schedules aside."""

    pyspark_project_id: str
    region: str
    dataproc_cluster: str
    data_bucket: str
    staging_bucket: str
    archive_bucket: str
    report_bucket: str
    cloudsql_instance: str
    cloudsql_ip: str
    """DNS name of the database in the network's private zone."""
    database_name: str
    database_user: str
    sql_password_secret: str
    customer_key_secret: str
    """Secret with the key of the customers' ids."""
    bigquery_dataset: str
    audit_dataset: str
    """Dataset with a copy of the audit log."""
    sales_data_path: str
    products_data_path: str
    stores_data_path: str
    pyspark_job_path: str
    pyspark_py_files: tuple[str, ...]
    pyspark_dependencies: str
    bigquery_jar_path: str
    """``image`` where the connector of the Dataproc image is used."""
    postgres_jar_path: str
    operator_service_account: str
    rotation_subscription: str
    """Subscription to Secret Manager's rotation messages: ``projects/<project>/subscriptions/<name>``."""
    rotation_days: int
    """Age in days at which a password is replaced."""
    notification_secret: str
    """Secret with the SMTP URL and the chat webhook, see sales_platform/notify/channels.py."""
    notification_emails: tuple[str, ...] | None
    """Recipients of notifications, separated by commas."""
    maximum_bytes_billed: int
    """Bytes that one query of the DAG may scan."""
    primary_workers: int
    cluster_usd_per_hour: float | None
    """Price of the master and the primary workers; None where cost/prices.json has none for their machine types."""
    spot_worker_usd_per_hour: float | None
    query_usd_per_tib: float
    """Price of what BigQuery bills for queries; 0 where slots are reserved."""
    arrival_wait_hours: int
    """Hours after the end of a day in which its sales files may still arrive."""
    late_file_days: int
    """Days after its own in which a run takes files that came late to a day; 0: none."""
    hold_unusual_days: bool | None
    """Whether a day that is unlike the same weekdays before it is not published."""
    restore_drill_instance_prefix: str
    """Beginning of the names of Cloud SQL instances that a restore drill creates and deletes."""
    environment: str


@dataclass(frozen=True)
class LocalSettings(_Settings):
    """The variables that ``npm run dag`` gives Airflow on one machine."""

    local_project: str
    """Folder of the checkout."""
    local_warehouse: str
    local_node: str
    """The Node.js program that builds the report."""
    local_lake: str | None
    """Folder of the lake; only the daily DAG has one."""

    @property
    def lake(self) -> str:
        """The lake.

        Raises:
            SettingsError: this Airflow was started without one.
        """
        if self.local_lake is None:
            raise SettingsError("LOCAL_LAKE: not set in Airflow's environment: give 'npm run dag' a --lake")
        return self.local_lake


@dataclass(frozen=True)
class ParseSettings(_Settings):
    """The variables that decide schedules and graphs."""

    first_day: dt.date
    """First day that the schedule takes."""
    run_hour: int
    """Hour of the daily run, UTC."""
    deadline_hours: int
    """Hours after the hour of the daily run at which the tables of the day must be up to date."""
    maximum_quarantine_share: float
    """Share of a run's lines, 0 to 1, above which bad lines raise an alert."""
    cluster_standing: bool | None
    """``true`` where the cluster always runs; without it each run starts the cluster and stops it."""
    office_hours: str | None
    """Hours in which the database runs, see services/office_hours.py; without it the database always runs."""
    restore_drill_schedule: str | None
    """Cron expression, UTC; without it restore drills are started by hand."""
    recovery_dataset: str | None
    """Dataset in another region into which a run copies the tables of figures; without it there is no copy."""
    data_scans: tuple[str, ...] | None
    """Scans of the tables that follow a run, by their ids; without it there are none."""


LOCAL_SCHEDULE = ParseSettings(
    first_day=dt.date(2000, 1, 1),
    run_hour=0,
    deadline_hours=6,
    maximum_quarantine_share=0.05,
    cluster_standing=None,
    office_hours=None,
    restore_drill_schedule=None,
    recovery_dataset=None,
    data_scans=None,
)


def is_local() -> bool:
    """Whether this Airflow runs everything on its own machine."""
    return os.environ.get("ENVIRONMENT") == LOCAL


def parse_settings() -> ParseSettings:
    """The settings of schedules and graphs. They are fixed on one machine, where no scheduler runs.

    Raises:
        SettingsError: a variable is missing or malformed, of these or of those that the tasks will read.
    """
    if is_local():
        LocalSettings.read()
        return LOCAL_SCHEDULE
    CloudSettings.read()
    return ParseSettings.read()
