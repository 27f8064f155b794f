"""One run: what its steps share, and the counts of its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pyspark.sql import SparkSession

from database_utils import Database
from sales_job.base.arguments import Arguments
from sales_job.base.explain_failure import explain
from sales_job.base.run_log import RunLog
from sales_job.lake.lake import Lake
from sales_job.lineage.events import Traced
from sales_job.lines.customer_key import CustomerKey
from sales_job.warehouse.protocol import Loaded, Warehouse


@dataclass
class Counts:
    """Counts of a run's lines; ``rows_read = rows_loaded + rows_duplicate + rows_quarantined``."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    files_passed_over: int = 0
    unmatched_products: int = 0
    unmatched_stores: int = 0
    dates: list[str] = field(default_factory=list)
    revenue_added: float = 0
    """What the run adds to the tables, rounded to four decimals: 0 where a day is taken again unchanged, negative where
    it has shrunk.
    """
    gross_profit_added: float = 0

    def add_read(self, rows_read: int, rows_quarantined: int) -> None:
        """Adds the lines read, and the bad ones among them."""
        self.rows_read, self.rows_quarantined = rows_read, rows_quarantined

    def add_loaded(self, loaded: Loaded, days: Iterable[dt.date]) -> None:
        """Adds what was loaded; the remaining good lines are duplicates."""
        self.rows_loaded = loaded.lines
        self.unmatched_products, self.unmatched_stores = loaded.unmatched_products, loaded.unmatched_stores
        self.rows_duplicate = self.rows_read - self.rows_quarantined - self.rows_loaded
        self.dates = [str(day) for day in sorted(days)]
        self.revenue_added = round(float(loaded.revenue), 4)
        self.gross_profit_added = round(float(loaded.gross_profit), 4)

    def as_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True)
class Run:
    """What the steps of one run share. ``version`` names this attempt: a run that is retried keeps its run id."""

    arguments: Arguments
    version: str
    started_at: dt.datetime
    spark: SparkSession
    lake: Lake
    warehouse: Warehouse
    database: Database
    customer_key: CustomerKey
    log: RunLog
    traced: Traced = field(default_factory=Traced)
    meter: Callable[[], Mapping[str, Any]] = dict
    """What the run has cost so far, by columns of ``etl_runs``; nothing where nobody bills it."""
    on_staged: Callable[[], None] | None = None
    """Called when Spark has done its part: what is left is the warehouse's."""
    cost: dict[str, Any] = field(default_factory=dict)
    """What :meth:`spent` has found last."""

    def spent(self) -> Mapping[str, Any]:
        """What the run has cost so far. A run does not fail because this is not known."""
        try:
            self.cost.update(self.meter())
        except Exception as error:
            self.log.warning(f"what the run cost is not known: {explain(error)}")
        return self.cost

    def record(self, status: str, counts: Counts) -> dict[str, Any]:
        """This run's row of ``etl_runs``, without what it cost."""
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
