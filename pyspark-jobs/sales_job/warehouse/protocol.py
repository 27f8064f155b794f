"""What a run needs of a warehouse. Two classes implement it: BigQuery, and a DuckDB file on one machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from pyspark.sql import DataFrame

from sales_job.lines.customer_key import CustomerKey
from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.lines.figures import StoredLines
from sales_job.publication import day_profiles
from sales_job.publication.check_results import Result
from sales_job.publication.expected import Expected
from sales_job.publication.unusual_days import Profile
from sales_job.tables.changes import TableChange

Rows = Iterable[Mapping[str, Any]]
"""Rows that the driver knows itself: values by column."""


class StoredDay(NamedTuple):
    """The published version of a day's lines, and the name of the key that made the keys of their customers: None where
    an earlier version of the job published the day, without ``sales_lines``.
    """

    version: str
    customer_key_id: str | None


@dataclass(frozen=True)
class Loaded:
    """What is remarkable about the ids of a run's customers, which no table has; and what its staged figures add to the
    tables: lines (good ones that are no duplicates), and money.
    """

    doubtful_customers: DoubtfulCustomers
    lines: int
    unmatched_products: int
    unmatched_stores: int
    revenue: Decimal
    gross_profit: Decimal


@dataclass(frozen=True)
class Publication:
    """What a run publishes beside the staged figures.

    ``days`` are all touched days; ``versions`` the version of the line store for each that still has lines;
    ``days_by_arrival`` the days that each taken arrival brought good lines for; ``customer_key_id`` the name of the
    customers' key; ``profiles`` those of the days with lines; ``refill`` as of :func:`publish_sql.statements`; ``run``
    the row of ``etl_runs``.
    """

    days: frozenset[dt.date]
    versions: Mapping[dt.date, str]
    arrivals: Sequence[str]
    days_by_arrival: Iterable[tuple[str, dt.date]]
    customer_key_id: str
    profiles: Mapping[dt.date, Profile]
    rebuild: bool
    refill: bool
    expected: Expected
    run: Mapping[str, Any]

    def staged_rows(self) -> dict[str, Rows]:
        """The rows to stage, by staged table."""
        return {
            "line_versions": [
                {"transaction_date": day, "version": self.versions.get(day), "customer_key_id": self.customer_key_id}
                for day in self.days
            ],
            "daily_profile": day_profiles.rows_of(self.profiles),
            "taken_arrivals": [{"arrival": arrival} for arrival in self.arrivals],
            "arrival_dates": [{"arrival": arrival, "transaction_date": day} for arrival, day in self.days_by_arrival],
        }


class Warehouse(Protocol):
    """The tables that readers use, and the state that the job keeps beside them."""

    @property
    def line_store(self) -> str:
        """The directory or URI of the line store."""

    def changes(self) -> list[TableChange]:
        """What the tables need to be as declared; changes nothing.

        Raises:
            ConfigurationError: a table differs in a way that would lose data.
        """

    def prepare(self, changes: Iterable[TableChange]) -> None:
        """Makes these changes."""

    def settle(self, versions: Collection[str]) -> None:
        """Returns when no publication of these versions, whose runs were killed, can take place any more."""

    def discard(self, versions: Collection[str]) -> None:
        """Removes what the runs of these versions left staged."""

    @property
    def most_days(self) -> int | None:
        """How many days its tables can hold; None: as many as there are."""

    def stored_days(self) -> dict[dt.date, StoredDay]:
        """The days that have lines."""

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        """The days that these arrivals have brought lines for."""

    def stage(
        self,
        lines: StoredLines,
        key: CustomerKey,
        quarantined: DataFrame | None,
        reference: Mapping[str, Rows],
        replaced: Collection[dt.date],
        refill: bool,
    ) -> Loaded:
        """Stages this run's lines with their customers' keys, its bad lines, the reference data by the names of the
        staged tables, and the figures of the lines (:func:`line_figures.statements`); no reader sees them.
        """

    def profiles(self, days: Collection[dt.date]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """The rows of :func:`day_profiles.queries` of the touched days."""

    def publish(self, publication: Publication) -> list[Result]:
        """Publishes the staged rows, whole or not at all, and keeps the results of the checks.

        Raises:
            CheckFailed: a check failed; the tables are as they were, the results are kept.
        """

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        """Keeps check results of a run that publishes nothing."""

    def record(self, run: Mapping[str, Any]) -> None:
        """Adds a run that publishes nothing to ``etl_runs``."""

    def add_cost(self, run_id: str, started_at: dt.datetime, cost: Mapping[str, Any]) -> None:
        """Adds what a run cost to its row of ``etl_runs``, by column: the row is written by the publication, whose own
        cost is known when it has ended.
        """

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        """Keeps the bad lines of a refused run for inspection; returns their folder."""
