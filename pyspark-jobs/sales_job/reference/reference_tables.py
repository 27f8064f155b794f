"""The PostgreSQL tables of the reference data, as the columns are declared, and the values that fit each type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from sales_job.tables import reference_columns

METADATA = sa.MetaData()


@dataclass(frozen=True)
class ColumnType:
    """A type: PostgreSQL's own, how a text becomes a value (None: it does not fit), and the rule in words."""

    sql: TypeEngine[Any]
    parse: Callable[[str], Any]
    rule: str


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,14}(\.[0-9]{1,6})?", text) else None


def _whole_number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _yes_or_no(text: str) -> bool | None:
    return {"Y": True, "N": False}.get(text.upper())


COLUMN_TYPES = {
    "STRING": ColumnType(sa.Text(), str, "a text"),
    "NUMERIC": ColumnType(
        sa.Numeric(20, 6), _number, "a plain decimal of at least 0 (14 digits and 6 decimals at most)"
    ),
    "INTEGER": ColumnType(sa.BigInteger(), _whole_number, "a whole number"),
    "DATE": ColumnType(sa.Date(), _date, "a date written yyyy-MM-dd"),
    "BOOLEAN": ColumnType(sa.Boolean(), _yes_or_no, "Y or N"),
}
"""The types that a reference column may have."""


def _table(declared: reference_columns.ReferenceTable) -> sa.Table:
    """``listed`` is false for rows that the last file no longer had."""
    return sa.Table(
        declared.name,
        METADATA,
        *[
            sa.Column(column.name, COLUMN_TYPES[column.type].sql, primary_key=column.name == declared.key)
            for column in declared.columns
        ],
        sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.true()),
    )


TABLES = {declared.name: _table(declared) for declared in reference_columns.tables()}
"""By name: products and stores."""
