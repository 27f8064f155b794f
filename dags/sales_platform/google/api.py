"""Google's REST interfaces, for the few calls that no operator of Airflow makes."""

from __future__ import annotations

import base64
import time
from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.google.common.hooks.base_google import GoogleBaseHook
from google.auth.transport.requests import AuthorizedSession

HOSTS = {
    "dataproc": "https://dataproc.googleapis.com/v1",
    "pubsub": "https://pubsub.googleapis.com/v1",
    "secretmanager": "https://secretmanager.googleapis.com/v1",
    "sqladmin": "https://sqladmin.googleapis.com/v1",
}

REQUEST_SECONDS = 60


class ApiError(AirflowException):
    """A call that was refused or failed; a retry may pass.

    Args:
        status: HTTP's.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class GoogleApi:
    """Calls as Composer's own account, or as ``account`` by impersonation."""

    def __init__(self, account: str | None = None) -> None:
        self._session = AuthorizedSession(GoogleBaseHook(impersonation_chain=account).get_credentials())

    def call(self, method: str, api: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request and its JSON answer.

        Raises:
            ApiError: with Google's own sentence.
        """
        answer = self._session.request(method, f"{HOSTS[api]}/{path}", json=body, timeout=REQUEST_SECONDS)
        if not answer.ok:
            try:
                said = answer.json()["error"]["message"]
            except (ValueError, KeyError, TypeError):
                said = answer.reason
            # The body is left out: it may hold a password.
            raise ApiError(f"{method} {path}: {answer.status_code} {said}", answer.status_code)
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    def wait(self, project: str, operation: dict[str, Any], seconds: float) -> None:
        """Waits for an operation of Cloud SQL.

        Raises:
            ApiError: it failed, or takes longer than ``seconds``.
        """
        deadline, pause = time.monotonic() + seconds, 0.5
        while not is_done(operation):
            if time.monotonic() > deadline:
                raise ApiError(f"{operation['operationType']} takes longer than {seconds:.0f} s", 504)
            time.sleep(pause)
            pause = min(2 * pause, 10)
            operation = self.call("GET", "sqladmin", f"projects/{project}/operations/{operation['name']}")


def is_done(operation: dict[str, Any]) -> bool:
    """Whether an operation of Cloud SQL has ended well.

    Raises:
        ApiError: it failed.
    """
    for error in operation.get("error", {}).get("errors", []):
        raise ApiError(f"{operation.get('operationType')}: {error.get('code')} {error.get('message', '')}", 500)
    return bool(operation["status"] == "DONE")


def secret_text(api: GoogleApi, project: str, secret: str) -> str | None:
    """The newest version of a secret; None if it has none yet."""
    try:
        answer = api.call("GET", "secretmanager", f"projects/{project}/secrets/{secret}/versions/latest:access")
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return base64.b64decode(answer["payload"]["data"]).decode()
