"""Drills in Google Cloud: Cloud SQL's own backups, restored into an instance of its own; as the operator account."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any

from airflow.providers.google.cloud.hooks.gcs import GCSHook

from sales_platform.google.api import GoogleApi, is_done
from sales_platform.google.cloud_sql import CloudSql
from sales_platform.google.postgres_login import connected
from sales_platform.password.cloud import POSTGRES_PORT, SecretManagerVault
from sales_platform.restore.drill import Backup, Facts, read_facts
from sales_platform.settings import CloudSettings

REMOVE_SECONDS = 1200
PASSWORD_SECONDS = 300

KEPT = ("tier", "edition", "dataDiskType", "dataDiskSizeGb", "databaseFlags", "userLabels")
"""What a copy has in common with the live instance, of its settings; it is smaller in everything else."""


class CloudSite:
    """The live instance, its backups, and copies named ``<prefix><something>``."""

    def __init__(self, settings: CloudSettings, api: GoogleApi) -> None:
        self._settings, self._api = settings, api
        self._sql = CloudSql(api, settings.pyspark_project_id)
        self._live = settings.cloudsql_instance
        self._prefix = f"sales-{settings.environment}-drill-"

    def name(self, at: dt.datetime) -> str:
        """A name that was not taken yet: one of a deleted instance is blocked for a week."""
        return f"{self._prefix}{at:%Y%m%d-%H%M%S}"

    def latest_backup(self) -> Backup | None:
        """See :class:`~sales_platform.restore.drill.Site`."""
        runs = self._sql.call("GET", f"/{self._live}/backupRuns?maxResults=50").get("items", [])
        whole = [run for run in runs if run["status"] == "SUCCESSFUL"]
        if not whole:
            return None
        newest = max(whole, key=lambda run: dt.datetime.fromisoformat(run["startTime"]))
        return Backup(str(newest["id"]), newest["startTime"])

    def make_copy(self, copy: str) -> None:
        """See :class:`~sales_platform.restore.drill.Site`."""
        if self._sql.instance(copy) is not None:
            return
        live = self._sql.call("GET", f"/{self._live}")
        network = live["settings"]["ipConfiguration"]
        body: dict[str, Any] = {
            "name": copy,
            "region": live["region"],
            "databaseVersion": live["databaseVersion"],
            "settings": {name: live["settings"][name] for name in KEPT if name in live["settings"]}
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
        self._sql.call("POST", "", body)

    def is_made(self, copy: str) -> bool:
        """See :class:`~sales_platform.restore.drill.Site`."""
        return self._sql.is_running(self._sql.instance(copy) or {})

    def restore(self, copy: str, backup: str) -> str:
        """See :class:`~sales_platform.restore.drill.Site`."""
        context = {"backupRunId": backup, "instanceId": self._live, "project": self._settings.pyspark_project_id}
        operation = self._sql.call("POST", f"/{copy}/restoreBackup", {"restoreBackupContext": context})
        return str(operation["name"])

    def is_restored(self, waited_for: str) -> bool:
        """See :class:`~sales_platform.restore.drill.Site`."""
        project = self._settings.pyspark_project_id
        return is_done(self._api.call("GET", "sqladmin", f"projects/{project}/operations/{waited_for}"))

    def facts(self, copy: str | None, until: str) -> Facts:
        """See :class:`~sales_platform.restore.drill.Site`."""
        settings = self._settings
        if copy is None:
            vault = SecretManagerVault(self._api, settings.pyspark_project_id, settings.sql_password_secret)
            password = vault.read(vault.versions()[0].number)
        else:
            # The copy has the password of the backup's time, which may be disabled by now.
            password = secrets.token_urlsafe(32)
            self._sql.set_password(copy, settings.database_user, password, PASSWORD_SECONDS)
        host = self._sql.private_address(copy or self._live)
        user, database = settings.database_user, settings.database_name
        with connected(host, POSTGRES_PORT, database, user, password, tls=True) as connection:
            return read_facts(connection, until)

    def remove_copies(self) -> list[str]:
        """See :class:`~sales_platform.restore.drill.Site`."""
        names = [item["name"] for item in self._sql.call("GET", "").get("items", [])]
        copies = [name for name in names if name.startswith(self._prefix)]
        for copy in copies:
            operation = self._sql.call("DELETE", f"/{copy}")
            self._api.wait(self._settings.pyspark_project_id, operation, REMOVE_SECONDS)
        return copies


def site() -> CloudSite:
    """The environment's database."""
    settings = CloudSettings.read()
    return CloudSite(settings, GoogleApi(settings.operator_service_account))


def record(result: dict[str, Any]) -> None:
    """Keeps a result in the archive bucket."""
    name = f"archives/backup/restore_drills/{result['copy']}.json"
    bucket = CloudSettings.read().archive_bucket
    if not GCSHook().exists(bucket, name):  # Write-once: a second try finds its own.
        GCSHook().upload(bucket, name, data=json.dumps(result), mime_type="application/json")
