"""The password in Google Cloud: versions in Secret Manager, the user in Cloud SQL, requests by Pub/Sub; all of it as
the operator account."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from sales_platform.google.api import GoogleApi
from sales_platform.google.cloud_sql import CloudSql
from sales_platform.google.postgres_login import LoginRefused, connected
from sales_platform.password.rotation import Version
from sales_platform.settings import CloudSettings

POSTGRES_PORT = 5432
SET_SECONDS = 300
"""How long Cloud SQL may take to set a password; usually some seconds."""


class SecretManagerVault:
    """A secret in Secret Manager."""

    def __init__(self, api: GoogleApi, project: str, secret: str) -> None:
        self._api, self._secret = api, f"projects/{project}/secrets/{secret}"

    def versions(self) -> list[Version]:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        found: list[dict[str, Any]] = []
        page = ""
        while True:
            answer = self._api.call("GET", "secretmanager", f"{self._secret}/versions?pageSize=1000&pageToken={page}")
            found += answer.get("versions", [])
            page = answer.get("nextPageToken", "")
            if not page:
                break
        versions = [
            Version(
                int(item["name"].rpartition("/")[2]),
                dt.datetime.fromisoformat(item["createTime"]),
                item["state"] == "ENABLED",
            )
            for item in found
        ]
        return sorted(versions, key=lambda version: version.number, reverse=True)

    def read(self, number: int) -> str:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        answer = self._api.call("GET", "secretmanager", f"{self._secret}/versions/{number}:access")
        return base64.b64decode(answer["payload"]["data"]).decode()

    def add(self, password: str) -> None:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        data = base64.b64encode(password.encode()).decode()
        self._api.call("POST", "secretmanager", f"{self._secret}:addVersion", {"payload": {"data": data}})

    def disable(self, number: int) -> None:
        """See :class:`~sales_platform.password.rotation.Vault`."""
        self._api.call("POST", "secretmanager", f"{self._secret}/versions/{number}:disable", {})


class CloudSqlAccount:
    """A user of a Cloud SQL instance."""

    def __init__(self, sql: CloudSql, instance: str, database: str, user: str) -> None:
        self._sql, self._instance, self._database, self._user = sql, instance, database, user

    def awake(self) -> bool:
        """See :class:`~sales_platform.password.rotation.Account`."""
        return self._sql.is_running(self._sql.instance(self._instance) or {})

    def accepts(self, password: str) -> bool:
        """See :class:`~sales_platform.password.rotation.Account`."""
        host = self._sql.private_address(self._instance)
        try:
            with connected(host, POSTGRES_PORT, self._database, self._user, password, tls=True):
                return True
        except LoginRefused:
            return False

    def set_password(self, password: str) -> None:
        """See :class:`~sales_platform.password.rotation.Account`."""
        self._sql.set_password(self._instance, self._user, password, SET_SECONDS)


class Requests:
    """Secret Manager's messages that a rotation is due. One that is not confirmed comes again."""

    def __init__(self, api: GoogleApi, subscription: str, secret: str) -> None:
        self._api, self._subscription, self._secret = api, subscription, secret

    def pull(self) -> tuple[dt.datetime | None, list[str]]:
        """When the newest request was sent, and what confirms all that came."""
        answer = self._api.call(
            "POST", "pubsub", f"{self._subscription}:pull", {"maxMessages": 100, "returnImmediately": True}
        )
        received = answer.get("receivedMessages", [])
        sent = [
            dt.datetime.fromisoformat(item["message"]["publishTime"])
            for item in received
            if item["message"].get("attributes", {}).get("eventType") == "SECRET_ROTATE"
            and item["message"]["attributes"].get("secretId", "").endswith(f"/secrets/{self._secret}")
        ]
        return max(sent, default=None), [item["ackId"] for item in received]

    def confirm(self, tokens: list[str]) -> None:
        """Tells that the requests are served."""
        if tokens:
            self._api.call("POST", "pubsub", f"{self._subscription}:acknowledge", {"ackIds": tokens})


def _operator(settings: CloudSettings) -> GoogleApi:
    return GoogleApi(settings.operator_service_account)


def requests() -> Requests:
    """What Secret Manager asks for."""
    settings = CloudSettings.read()
    return Requests(_operator(settings), settings.rotation_subscription, settings.sql_password_secret)


def days() -> int:
    """Age at which a password is replaced unasked."""
    return int(CloudSettings.read().rotation_days)


def call(step: Any, *arguments: Any) -> Any:
    """Runs one step of :mod:`sales_platform.password.rotation`."""
    settings = CloudSettings.read()
    api = _operator(settings)
    vault = SecretManagerVault(api, settings.pyspark_project_id, settings.sql_password_secret)
    account = CloudSqlAccount(
        CloudSql(api, settings.pyspark_project_id),
        settings.cloudsql_instance,
        settings.database_name,
        settings.database_user,
    )
    return step(vault, account, *arguments)
