"""What a run costs: the cluster's machines while it takes, and what BigQuery bills for its queries."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from pyspark.sql import SparkSession

from sales_job.base.arguments import Cloud
from sales_job.warehouse.bigquery_api import Usage

PRIMARY_WORKER = re.compile(r"-w-\d+(\.|:|$)")
"""The host of a primary worker, such as ``sales-prod-spark-w-0``; secondary workers have other names."""

HOUR = 3600
TIB = 2**40


class Executor(NamedTuple):
    """An executor of Spark, with the times of its start and its end in milliseconds; None: it has not ended."""

    host: str
    added: int
    removed: int | None


def executors(spark: SparkSession) -> list[Executor]:
    """All executors that a session has had, the driver aside. Of those that have gone, Spark remembers a hundred
    (``spark.ui.retainedDeadExecutors``).
    """
    found = spark.sparkContext._jsc.sc().statusStore().executorList(False)
    return [_executor(found.apply(n)) for n in range(found.size()) if found.apply(n).id() != "driver"]


def _executor(summary: Any) -> Executor:
    removed = summary.removeTime()
    end = removed.get().getTime() if removed.isDefined() else None
    return Executor(summary.hostPort(), summary.addTime().getTime(), end)


def spot_seconds(found: Iterable[Executor], now: dt.datetime) -> float:
    """Seconds of spot workers: for each the time from the start of its first executor to the end of its last one."""
    times: dict[str, list[int]] = {}
    for host, added, removed in found:
        if not PRIMARY_WORKER.search(host):
            end = int(now.timestamp() * 1000) if removed is None else removed
            times.setdefault(host.partition(":")[0], []).extend((added, end))
    return sum(max(of_host) - min(of_host) for of_host in times.values()) / 1000


def run_cost(cloud: Cloud, usage: Usage, run_seconds: float, spot: float) -> dict[str, Any]:
    """Values for the columns of ``etl_runs``; None for what needs a number or price that nobody gave.

    Args:
        run_seconds: how long the run has taken.
        spot: as of :func:`spot_seconds`.
    """
    workers, tib = cloud.primary_workers, cloud.query_usd_per_tib
    cluster, worker = cloud.cluster_usd_per_hour, cloud.spot_worker_usd_per_hour
    usd = None
    if cluster is not None and worker is not None and tib is not None:
        usd = round((cluster * run_seconds + worker * spot) / HOUR + tib * usage.bytes_billed / TIB, 4)
    return {
        "bytes_billed": usage.bytes_billed,
        "slot_seconds": usage.slot_ms / 1000,
        "worker_seconds": None if workers is None else round(workers * run_seconds + spot, 3),
        "cost_usd": usd,
    }
