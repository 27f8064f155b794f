"""Names and objects in Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from airflow.providers.google.cloud.hooks.gcs import GCSHook
from google.api_core.exceptions import NotFound, PreconditionFailed

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


def read_if_there(uri: str) -> bytes | None:
    """The content of an object; None where there is none."""
    bucket, name = split_uri(uri)
    found = GCSHook(gcp_conn_id=CONNECTION).get_conn().bucket(bucket).get_blob(name)
    content: bytes | None = found and found.download_as_bytes()
    return content


def write(uri: str, content: str, content_type: str, cache: str) -> None:
    """Writes an object, in place of one that is there.

    Args:
        cache: what a browser or a server between may keep, as ``Cache-Control`` says it.
    """
    bucket, name = split_uri(uri)
    blob = GCSHook(gcp_conn_id=CONNECTION).get_conn().bucket(bucket).blob(name)
    blob.cache_control = cache
    blob.upload_from_string(content, content_type=content_type)


def rewrite(source: str, generation: int, target: str) -> bool:
    """Copies an object inside Cloud Storage, if it still has this generation; returns whether it had."""
    client = GCSHook(gcp_conn_id=CONNECTION).get_conn()
    old, new = (client.bucket(bucket).blob(name) for bucket, name in map(split_uri, (source, target)))
    token = None
    try:
        while True:
            token, _, _ = new.rewrite(old, token=token, if_source_generation_match=generation)
            if token is None:
                return True
    except (NotFound, PreconditionFailed):
        return False
