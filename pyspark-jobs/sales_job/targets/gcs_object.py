"""One object in Cloud Storage, written and removed on conditions, by the JSON API."""

from __future__ import annotations

import json
import os
import urllib.parse

from sales_job.base.google_api import ApiError, GoogleApi, related_parts

ENDPOINT = "https://storage.googleapis.com"


class GcsObject:
    """An object; see :class:`sales_job.targets.lake_lock.LockObject`.

    Args:
        uri: ``gs://bucket/name``.
    """

    def __init__(self, google: GoogleApi, uri: str) -> None:
        self.name = uri
        self._google = google
        # Google's own client has this variable too.
        root = os.environ.get("STORAGE_EMULATOR_HOST", ENDPOINT)
        bucket, _, self._object = uri.removeprefix("gs://").partition("/")
        self._objects = f"{root}/storage/v1/b/{bucket}/o"
        self._upload = f"{root}/upload/storage/v1/b/{bucket}/o"

    @property
    def _url(self) -> str:
        return f"{self._objects}/{urllib.parse.quote(self._object, safe='')}"

    def read(self) -> tuple[str, int] | None:
        try:
            answer = self._google.answer("GET", self._url, query={"alt": "media"})
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return answer.content.decode(), int(answer.headers["x-goog-generation"])

    def write(self, content: str, generation: int) -> int | None:
        described = json.dumps({"name": self._object}).encode()
        body, content_type = related_parts(("application/json", described), ("application/json", content.encode()))
        query: dict[str, str | int] = {"uploadType": "multipart", "ifGenerationMatch": generation}
        try:
            made = self._google.send("POST", self._upload, body, content_type, query)
        except ApiError as error:
            if error.status == 412:
                return None
            raise
        return int(made["generation"])

    def delete(self, generation: int) -> None:
        try:
            self._google.call("DELETE", self._url, query={"ifGenerationMatch": generation})
        except ApiError as error:
            # Removed already, or of another run by now.
            if error.status not in (404, 412):
                raise
