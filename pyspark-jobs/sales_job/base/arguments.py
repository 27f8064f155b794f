"""The job's command line: parsed, checked and turned into one immutable value."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from sales_job.base.errors import ConfigurationError

# A run id becomes part of folder names on file systems and in buckets, where ':' and '/' have meanings.
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class Interval:
    """Arrival days from ``start`` on, ``end`` excluded."""

    start: dt.date
    end: dt.date

    def holds(self, day: str) -> bool:
        """Whether a day written yyyy-MM-dd lies in it."""
        return str(self.start) <= day < str(self.end)


@dataclass(frozen=True)
class Cloud:
    """Where a run in Google Cloud finds its services; names as in the stack's outputs."""

    project_id: str
    region: str
    data_bucket: str
    staging_bucket: str
    cloudsql_ip: str
    database_name: str
    database_user: str
    sql_password_secret: str
    bigquery_dataset: str
    environment: str


@dataclass(frozen=True)
class Arguments:
    """One run. Exactly one of ``warehouse`` (a directory here) and ``cloud`` is set."""

    lake: str
    warehouse: str | None
    cloud: Cloud | None
    interval: Interval | None
    run_id: str
    rebuild: bool
    max_bad_ratio: float


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


CLOUD_OPTIONS = {
    "--project-id": "project that owns the dataset",
    "--region": "region of the services",
    "--data-bucket": "bucket of the lake, without gs://",
    "--cloudsql-ip": "address or private DNS name of the PostgreSQL instance",
    "--database-name": "database of the reference data",
    "--database-user": "user of that database",
    "--sql-password-secret": "Secret Manager secret with the user's password",
    "--bigquery-dataset": "dataset of the tables",
    "--environment": "name of the environment",
}


def parser() -> argparse.ArgumentParser:
    """The command line, for ``--help`` and for tests that hold other parts against it."""
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
    result.add_argument("--rebuild", action="store_true", help="compute every table anew from every arrival")
    result.add_argument(
        "--max-bad-ratio",
        type=_ratio,
        default=0.05,
        metavar="SHARE",
        help="share of bad lines that is still loaded (0.05)",
    )
    for option, text in CLOUD_OPTIONS.items():
        result.add_argument(option, help=f"cloud: {text}")
    result.add_argument(
        "--staging-bucket", help="cloud: bucket for intermediate and refused lines (default: the data bucket)"
    )
    return result


def parse(argv: Sequence[str]) -> Arguments:
    """Parses and checks a command line.

    Raises:
        ConfigurationError: an argument is missing, malformed or contradicts another.
    """
    options = parser().parse_args(argv)
    if (options.start is None) != (options.end is None):
        given, missing = ("--start", "--end") if options.end is None else ("--end", "--start")
        raise ConfigurationError(f"{given} needs {missing}: give both, or neither to take every arrival")
    interval = None
    if options.start is not None:
        if options.end <= options.start:
            raise ConfigurationError(
                f"--end {options.end} is not after --start {options.start}: the end is excluded, a day ends on the next"
            )
        interval = Interval(options.start, options.end)
    if options.rebuild and interval:
        raise ConfigurationError("--rebuild computes everything anew: leave --start and --end out")
    cloud = None
    if options.warehouse is None:
        cloud = _cloud(options)
    elif misplaced := [name for name in CLOUD_OPTIONS if _value(options, name) is not None]:
        raise ConfigurationError(
            f"{misplaced[0]} belongs to a run in the cloud, --warehouse to one on this machine: leave one out"
        )
    lake = options.lake or (cloud and f"gs://{cloud.data_bucket}/production_data")
    if not lake:
        raise ConfigurationError("--lake is missing: name the directory that holds sales_data/ and reference_data/")
    return Arguments(
        lake=lake.rstrip("/") or "/",
        warehouse=options.warehouse,
        cloud=cloud,
        interval=interval,
        run_id=options.run_id or new_run_id(),
        rebuild=options.rebuild,
        max_bad_ratio=options.max_bad_ratio,
    )


def _value(options: argparse.Namespace, option: str) -> str | None:
    value: str | None = getattr(options, option.removeprefix("--").replace("-", "_"))
    return value


def _cloud(options: argparse.Namespace) -> Cloud:
    missing = [name for name in CLOUD_OPTIONS if not _value(options, name)]
    if len(missing) == len(CLOUD_OPTIONS):
        raise ConfigurationError(
            "--warehouse is missing: name the directory to write to (or give the cloud's arguments, see --help)"
        )
    if missing:
        raise ConfigurationError(
            f"{', '.join(missing)}: missing; a run in the cloud needs all of {', '.join(CLOUD_OPTIONS)}"
        )
    values = {name.removeprefix("--").replace("-", "_"): _value(options, name) for name in CLOUD_OPTIONS}
    return Cloud(staging_bucket=options.staging_bucket or options.data_bucket, **values)  # type: ignore[arg-type]
