"""The Airflow connection of all hooks."""

CONNECTION = "google_cloud_default"
"""Composer's own account. Composer has this connection; the defaults of some hooks it has not."""
