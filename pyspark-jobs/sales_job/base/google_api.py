"""Google's REST APIs by the standard library, with the identity of the machine: the cluster's image documents no Google
client for Python, and a compiled one cannot travel in an archive.

Every request may be sent twice: an answer can be lost after the server has acted. Callers make their requests so that
this does no harm: a job or an object carries an id or a generation of the caller's choice.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import Any, NamedTuple

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

TIMEOUT_SECONDS = 90
RETRY_SECONDS = 120
"""How long a request is repeated, with pauses of at most 10 s: longer than a short outage of an API."""

TRANSIENT = {408, 429, 500, 502, 503, 504}

METADATA = "metadata.google.internal"
EXPIRY_MARGIN_SECONDS = 60


class ApiError(Exception):
    """An API refused a request. ``status`` is the HTTP status; 0 where no answer came."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Answer(NamedTuple):
    """What an API answered; names of headers are found in any case."""

    content: bytes
    headers: Message


class MachineToken:
    """The access token of the machine's service account, from its metadata server, until it expires."""

    def __init__(self) -> None:
        self._token, self._expires = "", 0.0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        with self._lock:
            if time.monotonic() > self._expires - EXPIRY_MARGIN_SECONDS:
                # Google's own clients have this variable too.
                host = os.environ.get("GCE_METADATA_HOST", METADATA)
                url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"
                request = urllib.request.Request(url, headers={"Metadata-Flavor": "Google"})
                answer = json.loads(_with_retries(lambda: _send(request), RETRY_SECONDS).content)
                self._token, self._expires = answer["access_token"], time.monotonic() + answer["expires_in"]
            return self._token


class GoogleApi:
    """Sends requests with the machine's token and repeats them after a transient failure."""

    def __init__(self, token: Callable[[], str] | None = None, retry_seconds: float = RETRY_SECONDS) -> None:
        """
        Args:
            token: gives an access token; None: that of the machine.
            retry_seconds: how long to repeat a request that fails for the moment.
        """
        self._token = token or MachineToken()
        self._retry_seconds = retry_seconds

    def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        """Sends JSON (``body``: None, or what :func:`json.dumps` takes) and returns the JSON of the answer.

        Raises:
            ApiError: the API refused the request, or could not be reached.
        """
        data = None if body is None else json.dumps(body).encode()
        return self.send(method, url, data, "application/json", query)

    def send(
        self,
        method: str,
        url: str,
        data: bytes | None,
        content_type: str,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        """The same with a body of any type."""
        text = self.answer(method, url, data, content_type, query).content
        return json.loads(text) if text.strip() else None

    def answer(
        self,
        method: str,
        url: str,
        data: bytes | None = None,
        content_type: str = "application/json",
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """The same; returns the answer as it came."""
        address = f"{url}?{urllib.parse.urlencode(query)}" if query else url

        def once() -> Answer:
            headers = {"Authorization": f"Bearer {self._token()}"}
            if data is not None:
                headers["Content-Type"] = content_type
            return _send(urllib.request.Request(address, data, headers, method=method))

        return _with_retries(once, self._retry_seconds)


def related_parts(*parts: tuple[str, bytes]) -> tuple[bytes, str]:
    """The body of an upload that describes what it uploads (``multipart/related``), and its content type.

    Args:
        parts: content type and content of each.
    """
    boundary = secrets.token_hex(16)
    body = b"".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n" for kind, content in parts
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/related; boundary={boundary}"


def _with_retries(once: Callable[[], Answer], seconds: float) -> Answer:
    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, ApiError) and error.status in {0, *TRANSIENT}),
        stop=stop_after_delay(seconds),
        wait=wait_random_exponential(multiplier=0.2, max=10),
        reraise=True,
    )
    result: Answer = retrying(once)
    return result


def _send(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return Answer(answer.read(), answer.headers)
    except urllib.error.HTTPError as error:
        raise ApiError(error.code, _message(error)) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise ApiError(0, f"{request.host} does not answer ({reason})") from error


def _message(error: urllib.error.HTTPError) -> str:
    """What the API says, in one line."""
    text = error.read().decode(errors="replace")
    try:
        said = json.loads(text)["error"]
        text = said["message"] if isinstance(said, dict) else str(said)
    except (ValueError, KeyError, TypeError):
        pass
    return " ".join(text.split())[:2000] or f"HTTP {error.code} {error.reason}"
