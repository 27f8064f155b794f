"""The types of columns, by BigQuery's legacy names: its API answers with these."""

from __future__ import annotations

from sales_job.base.errors import ConfigurationError

TYPES = ("STRING", "INTEGER", "FLOAT", "NUMERIC", "BOOLEAN", "DATE", "TIMESTAMP")


def require_type(column: str, type_name: str) -> None:
    """Checks the type of a column.

    Args:
        column: the column and its file, for the message.

    Raises:
        ConfigurationError: the type does not exist.
    """
    if type_name not in TYPES:
        raise ConfigurationError(f"{column} has type '{type_name}': use one of {', '.join(TYPES)}")
