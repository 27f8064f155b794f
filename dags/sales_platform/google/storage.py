"""Names and objects in Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from airflow.providers.google.cloud.hooks.gcs import GCSHook

from sales_platform.google.connection import CONNECTION


@dataclass(frozen=True)
class StoredObject:
    """One object; ``generation`` changes with its content, ``encoding`` is its Content-Encoding."""

    name: str
    generation: int
    crc32c: str
    """Checksum of the content, in base 64."""
    encoding: str | None


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and object name of ``gs://bucket/name``."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name


def objects(bucket: str, prefix: str) -> Iterator[StoredObject]:
    """The objects of a bucket whose names begin with ``prefix``, in order."""
    for blob in GCSHook(gcp_conn_id=CONNECTION).get_conn().list_blobs(bucket, prefix=prefix):
        yield StoredObject(blob.name, blob.generation, blob.crc32c, blob.content_encoding)
