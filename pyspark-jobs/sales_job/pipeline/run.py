"""What one run is, and what it did with its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from pyspark.sql import SparkSession

from database_utils import Database
from sales_job.base.arguments import Arguments
from sales_job.base.run_log import RunLog
from sales_job.lake.lake import Lake
from sales_job.warehouse.protocol import Loaded, Warehouse


@dataclass
class Counts:
    """What a run did with its lines; ``rows_read = rows_loaded + rows_duplicate + rows_quarantined``."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    unmatched_products: int = 0
    unmatched_stores: int = 0
    dates: list[str] = field(default_factory=list)
    revenue_added: float = 0
    """To the tables, to four decimals; nothing where a day is taken again, less where a delivery shrank."""
    gross_profit_added: float = 0

    def take(self, loaded: Loaded, days: Iterable[dt.date]) -> None:
        """Fills in what was loaded; the rest of the good lines had been delivered before."""
        self.rows_loaded = loaded.lines
        self.unmatched_products, self.unmatched_stores = loaded.unmatched_products, loaded.unmatched_stores
        self.rows_duplicate = self.rows_read - self.rows_quarantined - self.rows_loaded
        self.dates = [str(day) for day in sorted(days)]
        self.revenue_added, self.gross_profit_added = [
            round(float(n), 4) for n in (loaded.revenue, loaded.gross_profit)
        ]

    def as_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True)
class Run:
    """What the steps of one run share. ``version`` names this attempt: a run id may come again when a run is
    retried.
    """

    arguments: Arguments
    version: str
    started_at: dt.datetime
    spark: SparkSession
    lake: Lake
    warehouse: Warehouse
    database: Database
    log: RunLog

    def record(self, status: str, counts: Counts) -> dict[str, Any]:
        """This run's row of ``etl_runs``."""
        now = dt.datetime.now(dt.UTC)
        interval = self.arguments.interval
        return {
            "run_id": self.arguments.run_id,
            "status": status,
            "started_at": self.started_at,
            "finished_at": now,
            "start_date": interval and interval.start,
            "end_date": interval and interval.end,
            "seconds": round((now - self.started_at).total_seconds(), 3),
            **counts.as_dict(),
        }
