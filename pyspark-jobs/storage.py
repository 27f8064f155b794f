"""Folders of cleaned lines: written once, never changed, removed when nothing points at them any more.

Layout: ``<processed>/transaction_date=D/version=V/*.parquet``. Which version of a day counts is said by the
warehouse's table ``line_versions``, so that a run's lines and its figures become visible in the same transaction. A
marker ``_open/V`` stands while a run works: what a killed run leaves behind is found and removed by the next one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from files import Files
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from transforms import LINE

SCHEMA = {
    "transaction_id": "string",
    "product_id": "string",
    "store_id": "string",
    "quantity": "bigint",
    "unit_price": "decimal(18,4)",
    "customer_id": "string",
    "arrival": "string",
    "unit_cost": "decimal(20,6)",
    "transaction_date": "date",
    "version": "string",
}

DAY_FOLDER = re.compile(r"transaction_date=(\d{4}-\d{2}-\d{2})")


class LineStore:
    """The cleaned lines of a warehouse."""

    def __init__(self, spark: SparkSession, files: Files) -> None:
        self._spark = spark
        self._files = files

    def open(self, version: str) -> None:
        """Marks a version as being written."""
        self._files.touch(f"_open/{version}")

    def close(self, version: str, replaced: Mapping[dt.date, str]) -> None:
        """After publishing: removes the versions that were replaced, then the mark."""
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda item: self._remove(*item), replaced.items()))
        self._files.delete(f"_open/{version}")

    def recover(self, current: Mapping[dt.date, str]) -> list[str]:
        """Removes what killed runs left: versions that were not published, and published ones' forerunners.

        Args:
            current: the version of each day that counts.

        Returns:
            The versions whose runs had been killed.
        """
        killed = [entry.name for entry in self._files.list("_open") if not entry.name.startswith(".")]
        if killed:
            # Only what the job named itself: whatever else lies there is somebody's.
            days = [m[1] for entry in self._files.list("") if (m := DAY_FOLDER.fullmatch(entry.name))]
            for day in map(dt.date.fromisoformat, days):
                for entry in self._files.list(f"transaction_date={day}"):
                    prefix, _, version = entry.name.partition("version=")
                    if not prefix and version != current.get(day):
                        self._remove(day, version)
            self._files.delete("_temporary")
        for version in killed:
            self._files.delete(f"_open/{version}")
        return killed

    def _remove(self, day: dt.date, version: str) -> None:
        folder = f"transaction_date={day}"
        self._files.delete(f"{folder}/version={version}")
        if not self._files.list(folder):
            self._files.delete(folder)

    def read(self, versions: Mapping[dt.date, str]) -> DataFrame:
        """Deliveries of some days: the columns of a line, ``arrival`` and ``unit_cost``."""
        columns = [*LINE, "arrival", "unit_cost"]
        if not versions:
            # A relation that the optimizer knows to be empty drops out of the plan.
            empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in SCHEMA.items())
            return self._spark.sql(f"SELECT {empty} WHERE FALSE").select(*columns)
        paths = [
            f"{self._files.root}/transaction_date={day}/version={version}" for day, version in sorted(versions.items())
        ]
        return (
            self._spark.read.schema(", ".join(f"{name} {kind}" for name, kind in SCHEMA.items()))
            .option("basePath", self._files.root)
            .parquet(*paths)
            .select(*columns)
        )

    def write(self, deliveries: DataFrame, version: str) -> None:
        """Writes deliveries, which come shuffled by day, a folder a day; nothing points at them until the
        warehouse does.
        """
        columns = deliveries.select(*LINE, "arrival", "unit_cost", F.lit(version).alias("version"))
        columns.write.mode("append").partitionBy("transaction_date", "version").parquet(self._files.root)
