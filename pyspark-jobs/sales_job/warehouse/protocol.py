"""What a run needs of a warehouse. Two keep this promise: BigQuery, and a DuckDB file on one machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from pyspark.sql import DataFrame

from sales_job.publication.check_results import Result
from sales_job.publication.checks import Expected


@dataclass(frozen=True)
class Loaded:
    """What this run's staged figures say it loaded, in lines, and adds to the tables, in money."""

    lines: int
    unmatched_products: int
    unmatched_stores: int
    revenue: Decimal
    gross_profit: Decimal


@dataclass(frozen=True)
class Publication:
    """What one run publishes, beside the staged figures.

    ``days`` are all touched days, ``versions`` the folder of lines of each that still has lines, ``brought`` the days
    that each taken arrival brought good lines for, ``expected`` what the tables are held against.
    """

    days: frozenset[dt.date]
    versions: Mapping[dt.date, str]
    arrivals: Sequence[str]
    brought: Iterable[tuple[str, dt.date]]
    rebuild: bool
    expected: Expected
    run: Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """Reference names: (product_id, product_name, category) and (store_id, store_name, store_location)."""

    products: Sequence[tuple[Any, ...]]
    stores: Sequence[tuple[Any, ...]]


class Warehouse(Protocol):
    """The tables that readers use and the state that the job keeps beside them."""

    @property
    def lines(self) -> str:
        """Where the folders of cleaned lines lie."""

    def prepare(self) -> None:
        """Makes the tables that are missing; removes what earlier runs left staged."""

    def versions(self) -> dict[dt.date, str]:
        """The version of the cleaned lines that counts, by day."""

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        """The days that these arrivals have brought lines for."""

    def stage(self, figures: Mapping[str, DataFrame], names: Names, pool: Executor) -> Loaded:
        """Brings this run's figures (by the names of ``tables.STAGED``) beside the tables, where no reader sees
        them.
        """

    def publish(self, publication: Publication) -> list[Result]:
        """Makes what is staged visible, whole or not at all, and keeps the results of its checks.

        Raises:
            CheckFailed: one does not hold; the tables are as they were, the results are kept.
        """

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        """Keeps results of checks of a run that publishes nothing."""

    def record(self, run: Mapping[str, Any]) -> None:
        """Adds a run that published nothing to ``etl_runs``."""

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        """Keeps the bad lines of a refused run for inspection; returns where."""
