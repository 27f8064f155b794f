"""Cloud SQL's Admin API, by the client of Airflow's hook.

The hook's own methods are not used: they hold a worker, looking every 20 seconds without a limit of time, and there
are none for users, backups and restores.
"""

from __future__ import annotations

from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.hooks.cloud_sql import CloudSQLHook
from googleapiclient.errors import HttpError

from sales_platform.google.connection import CONNECTION
from sales_platform.shared.polling import wait_until


class CloudSqlError(AirflowException):
    """A request or an operation failed; a retry may succeed.

    Args:
        status: the HTTP status; None for an operation.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class CloudSql:
    """The instances of one project, as the service account ``account``."""

    def __init__(self, project: str, account: str) -> None:
        hook = CloudSQLHook("v1", gcp_conn_id=CONNECTION, impersonation_chain=account)
        self._project, self._api, self._retries = project, hook.get_conn(), hook.num_retries

    def _run(self, request: Any) -> dict[str, Any]:
        """Sends a request and returns its JSON answer.

        Raises:
            CloudSqlError: with the method and Google's message. The request's body stays out: it may hold a password.
        """
        try:
            answer: dict[str, Any] = request.execute(num_retries=self._retries)
        except HttpError as error:
            raise CloudSqlError(f"{request.methodId}: {error.status_code} {error.reason}", error.status_code) from None
        return answer

    def instance(self, name: str) -> dict[str, Any] | None:
        """The instance as the API describes it; None if there is no such instance."""
        try:
            return self._run(self._api.instances().get(project=self._project, instance=name))
        except CloudSqlError as error:
            if error.status == 404:
                return None
            raise

    def instances(self) -> list[dict[str, Any]]:
        """Every instance of the project."""
        found: list[dict[str, Any]] = self._run(self._api.instances().list(project=self._project)).get("items", [])
        return found

    def is_running(self, name: str) -> bool:
        """Whether the instance exists and accepts connections."""
        instance = self.instance(name) or {}
        policy = instance.get("settings", {}).get("activationPolicy")
        return instance.get("state") == "RUNNABLE" and policy == "ALWAYS"

    def private_address(self, name: str) -> str:
        """The IP address of the instance in the network.

        Raises:
            AirflowException: the instance has no private address yet.
        """
        for address in (self.instance(name) or {}).get("ipAddresses", []):
            if address["type"] == "PRIVATE":
                return str(address["ipAddress"])
        raise AirflowException(f"{name}: has no private address yet")

    def authority(self, name: str) -> str:
        """The certificate, in PEM, of the authority that signs the instance's.

        Raises:
            AirflowException: the instance has none yet.
        """
        certificate = (self.instance(name) or {}).get("serverCaCert", {}).get("cert")
        if not certificate:
            raise AirflowException(f"{name}: has no certificate authority yet")
        return str(certificate)

    def create(self, body: dict[str, Any]) -> None:
        """Starts the creation of an instance."""
        self._run(self._api.instances().insert(project=self._project, body=body))

    def delete(self, name: str, seconds: float) -> None:
        """Deletes an instance and waits until it is gone."""
        self._wait(self._run(self._api.instances().delete(project=self._project, instance=name)), seconds)

    def set_activation_policy(self, name: str, policy: str) -> None:
        """Starts (``ALWAYS``) or stops (``NEVER``) an instance, without waiting."""
        body = {"settings": {"activationPolicy": policy}}
        self._run(self._api.instances().patch(project=self._project, instance=name, body=body))

    def backups(self, name: str) -> list[dict[str, Any]]:
        """The latest backups of an instance, 50 at most."""
        request = self._api.backupRuns().list(project=self._project, instance=name, maxResults=50)
        found: list[dict[str, Any]] = self._run(request).get("items", [])
        return found

    def restore(self, name: str, backup: str, source: str) -> str:
        """Starts to restore a backup of ``source`` into ``name``; returns the name of the operation."""
        context = {"backupRunId": backup, "instanceId": source, "project": self._project}
        body = {"restoreBackupContext": context}
        request = self._api.instances().restoreBackup(project=self._project, instance=name, body=body)
        return str(self._run(request)["name"])

    def set_password(self, name: str, user: str, password: str, seconds: float) -> None:
        """Gives a user a password, creating the user if needed; returns when the password is in force."""
        users = self._api.users()
        body = {"name": user, "password": password}
        known = [item["name"] for item in self._run(users.list(project=self._project, instance=name)).get("items", [])]
        if user in known:
            request = users.update(project=self._project, instance=name, name=user, body=body)
        else:
            request = users.insert(project=self._project, instance=name, body=body)
        try:
            self._wait(self._run(request), seconds)
        except CloudSqlError as error:
            # An answer may quote what was sent.
            raise CloudSqlError(str(error).replace(password, "***"), error.status) from None

    def is_done(self, operation: str) -> bool:
        """Whether an operation has ended well.

        Raises:
            CloudSqlError: it has failed.
        """
        return _has_succeeded(self._run(self._api.operations().get(project=self._project, operation=operation)))

    def _wait(self, operation: dict[str, Any], seconds: float) -> None:
        if not _has_succeeded(operation):
            name = str(operation["name"])
            wait_until(lambda: self.is_done(name), f"Cloud SQL to end {operation['operationType']}", seconds)


def _has_succeeded(operation: dict[str, Any]) -> bool:
    for error in operation.get("error", {}).get("errors", []):
        raise CloudSqlError(f"{operation.get('operationType')}: {error.get('code')} {error.get('message', '')}")
    return bool(operation["status"] == "DONE")
