"""The password in Google Cloud: versions in Secret Manager, the user in Cloud SQL, requests by Pub/Sub. Everything is
done as the operator account.
"""

from __future__ import annotations

import datetime as dt
from typing import cast

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.hooks.pubsub import PubSubHook
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.secretmanager_v1.types import SecretPayload, SecretVersion

from sales_platform.google import postgres_login
from sales_platform.google.cloud_sql import CloudSql
from sales_platform.google.connection import CONNECTION
from sales_platform.google.postgres_login import LoginRefused, connected
from sales_platform.google.secret_manager import secret_manager
from sales_platform.password.backend import RotationBackend
from sales_platform.password.rotation import Rotation, Version
from sales_platform.settings import CloudSettings

SET_SECONDS = 300
"""How long Cloud SQL may take to set a password; usually some seconds."""


class SecretManagerVault:
    """A secret in Secret Manager; see :class:`~sales_platform.password.rotation.Vault`."""

    def __init__(self, client: SecretManagerServiceClient, project: str, secret: str) -> None:
        self._client, self._secret = client, f"projects/{project}/secrets/{secret}"

    def versions(self) -> list[Version]:
        """Every version, the newest first."""
        found = [
            Version(
                int(item.name.rpartition("/")[2]),
                # A datetime; the package's types name the message that it is made from.
                cast(dt.datetime, item.create_time),
                item.state == SecretVersion.State.ENABLED,
            )
            for item in self._client.list_secret_versions(parent=self._secret)
        ]
        return sorted(found, key=lambda version: version.number, reverse=True)

    def read(self, number: int) -> str:
        """The password of an enabled version."""
        answer = self._client.access_secret_version(name=f"{self._secret}/versions/{number}")
        return answer.payload.data.decode()

    def add(self, password: str) -> None:
        """Keeps a new version."""
        try:
            self._client.add_secret_version(parent=self._secret, payload=SecretPayload(data=password.encode()))
        except GoogleAPICallError as error:
            # An answer may quote what was sent.
            raise AirflowException(str(error).replace(password, "***")) from None

    def disable(self, number: int) -> None:
        """Makes a version unreadable."""
        self._client.disable_secret_version(name=f"{self._secret}/versions/{number}")


class CloudSqlAccount:
    """A user of a Cloud SQL instance; see :class:`~sales_platform.password.rotation.Account`."""

    def __init__(self, sql: CloudSql, instance: str, database: str, user: str) -> None:
        self._sql, self._instance, self._database, self._user = sql, instance, database, user

    def is_running(self) -> bool:
        """Whether the instance runs."""
        return self._sql.is_running(self._instance)

    def accepts(self, password: str) -> bool:
        """Whether the user can log in."""
        host, authority = self._sql.private_address(self._instance), self._sql.authority(self._instance)
        login = (self._database, self._user, password)
        try:
            with connected(host, postgres_login.PORT, *login, authority=authority):
                return True
        except LoginRefused:
            return False

    def set_password(self, password: str) -> None:
        """Gives the user the password."""
        self._sql.set_password(self._instance, self._user, password, SET_SECONDS)


class CloudRotation(Rotation, RotationBackend):
    """The rotation of an environment's password."""

    def __init__(self, settings: CloudSettings) -> None:
        account, project = settings.operator_service_account, settings.pyspark_project_id
        self._pubsub = PubSubHook(gcp_conn_id=CONNECTION, impersonation_chain=account)
        self._secret = settings.sql_password_secret
        _, self._project, _, self._subscription = settings.rotation_subscription.split("/")
        super().__init__(
            SecretManagerVault(secret_manager(account), project, self._secret),
            CloudSqlAccount(
                CloudSql(project, account), settings.cloudsql_instance, settings.database_name, settings.database_user
            ),
            settings.rotation_days,
        )

    def pull_requests(self) -> tuple[dt.datetime | None, list[str]]:
        """When Secret Manager's newest message that a rotation is due was sent, and the tokens of all messages."""
        received = self._pubsub.pull(
            project_id=self._project, subscription=self._subscription, max_messages=100, return_immediately=True
        )
        sent = [
            item.message.publish_time
            for item in received
            if item.message.attributes.get("eventType") == "SECRET_ROTATE"
            and item.message.attributes.get("secretId", "").endswith(f"/secrets/{self._secret}")
        ]
        return max(sent, default=None), [item.ack_id for item in received]

    def confirm_requests(self, tokens: list[str]) -> None:
        """Acknowledges messages."""
        if tokens:
            self._pubsub.acknowledge(project_id=self._project, subscription=self._subscription, ack_ids=tokens)
