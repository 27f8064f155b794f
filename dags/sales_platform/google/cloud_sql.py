"""Cloud SQL's Admin API, as far as the DAGs use it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from airflow.exceptions import AirflowException

from sales_platform.google.api import ApiError, GoogleApi


class CloudSql:
    """The instances of one project."""

    def __init__(self, api: GoogleApi, project: str) -> None:
        self.api, self.project = api, project

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request below the project's instances."""
        return self.api.call(method, "sqladmin", f"projects/{self.project}/instances{path}", body)

    def instance(self, name: str) -> dict[str, Any] | None:
        """The instance as the API describes it; None if there is none."""
        try:
            return self.call("GET", f"/{name}")
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    @staticmethod
    def is_running(instance: dict[str, Any]) -> bool:
        """Whether it takes connections."""
        policy = instance.get("settings", {}).get("activationPolicy")
        return instance.get("state") == "RUNNABLE" and policy == "ALWAYS"

    def private_address(self, name: str) -> str:
        """The instance's address in the network.

        Raises:
            AirflowException: it has none yet.
        """
        for address in (self.instance(name) or {}).get("ipAddresses", []):
            if address["type"] == "PRIVATE":
                return str(address["ipAddress"])
        raise AirflowException(f"{name}: has no private address yet")

    def set_password(self, name: str, user: str, password: str, seconds: float) -> None:
        """Gives a user a password, making the user if there is none; returns when it holds."""
        users = [item["name"] for item in self.call("GET", f"/{name}/users").get("items", [])]
        body = {"name": user, "password": password}
        if user in users:
            operation = self.call("PUT", f"/{name}/users?name={quote(user)}", body)
        else:
            operation = self.call("POST", f"/{name}/users", body)
        self.api.wait(self.project, operation, seconds)
