"""The types of columns, by BigQuery's legacy names: its API answers with these."""

from __future__ import annotations

from sales_job.base.errors import ConfigurationError

TYPES = ("STRING", "INTEGER", "FLOAT", "NUMERIC", "BOOLEAN", "DATE", "TIMESTAMP")

PERSONAL_CLASSES = ("customer", "employee")
"""Whose personal data a column may have; constructs/warehouse/table-catalog.ts explains the classes."""


def require_type(column: str, type_name: str) -> None:
    """Checks the type of a column.

    Args:
        column: the column and its file, for the message.

    Raises:
        ConfigurationError: the type does not exist.
    """
    if type_name not in TYPES:
        raise ConfigurationError(f"{column} has type '{type_name}': use one of {', '.join(TYPES)}")


def require_personal(column: str, personal: str | None) -> None:
    """Checks the class of a column's personal data; None where it has none.

    Args:
        column: the column and its file, for the message.

    Raises:
        ConfigurationError: the class does not exist.
    """
    if personal is not None and personal not in PERSONAL_CLASSES:
        raise ConfigurationError(f"{column} has personal '{personal}': use one of {', '.join(PERSONAL_CLASSES)}")
