"""Folders of cleaned lines: written once, never changed, removed when nothing points at them any more.

Layout: ``<processed>/transaction_date=D/version=V/*.parquet``. Which version of a day counts is said by the
warehouse's table ``line_versions``, so that a run's lines and its figures become visible in the same transaction. A
marker ``_open/V`` stands while a run works: what a killed run leaves behind is found and removed by the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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


class LineStore:
    """The cleaned lines of a warehouse."""

    def __init__(self, spark: SparkSession, root: str) -> None:
        self._spark = spark
        jvm: Any = spark._jvm
        self._jvm = jvm
        path = jvm.org.apache.hadoop.fs.Path(root)
        self._fs: Any = path.getFileSystem(spark._jsc.hadoopConfiguration())
        self._root: str = self._fs.makeQualified(path).toString().rstrip("/")

    def _path(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self._root}/{name}")

    def open(self, version: str) -> None:
        """Marks a version as being written."""
        self._fs.create(self._path(f"_open/{version}"), True).close()

    def close(self, version: str, replaced: Mapping[dt.date, str]) -> None:
        """After publishing: removes the versions that were replaced, then the mark."""
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda item: self._remove(*item), replaced.items()))
        self._fs.delete(self._path(f"_open/{version}"), False)

    def recover(self, current: Mapping[dt.date, str]) -> list[str]:
        """Removes what killed runs left: their versions where they were not published, the replaced ones where they
        were.

        Args:
            current: the version of each day that counts.

        Returns:
            The versions whose runs had been killed.
        """
        if not self._fs.exists(self._path("_open")):
            return []
        killed = [status.getPath().getName() for status in self._fs.listStatus(self._path("_open"))]
        for version in killed:
            for day_folder in self._fs.globStatus(self._path("transaction_date=*")) or []:
                day = dt.date.fromisoformat(day_folder.getPath().getName().removeprefix("transaction_date="))
                for folder in self._fs.listStatus(day_folder.getPath()):
                    if folder.getPath().getName() != f"version={current.get(day)}":
                        self._fs.delete(folder.getPath(), True)
            self._fs.delete(self._path("_temporary"), True)
            self._fs.delete(self._path(f"_open/{version}"), False)
        return killed

    def _remove(self, day: dt.date, version: str) -> None:
        self._fs.delete(self._path(f"transaction_date={day}/version={version}"), True)
        # Not recursive: refuses, and so keeps, a folder that still holds a version.
        folder = self._path(f"transaction_date={day}")
        if self._fs.exists(folder) and len(self._fs.listStatus(folder)) == 0:
            self._fs.delete(folder, False)

    def read(self, versions: Mapping[dt.date, str]) -> DataFrame:
        """Deliveries of some days: the columns of a line, ``arrival`` and ``unit_cost``."""
        columns = [*LINE, "arrival", "unit_cost"]
        if not versions:
            # A relation that the optimizer knows to be empty drops out of the plan.
            empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in SCHEMA.items())
            return self._spark.sql(f"SELECT {empty} WHERE FALSE").select(*columns)
        paths = [f"{self._root}/transaction_date={day}/version={version}" for day, version in sorted(versions.items())]
        return (
            self._spark.read.schema(", ".join(f"{name} {kind}" for name, kind in SCHEMA.items()))
            .option("basePath", self._root)
            .parquet(*paths)
            .select(*columns)
        )

    def write(self, deliveries: DataFrame, version: str) -> None:
        """Writes deliveries, which come shuffled by day, a folder a day; nothing points at them until the
        warehouse does.
        """
        columns = deliveries.select(*LINE, "arrival", "unit_cost", F.lit(version).alias("version"))
        columns.write.mode("append").partitionBy("transaction_date", "version").parquet(self._root)
