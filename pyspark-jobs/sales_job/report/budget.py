"""What the page's queries may read of the sales lines, and of messages, of which a day has no more than lines: all of
them together a share of what one query of the DAG may bill.

The other tables that the page reads have a row a day and store, or a day and product, and are small beside the lines.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from sales_job.report.queries import TABLE, Query
from sales_job.tables import catalog
from sales_job.tables.view_catalog import views

LINES = {table.name: table.columns for table in (catalog.table("published", "sales_lines"), *catalog.streamed())}
"""The columns of what has a row a sales line, by its name."""

SHARE_OF_A_QUERY = 0.6
"""The page is made every day: this keeps its cost at about 20 USD a month where a query may bill 200 GiB."""

BYTES = {"DATE": 8, "INTEGER": 8, "NUMERIC": 16, "STRING": 16, "TIMESTAMP": 8}
"""What BigQuery bills a value; of a text, two bytes and its length
(https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes).
"""

KEY_BYTES = 66
"""A customer_key has 64 letters."""


class Budget:
    """Bytes that queries may still read.

    Args:
        most_bytes: all that they may read; None where reading costs nothing.
        lines: about how many lines each day has.
    """

    def __init__(self, most_bytes: int | None, lines: Mapping[dt.date, int]) -> None:
        self.most_bytes = most_bytes
        self.left_out: list[str] = []
        """Parts of the page that there was nothing left for."""
        self._lines = lines
        self._spent = 0

    @property
    def spent(self) -> int:
        """The bytes of all queries that were allowed."""
        return self._spent

    def allows(self, part: str, query: Query, days: Iterable[dt.date] | None = None) -> bool:
        """Whether a query may be asked, which then counts as read. If not, ``part`` is left out.

        Args:
            days: the days whose lines it reads; None for all.
        """
        lines = sum(self._lines.values()) if days is None else sum(self._lines.get(day, 0) for day in days)
        cost = lines * bytes_of_line(query)
        if self.most_bytes is not None and self._spent + cost > self.most_bytes:
            if part not in self.left_out:
                self.left_out.append(part)
            return False
        self._spent += cost
        return True


def bytes_of_line(query: Query) -> int:
    """What a query reads of each sales line and its message, through views too: the columns that its text names."""
    return _bytes_of_text(query.sql, set(TABLE.findall(query.sql)))


def _bytes_of_text(sql: str, sources: Iterable[str]) -> int:
    total = 0
    declared = {view.name: view for view in views()}
    words = set(re.findall(r"\w+", re.sub(r"--.*", "", sql)))
    for source in sources:
        if source in LINES:
            total += sum(_bytes_of_column(column) for column in LINES[source] if column.name in words)
        elif source in declared:
            total += _bytes_of_text(declared[source].sql, declared[source].sources)
    return total


def _bytes_of_column(column: catalog.Column) -> int:
    return KEY_BYTES if column.name == "customer_key" else BYTES[column.type]
