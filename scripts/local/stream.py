"""`npm run stream`: takes messages of sales into a local warehouse, as Pub/Sub does, and shows the open days; with
--out in the report too. What the platform costs comes as JSON on standard input then.

Messages come from a file of JSON lines, which may grow between two calls, or from the files of one arrival of a lake,
which are sent one line after the other, as tills would.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
from write_report import local_page

from sales_job.base.errors import ConfigurationError, JobError
from sales_job.base.sales_columns import READ_COLUMNS
from sales_job.lake.header import column_name
from sales_job.report.page import write
from sales_job.warehouse import duckdb_file

Message = dict[str, str | None]

PARTS = 10
"""In how many parts a day is sent; the figures are shown after each."""

RELOAD_SECONDS = 3
"""After how long the report loads itself again while messages arrive."""

OPEN_DAYS = """
SELECT transaction_date, COUNT(*), SUM(daily_transactions), SUM(daily_revenue)
FROM sales_today WHERE source = 'stream' GROUP BY transaction_date ORDER BY transaction_date
"""


class Stream:
    """The messages of a warehouse."""

    def __init__(self, warehouse: Path) -> None:
        self.file = warehouse / "warehouse.duckdb"
        if not self.file.is_file():
            raise ConfigurationError(f"--warehouse {warehouse}: has no warehouse.duckdb: run `npm run etl` on it first")
        self.taken = 0

    def take(self, messages: Sequence[tuple[str, Message]]) -> None:
        """Adds messages with their ids; one that is there already is not added again."""
        names = ", ".join(READ_COLUMNS)
        marks = ", ".join("?" for _ in READ_COLUMNS)
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        with duckdb_file.opened(self.file) as connection:
            try:
                known = {key for (key,) in connection.execute("SELECT message_id FROM streamed_sales").fetchall()}
            except duckdb.CatalogException:
                raise ConfigurationError(
                    f"{self.file}: was filled before there were messages: run `npm run etl` on it again"
                ) from None
            new = [(key, message) for key, message in messages if key not in known]
            if new:
                connection.executemany(
                    f"INSERT INTO streamed_sales (message_id, publish_time, {names}) VALUES (?, ?, {marks})",
                    [(key, now, *map(message.get, READ_COLUMNS)) for key, message in new],
                )
            self.taken += len(new)

    def open_days(self) -> list[tuple[dt.date, int, int, str]]:
        """Each open day, with its stores, transactions and revenue."""
        with duckdb_file.opened(self.file) as connection:
            rows = connection.execute(OPEN_DAYS).fetchall()
        return [(day, stores, int(count), f"{revenue:.2f}") for day, stores, count, revenue in rows]

    def quarantined(self) -> int:
        """How many messages break a rule."""
        with duckdb_file.opened(self.file) as connection:
            row = connection.execute("SELECT COUNT(*) FROM streamed_quarantine").fetchone()
        return int(row[0]) if row else 0


class Report:
    """The report of a warehouse, where the command was given a file for it."""

    def __init__(self, database: Path, arguments: argparse.Namespace) -> None:
        self._database = database
        self._out = Path(arguments.out) if arguments.out else None
        if self._out and self._out.is_dir():
            raise ConfigurationError(f"--out {arguments.out} is a folder: name a file")
        self._template = Path(arguments.template or "")
        self._cost = json.load(sys.stdin) if self._out else None

    def write(self, more: bool = False) -> None:
        """Writes the page. One that is written again loads itself again: ``more`` messages are to come."""
        if not self._out:
            return
        reloaded = {"reload_seconds": RELOAD_SECONDS} if more else {}
        write(self._out, local_page(self._database, self._template, cost=self._cost, **reloaded))
        if not more:
            print(f"report: {self._out.resolve()}")


def of_file(path: Path) -> tuple[list[tuple[str, Message]], int]:
    """The messages of a file of JSON lines by their places in it, and how many the schema of the topic would refuse."""
    found, refused = [], 0
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        if fault := _fault(line):
            print(f"{path}: line {number}: {fault}: it is refused", file=sys.stderr)
            refused += 1
        else:
            found.append((f"{path.name}:{number}", json.loads(line)))
    return found, refused


def _fault(line: str) -> str | None:
    """Why the schema refuses a message: fields are those of a sales file, and each is a text or missing."""
    try:
        message = json.loads(line)
    except ValueError as error:
        return f"is not JSON ({error})"
    if not isinstance(message, dict):
        return "is not a JSON object"
    if unknown := sorted(message.keys() - set(READ_COLUMNS)):
        return f"has the field '{unknown[0]}', which is none of {', '.join(READ_COLUMNS)}"
    wrong = [name for name, value in message.items() if not isinstance(value, str | None)]
    return f"{wrong[0]} is not a text" if wrong else None


def of_arrival(lake: Path, day: str) -> list[tuple[str, Message]]:
    """The lines of an arrival as messages."""
    folder = lake / "sales_data" / f"dt={day}"
    files = sorted(path for path in folder.glob("*") if path.name.lower().endswith((".csv", ".csv.gz")))
    if not files:
        raise ConfigurationError(f"--day {day}: {folder} has no sales file: name a day that has one")
    return [(f"{day}/{path.name}:{number}", row) for path in files for number, row in enumerate(_rows(path), start=1)]


def _rows(path: Path) -> Iterator[Message]:
    packed = path.suffix.lower() == ".gz"
    with (gzip.open if packed else open)(path, "rt", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        names = [column_name(name) for name in next(rows)]
        for row in rows:
            yield {name: text for name, text in zip(names, row, strict=False) if name in READ_COLUMNS}


def main() -> int:
    arguments = _arguments()
    try:
        stream, refused = Stream(Path(arguments.warehouse)), 0
        report = Report(stream.file, arguments)
        if arguments.lake:
            messages = of_arrival(Path(arguments.lake), arguments.day)
            size = -(-len(messages) // PARTS)
            for first in range(0, len(messages), size):
                stream.take(messages[first : first + size])
                print(f"{min(first + size, len(messages))} of {len(messages)} messages")
                _show(stream)
                more = first + size < len(messages)
                report.write(more)
                if more:
                    time.sleep(arguments.pause)
        else:
            messages, refused = of_file(Path(arguments.messages)) if arguments.messages else ([], 0)
            stream.take(messages)
            _show(stream)
            report.write()
        days = [str(day) for day, *_ in stream.open_days()]
    except ConfigurationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (JobError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    counts = {"messages": stream.taken, "refused": refused, "quarantined": stream.quarantined()}
    print(json.dumps({"status": "done", **counts, "open_days": days}))
    return 0


def _show(stream: Stream) -> None:
    days = stream.open_days()
    for day, stores, transactions, revenue in days:
        print(f"  {day} is open: {revenue} revenue, {transactions} transactions in {stores} stores")
    if not days:
        print("  no day is open: messages of closed days change nothing")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--warehouse", required=True)
    for name in ("messages", "lake", "day", "out", "template"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--pause", type=float, default=0)
    arguments = parser.parse_args()
    if bool(arguments.lake) != bool(arguments.day) or (arguments.lake and arguments.messages):
        parser.error("give --lake and --day together, or --messages, or none of them")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
