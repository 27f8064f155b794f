"""Accounts that read far more of BigQuery than they used to, found in the audit log's copy in BigQuery."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from google.api_core.exceptions import NotFound

from sales_platform.google.connection import CONNECTION
from sales_platform.settings import CloudSettings

DAYS = 28
"""Days before the one that is judged: an account's usual reads are the median of those on which it read anything."""

FAR_MORE = 10
"""How many times its usual reads an account may read."""

GIB = 2**30


@dataclass(frozen=True)
class Read:
    """Bytes that the queries of an account processed on a day (UTC)."""

    account: str
    day: dt.date
    bytes: int


@dataclass(frozen=True)
class Unusual:
    """An account that read far more than it used to, in GiB; ``usual_gib`` is 0 for one that never read before."""

    account: str
    gib: float
    usual_gib: float


def query(dataset: str, day: dt.date) -> str:
    """The reads of a day and of the days before it, by account; BigQuery's SQL.

    Args:
        dataset: the audit log's, as ``project.dataset``.
    """
    metadata = "protopayload_auditlog.metadataJson"
    processed = f"JSON_VALUE({metadata}, '$.jobChange.job.jobStats.queryStats.totalProcessedBytes')"
    return (
        "SELECT protopayload_auditlog.authenticationInfo.principalEmail AS account, DATE(timestamp) AS day, "
        f"SUM(CAST({processed} AS INT64)) AS bytes "
        f"FROM `{dataset}.cloudaudit_googleapis_com_data_access` "
        # The bounds are on the column of the partitions.
        f"WHERE timestamp >= TIMESTAMP('{day - dt.timedelta(DAYS)}') "
        f"AND timestamp < TIMESTAMP('{day + dt.timedelta(1)}') "
        f"AND JSON_VALUE({metadata}, '$.jobChange.after') = 'DONE' AND {processed} IS NOT NULL "
        "GROUP BY account, day"
    )


def unusual(reads: Iterable[Read], day: dt.date, floor: int) -> list[Unusual]:
    """The accounts whose reads of ``day`` are unusual, the most first.

    Args:
        floor: bytes of a day that are never unusual.
    """
    by_account: dict[str, dict[dt.date, int]] = defaultdict(dict)
    for read in reads:
        by_account[read.account][read.day] = read.bytes
    found = []
    for account, days in by_account.items():
        before = [size for one, size in days.items() if one < day and size > 0]
        usual = median(before) if before else 0
        if days.get(day, 0) > max(floor, FAR_MORE * usual):
            found.append(Unusual(account, round(days[day] / GIB, 3), round(usual / GIB, 3)))
    return sorted(found, key=lambda one: (-one.gib, one.account))


def read_log(settings: CloudSettings, day: dt.date) -> list[Read]:
    """The reads of a day and of the days before it; none where the log has no entry yet."""
    dataset = f"{settings.pyspark_project_id}.{settings.audit_dataset}"
    hook = BigQueryHook(gcp_conn_id=CONNECTION, use_legacy_sql=False, location=settings.region)
    asked = {
        "query": query(dataset, day),
        "useLegacySql": False,
        "maximumBytesBilled": str(settings.maximum_bytes_billed),
    }
    try:
        job = hook.insert_job(
            configuration={"query": asked}, project_id=settings.pyspark_project_id, location=settings.region
        )
        # The hook may make jobs of other kinds too, which have no rows.
        rows: Any = job.result()
        return [Read(row["account"], row["day"], row["bytes"]) for row in rows]
    except NotFound:
        # Cloud Logging makes the table with the first entry.
        return []
