"""Small lakes written by hand, and the job run on them: in this process, or as a process of its own."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import oracle
from pyspark.sql import SparkSession

from database_utils import Database
from sales_job.base.arguments import parse
from sales_job.base.run_log import RunLog
from sales_job.base.sales_columns import SALES_COLUMNS
from sales_job.lake.file_system import open_files
from sales_job.lake.lake import Lake
from sales_job.pipeline.pipeline import execute
from sales_job.pipeline.run import Counts, Run
from sales_job.tables import reference_columns
from sales_job.targets import local

JOB = Path(__file__).resolve().parents[3] / "pyspark-jobs"

START = "start PostgreSQL and Spark"
FIND, REFERENCE, READ, COMPUTE, PUBLISH, REMOVE = STEPS = (
    "find arrivals",
    "load reference data",
    "read and check lines",
    "compute figures",
    "publish",
    "remove replaced lines",
)
"""The steps of a run by the names in its log."""


class Crash(BaseException):
    """The process is gone: no handler of the job runs."""


class CrashingLog(RunLog):
    """A log that ends the run when a certain step ends."""

    def __init__(self, run_id: str, step: str) -> None:
        super().__init__(run_id)
        self._step = step

    def info(self, message: str, **fields: Any) -> None:
        super().info(message, **fields)
        if fields.get("step") == self._step:
            raise Crash


def know_key(warehouse: Path) -> None:
    """Gives a new warehouse the key that the oracle has; a run would make one of its own."""
    warehouse.mkdir(exist_ok=True)
    if not (warehouse / "customer_key").exists():
        (warehouse / "customer_key").write_text(oracle.CUSTOMER_KEY.hex())


@dataclass
class Sandbox:
    """A lake and a warehouse of one test, and the job between them."""

    folder: Path
    spark: SparkSession
    database: Database
    lake: Path = field(init=False)

    def __post_init__(self) -> None:
        self.lake = self.folder / "lake"
        self.products([("P1", "Soap", "Home", "1.10"), ("P2", "Green tea", "Food", "2.00")])
        self.stores([("S1", "Main Street", "Austin, TX"), ("S2", "Harbor", "Boston, MA")])

    def write(self, name: str, data: str | bytes) -> Path:
        path = self.lake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = data.encode() if isinstance(data, str) else data
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    def sales(self, name: str, rows: Sequence[str], header: str = ",".join(SALES_COLUMNS)) -> Path:
        """A sales file of lines written as text; ``name`` is relative to ``sales_data/``."""
        return self.write(f"sales_data/{name}", "\n".join([header, *rows]) + "\n")

    def products(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """products.csv from (id, name, category, cost_price)."""
        keys = ("product_id", "product_name", "category", "cost_price")
        self._reference("products", [dict(zip(keys, row, strict=True)) for row in rows])

    def stores(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """stores.csv from (id, name, location)."""
        keys = ("store_id", "store_name", "store_location")
        self._reference("stores", [dict(zip(keys, row, strict=True)) for row in rows])

    def _reference(self, name: str, rows: Sequence[dict[str, str]]) -> None:
        path = self.lake / f"reference_data/{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as file:
            columns = [column.name for column in reference_columns.table(name).columns]
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)

    def run(self, *options: str, warehouse: str = "warehouse", crash_after: str = "") -> dict[str, Any]:
        """Runs the pipeline in this process, in the shared session; returns its counts. Raises what the job raises."""
        target = self.folder / warehouse
        know_key(target)
        arguments = parse(["--lake", str(self.lake), "--warehouse", str(target), *options])
        counts = Counts()
        log = CrashingLog(arguments.run_id, crash_after)
        run = Run(
            arguments=arguments,
            version=secrets.token_hex(6),
            started_at=dt.datetime.now(dt.UTC),
            spark=self.spark,
            lake=Lake(open_files(self.spark, arguments.lake), log.warning),
            warehouse=local.warehouse(target),
            database=self.database,
            customer_key=local.customer_key(target),
            log=log,
        )
        try:
            execute(run, counts)
        finally:
            # In a process of its own the job never meets what an earlier run kept in memory.
            self.spark.catalog.clearCache()
        result = counts.as_dict()
        assert result["rows_read"] == result["rows_loaded"] + result["rows_duplicate"] + result["rows_quarantined"]
        return result

    def day(self, day: str, **options: str) -> dict[str, Any]:
        """Runs one arrival day."""
        end = dt.date.fromisoformat(day) + dt.timedelta(days=1)
        return self.run("--start", day, "--end", str(end), **options)

    def query(self, sql: str, warehouse: str = "warehouse") -> list[tuple[Any, ...]]:
        with self._opened(warehouse) as connection:
            return connection.execute(sql).fetchall()

    def tables(self, warehouse: str = "warehouse") -> dict[str, list[tuple[Any, ...]]]:
        """Everything that readers see, run ids and times aside."""
        names = (
            ("daily_sales_summary", ""),
            ("product_performance", ""),
            ("store_performance", ""),
            ("sales_lines", ""),
            ("daily_product_sales", ""),
            ("products", ""),
            ("stores", ""),
            ("daily_profile", ""),
            ("quarantined_sales", "EXCLUDE (run_id, quarantined_at)"),
        )
        with self._opened(warehouse) as connection:
            return {
                name: connection.execute(f"SELECT * {less} FROM {name} ORDER BY ALL").fetchall() for name, less in names
            }

    def _opened(self, warehouse: str) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.folder / warehouse / "warehouse.duckdb"), read_only=True)


@dataclass
class Finished:
    """A job process that has ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def summary(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.stdout.strip().splitlines()[-1])
        return result

    @property
    def last_error(self) -> str:
        return self.stderr.strip().splitlines()[-1]


def command(*options: str) -> list[str]:
    return [sys.executable, str(JOB / "sales_analytics_direct.py"), *options]


class Running:
    """A job process that is watched while it works."""

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(command(*options), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._seen: list[str] = []

    def until(self, step: str) -> Running:
        """Waits for the end of a step."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._seen.append(line)
            if f'"step": "{step}"' in line:
                return self
        raise AssertionError(f"the job ended before the step '{step}':\n{''.join(self._seen)}")

    def children(self) -> list[str]:
        """Names of the programs that it runs now; none when it has ended."""
        listed = [file.read_text().split() for file in Path(f"/proc/{self._process.pid}/task").glob("*/children")]
        return [Path(f"/proc/{pid}/comm").read_text().strip() for pids in listed for pid in pids]

    def send(self, what: signal.Signals) -> Running:
        self._process.send_signal(what)
        return self

    def end(self) -> Finished:
        """Waits until the process has ended."""
        stdout, stderr = self._process.communicate(timeout=180)
        return Finished(self._process.returncode, stdout, "".join(self._seen) + stderr)


def job(*options: str, **environment: str) -> Finished:
    """Runs the job as a process of its own, as its users do."""
    done = subprocess.run(
        command(*options), capture_output=True, text=True, timeout=180, env={**os.environ, **environment}
    )
    return Finished(done.returncode, done.stdout, done.stderr)
