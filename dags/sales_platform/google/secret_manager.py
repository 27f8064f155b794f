"""Secret Manager's client, by Airflow's hook."""

from __future__ import annotations

from airflow.providers.google.cloud.hooks.secret_manager import GoogleCloudSecretManagerHook
from google.api_core.exceptions import NotFound
from google.cloud.secretmanager_v1 import SecretManagerServiceClient

from sales_platform.google.connection import CONNECTION


def secret_manager(account: str | None = None) -> SecretManagerServiceClient:
    """A client for Composer's own account, or for ``account`` by impersonation.

    The hook has methods to add and read versions, but none to list or disable them.
    """
    return GoogleCloudSecretManagerHook(gcp_conn_id=CONNECTION, impersonation_chain=account).get_conn()


def newest_value(client: SecretManagerServiceClient, project: str, secret: str) -> str | None:
    """The text of the newest version; None if the secret has no version."""
    try:
        answer = client.access_secret_version(name=f"projects/{project}/secrets/{secret}/versions/latest")
    except NotFound:
        return None
    return answer.payload.data.decode()
