"""The job's command line: parsed, checked and turned into one immutable value."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from sales_job.base.errors import ConfigurationError

# A run id becomes part of folder names on file systems and in buckets, where ':' and '/' have a meaning.
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")

CUSTOMER_KEY_SECRET = "sales-customer-key"
"""The secret that the stack makes (constructs/warehouse/customer-key.ts)."""


@dataclass(frozen=True)
class Interval:
    """Arrival days from ``start`` to ``end``, which is excluded."""

    start: dt.date
    end: dt.date

    def holds(self, day: str) -> bool:
        """Whether it includes a day written yyyy-MM-dd."""
        return str(self.start) <= day < str(self.end)


def _described(text: str, default: Any = MISSING, kind: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"help": text, "kind": kind})


def _amount(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a plain number of at least 0")
    return float(text)


@dataclass(frozen=True)
class Cloud:
    """Services of a run in Google Cloud. Each field is an option of the command line."""

    project_id: str = _described("project that owns the dataset")
    region: str = _described("region of the services")
    data_bucket: str = _described("bucket of the lake, without gs://")
    staging_bucket: str = _described("bucket for intermediate and refused lines (default: the data bucket)")
    cloudsql_ip: str = _described("address or private DNS name of the PostgreSQL instance")
    database_name: str = _described("database of the reference data")
    database_user: str = _described("user of that database")
    sql_password_secret: str = _described("Secret Manager secret with the user's password")
    bigquery_dataset: str = _described("dataset of the tables")
    environment: str = _described("name of the environment, such as prod")
    customer_key_secret: str = _described(
        "Secret Manager secret with the key of the customers' ids (default: the stack's)", CUSTOMER_KEY_SECRET
    )
    primary_workers: int | None = _described("number of the cluster's primary workers", None, int)
    cluster_usd_per_hour: float | None = _described("price of the master and the primary workers", None, _amount)
    spot_worker_usd_per_hour: float | None = _described("price of a spot worker", None, _amount)
    query_usd_per_tib: float | None = _described("price of what BigQuery bills for queries", None, _amount)


@dataclass(frozen=True)
class Arguments:
    """One run. Either ``warehouse`` (a directory on this machine) or ``cloud`` is set."""

    lake: str
    warehouse: str | None
    cloud: Cloud | None
    interval: Interval | None
    run_id: str
    rebuild: bool
    max_bad_ratio: float
    hold_unusual_days: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # argparse prints a usage page and exits; one line that names the argument is what a log needs.
        raise ConfigurationError(f"{message}: see --help")


def _date(text: str) -> dt.date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a date written yyyy-MM-dd")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day of the calendar") from None


def _ratio(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a share between 0 and 1")
    return value


def _run_id(text: str) -> str:
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' may hold letters, digits, '_', '.' and '-' only, 100 at most")
    return text


def new_run_id() -> str:
    """A run id that sorts by time and never repeats."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


CLOUD_OPTIONS = [
    _option(item.name) for item in fields(Cloud) if item.name != "staging_bucket" and item.default is MISSING
]
"""The options that a run in the cloud must have."""


def parser() -> argparse.ArgumentParser:
    """The command line, for ``--help`` and for tests that compare other parts with it."""
    result = _Parser(
        prog="sales_analytics_direct.py",
        description="Validates, joins and aggregates the sales lines of a lake into the tables of a warehouse.",
        allow_abbrev=False,
    )
    result.add_argument(
        "--lake", help="lake directory, or a gs:// prefix (cloud default: <data bucket>/production_data)"
    )
    result.add_argument(
        "--warehouse", metavar="DIR", help="write to a warehouse in this directory instead of the cloud's"
    )
    result.add_argument("--start", "--start-date", dest="start", type=_date, metavar="DATE", help="first arrival day")
    result.add_argument("--end", "--end-date", dest="end", type=_date, metavar="DATE", help="day after the last one")
    result.add_argument("--run-id", type=_run_id, help="name of this run (default: made from the time)")
    result.add_argument("--rebuild", action="store_true", help="compute every table again, from every arrival")
    result.add_argument(
        "--max-bad-ratio",
        type=_ratio,
        default=0.05,
        metavar="SHARE",
        help="share of bad lines that is still loaded (0.05)",
    )
    result.add_argument(
        "--hold-unusual-days",
        action="store_true",
        help="publish nothing where a day is unlike the same weekdays before it, instead of a warning",
    )
    for item in fields(Cloud):
        result.add_argument(_option(item.name), type=item.metadata["kind"], help=f"cloud: {item.metadata['help']}")
    return result


def parse(argv: Sequence[str]) -> Arguments:
    """Parses and checks a command line.

    Raises:
        ConfigurationError: an argument is missing, malformed or contradicts another.
    """
    options = parser().parse_args(argv)
    interval = _interval(options.start, options.end)
    if options.rebuild and interval:
        raise ConfigurationError("--rebuild computes every table again: leave --start and --end out")
    cloud = None
    values = {item.name: getattr(options, item.name) for item in fields(Cloud)}
    # An empty text is no value; a price of 0 is one.
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if options.warehouse is None:
        cloud = _cloud(given)
    elif given:
        raise ConfigurationError(
            f"{_option(next(iter(given)))} belongs to a run in the cloud, --warehouse to one on this machine: "
            "leave one out"
        )
    lake = options.lake or (cloud and f"gs://{cloud.data_bucket}/production_data")
    if not lake:
        raise ConfigurationError("--lake is missing: name the directory that holds sales_data/ and reference_data/")
    if options.warehouse is not None:
        _check_folders(lake, options.warehouse)
    return Arguments(
        lake=lake.rstrip("/") or "/",
        warehouse=options.warehouse,
        cloud=cloud,
        interval=interval,
        run_id=options.run_id or new_run_id(),
        rebuild=options.rebuild,
        max_bad_ratio=options.max_bad_ratio,
        hold_unusual_days=options.hold_unusual_days,
    )


def _check_folders(lake: str, warehouse: str) -> None:
    if "://" in lake:
        raise ConfigurationError(f"--lake {lake}: a run on this machine reads a directory: copy the lake here first")
    if "?" in warehouse:
        raise ConfigurationError(
            f"--warehouse {warehouse}: DuckDB does not open paths with '?': name another directory"
        )
    inner, outer = Path(warehouse).resolve(), Path(lake).resolve()
    if inner.is_relative_to(outer):
        raise ConfigurationError(
            f"--warehouse {warehouse}: lies in the lake {lake}, which a run never changes: name another directory"
        )


def _interval(start: dt.date | None, end: dt.date | None) -> Interval | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        given, missing = ("--start", "--end") if end is None else ("--end", "--start")
        raise ConfigurationError(f"{given} needs {missing}: give both, or neither to take every arrival")
    if end <= start:
        raise ConfigurationError(
            f"--end {end} is not after --start {start}: the end is excluded, one day ends on the next"
        )
    return Interval(start, end)


def _cloud(given: dict[str, Any]) -> Cloud:
    missing = [option for option in CLOUD_OPTIONS if option not in map(_option, given)]
    if len(missing) == len(CLOUD_OPTIONS):
        raise ConfigurationError(
            "--warehouse is missing: name the directory to write to (or give the cloud's arguments, see --help)"
        )
    if missing:
        raise ConfigurationError(
            f"{', '.join(missing)}: missing; a run in the cloud needs all of {', '.join(CLOUD_OPTIONS)}"
        )
    return Cloud(**{"staging_bucket": given["data_bucket"], **given})
