"""Names in Cloud Storage."""

from __future__ import annotations


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and object name of ``gs://bucket/name``."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name
