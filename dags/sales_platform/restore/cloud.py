"""Drills in Google Cloud: Cloud SQL's own backups, restored into an instance of its own, as the operator account."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.hooks.gcs import GCSHook

from sales_platform.google import postgres_login
from sales_platform.google.cloud_sql import CloudSql
from sales_platform.google.postgres_login import connected
from sales_platform.google.secret_manager import newest_value, secret_manager
from sales_platform.restore.backend import DrillBackend
from sales_platform.restore.drill import Backup, DatabaseContents, read_contents
from sales_platform.settings import CloudSettings

REMOVE_SECONDS = 1200
PASSWORD_SECONDS = 300

COPIED_SETTINGS = ("tier", "edition", "dataDiskType", "dataDiskSizeGb", "databaseFlags", "userLabels")
"""Settings of the live instance that a copy has too; in everything else a copy is smaller."""


class CloudDrill(DrillBackend):
    """The live instance of an environment, its backups, and copies."""

    def __init__(self, settings: CloudSettings) -> None:
        self._settings = settings
        self._sql = CloudSql(settings.pyspark_project_id, settings.operator_service_account)
        self._live = settings.cloudsql_instance

    def copy_name(self, at: dt.datetime) -> str:
        """A name that was never used: the name of a deleted instance is blocked for a week."""
        return f"{self._settings.restore_drill_instance_prefix}{at:%Y%m%d-%H%M%S}"

    def latest_backup(self) -> Backup | None:
        """The newest backup that Cloud SQL completed."""
        complete = [run for run in self._sql.backups(self._live) if run["status"] == "SUCCESSFUL"]
        if not complete:
            return None
        newest = max(complete, key=lambda run: dt.datetime.fromisoformat(run["startTime"]))
        return Backup(str(newest["id"]), newest["startTime"])

    def make_copy(self, copy: str) -> None:
        """Starts to create a zonal instance without backups or deletion protection, in the same network."""
        if self._sql.instance(copy) is not None:
            return
        live = self._sql.instance(self._live)
        if live is None:
            raise AirflowException(f"{self._live}: there is no such instance")
        network = live["settings"]["ipConfiguration"]
        body: dict[str, Any] = {
            "name": copy,
            "region": live["region"],
            "databaseVersion": live["databaseVersion"],
            "settings": {name: live["settings"][name] for name in COPIED_SETTINGS if name in live["settings"]}
            | {
                "availabilityType": "ZONAL",
                "activationPolicy": "ALWAYS",
                "backupConfiguration": {"enabled": False},
                "deletionProtectionEnabled": False,
                "ipConfiguration": {
                    "ipv4Enabled": False,
                    "privateNetwork": network["privateNetwork"],
                    "sslMode": network["sslMode"],
                },
            },
        }
        if key := live.get("diskEncryptionConfiguration", {}).get("kmsKeyName"):
            body["diskEncryptionConfiguration"] = {"kmsKeyName": key}
        self._sql.create(body)

    def is_made(self, copy: str) -> bool:
        """Whether the instance runs."""
        return self._sql.is_running(copy)

    def restore(self, copy: str, backup: str) -> str:
        """Starts to restore a backup of the live instance; returns the operation's name."""
        return self._sql.restore(copy, backup, self._live)

    def is_restored(self, operation: str) -> bool:
        """Whether the operation has ended well."""
        return self._sql.is_done(operation)

    def database_contents(self, copy: str | None, until: str) -> DatabaseContents:
        """Contents of a copy, or of the live database, read as the job's user."""
        settings = self._settings
        password = self._live_password() if copy is None else self._set_password(copy)
        # Each instance has an authority of its own.
        instance = copy or self._live
        host, authority = self._sql.private_address(instance), self._sql.authority(instance)
        login = (settings.database_name, settings.database_user, password)
        with connected(host, postgres_login.PORT, *login, authority=authority) as connection:
            return read_contents(connection, until)

    def _live_password(self) -> str:
        settings = self._settings
        client = secret_manager(settings.operator_service_account)
        password = newest_value(client, settings.pyspark_project_id, settings.sql_password_secret)
        if password is None:
            raise AirflowException(f"{settings.sql_password_secret}: has no version: run rotate_database_password")
        return password

    def _set_password(self, copy: str) -> str:
        # A restored copy has the password of the backup's time, whose version may be disabled by now.
        password = secrets.token_urlsafe(32)
        self._sql.set_password(copy, self._settings.database_user, password, PASSWORD_SECONDS)
        return password

    def remove_copies(self) -> list[str]:
        """Deletes every instance whose name begins as a copy's does."""
        prefix = self._settings.restore_drill_instance_prefix
        copies = [item["name"] for item in self._sql.instances() if item["name"].startswith(prefix)]
        for copy in copies:
            self._sql.delete(copy, REMOVE_SECONDS)
        return copies

    def record(self, report: dict[str, Any]) -> None:
        """Keeps the report in the archive bucket, which is write-once: a second attempt finds its own object."""
        name, bucket = f"archives/backup/restore_drills/{report['copy']}.json", self._settings.archive_bucket
        storage = GCSHook()
        if not storage.exists(bucket, name):
            storage.upload(bucket, name, data=json.dumps(report), mime_type="application/json")
