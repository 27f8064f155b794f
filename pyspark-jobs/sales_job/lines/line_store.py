"""The line store: folders of cleaned lines, written once, never changed, removed when no table refers to them.

Layout: ``<processed>/transaction_date=D/version=V/*.parquet``. The warehouse's table ``line_versions`` names the
version of each day, so that the lines of a run and its figures become visible in the same transaction. The marker
``_open/V`` exists while a run works: the next run finds and removes what a killed one left.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from sales_job.lake.csv_reader import LITERAL_NAMES
from sales_job.lake.file_system import Files
from sales_job.lake.stand_ins import FOLDER as STAND_INS
from sales_job.lines.merge_lines import LINES

FORMER = {"bitmap_index": ("word", 1), "bitmap": ("arrivals", 1), "quantity_units": ("quantity", 1000)}
"""Names of columns in lines that earlier versions stored, and the factor of their values. Columns that such lines lack
are NULL.
"""

SCHEMA = {**LINES, **{former: LINES[name] for name, (former, _) in FORMER.items()}, "version": "string"}

DAY_FOLDER = re.compile(r"transaction_date=(\d{4}-\d{2}-\d{2}|__HIVE_DEFAULT_PARTITION__)")

NO_DAY = "__HIVE_DEFAULT_PARTITION__"
"""The folder of a run's bad lines, by Spark's name for NULL; it is removed when the run ends."""


def folder_of(day: object, version: str) -> str:
    """The folder of a version of a day, below the line store."""
    return f"transaction_date={day}/version={version}"


class Written(NamedTuple):
    """What a run wrote: rows, and how often it read the lines in them."""

    rows: int
    delivered: int


class LineStore:
    """The line store of a warehouse."""

    def __init__(self, spark: SparkSession, files: Files) -> None:
        self._spark = spark
        self._files = files

    @property
    def files(self) -> Files:
        """The files of its folder."""
        return self._files

    def open(self, version: str) -> None:
        """Marks a version as being written."""
        self._files.touch(f"_open/{version}")

    def close(self, version: str, replaced: Mapping[dt.date, str] | None) -> None:
        """Removes the replaced versions and the bad lines after publishing, then the marker.

        Args:
            replaced: a version of each replaced day; None: every version but this one.
        """
        if replaced is None:
            gone = [(day, old) for day, old in self._versions() if old != version]
        else:
            gone = [(str(day), old) for day, old in replaced.items()]
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda item: self._remove(*item), [*gone, (NO_DAY, version)]))
        self._files.delete(f"_open/{version}")

    def unfinished(self) -> list[str]:
        """The versions that are marked as being written."""
        return [entry.name for entry in self._files.list("_open") if not entry.name.startswith(".")]

    def remove_unpublished(self, current: Mapping[dt.date, str]) -> None:
        """Removes what killed runs left: versions that were never published, and replaced ones. No run may be at work.

        Args:
            current: the published version of each day.
        """
        counts = {str(day): version for day, version in current.items()}
        for day, version in self._versions():
            if version != counts.get(day):
                self._remove(day, version)
        self._files.delete("_temporary")
        self._files.delete(STAND_INS)

    def forget(self, versions: Iterable[str]) -> None:
        """Removes the marks of versions that nothing is left of."""
        for version in versions:
            self._files.delete(f"_open/{version}")

    def discard(self, version: str) -> None:
        """Removes a version that was not published, to write it again."""
        for day in self._days():
            self._remove(day, version)

    def _days(self) -> list[str]:
        """Every day with a folder, :data:`NO_DAY` included."""
        return [m[1] for entry in self._files.list("") if (m := DAY_FOLDER.fullmatch(entry.name))]

    def _versions(self) -> list[tuple[str, str]]:
        """Day and version of every folder that the job named; other folders are not its own."""
        return [
            (day, entry.name.removeprefix("version="))
            for day in self._days()
            for entry in self._files.list(f"transaction_date={day}")
            if entry.name.startswith("version=")
        ]

    def _remove(self, day: str, version: str) -> None:
        folder = f"transaction_date={day}"
        self._files.delete(f"{folder}/version={version}")
        if not self._files.list(folder):
            self._files.delete(folder)

    def read(self, versions: Mapping[dt.date, str]) -> DataFrame:
        """Lines of some days: the columns of :data:`merge_lines.LINES`."""
        return self._read([f"{day}/version={version}" for day, version in sorted(versions.items())])

    def read_new(self, version: str, days: Collection[dt.date] | None) -> DataFrame:
        """Everything that a run has written, its bad lines too.

        Args:
            days: the days that it may have written; None: every folder.
        """
        found = self._days() if days is None else [*sorted(map(str, days)), NO_DAY]
        folders = [f"{day}/version={version}" for day in found]
        with ThreadPoolExecutor(16) as pool:
            there = list(pool.map(lambda folder: self._files.exists(f"transaction_date={folder}"), folders))
        return self._read([folder for folder, exists in zip(folders, there, strict=True) if exists])

    def _read(self, folders: Sequence[str]) -> DataFrame:
        if not folders:
            # The optimizer removes a relation that it knows to be empty.
            empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in LINES.items())
            return self._spark.sql(f"SELECT {empty} WHERE FALSE")
        return (
            self._spark.read.schema(", ".join(f"{name} {kind}" for name, kind in SCHEMA.items()))
            .options(**LITERAL_NAMES)
            .option("basePath", self._files.root)
            .parquet(*[f"{self._files.root}/transaction_date={folder}" for folder in folders])
            .select(*[_column(name) for name in LINES])
        )

    def write(self, lines: DataFrame, version: str) -> Written:
        """Writes lines that are shuffled by day, one folder a day; no table refers to them yet. Returns what was
        counted on the way.
        """
        counts = Observation()
        (
            lines.withColumn("version", F.lit(version))
            .observe(counts, F.count(F.lit(1)).alias("rows"), F.sum("delivered").alias("delivered"))
            .write.mode("append")
            # Nearly all values of these columns differ: a dictionary would not pay.
            .option("parquet.enable.dictionary#transaction_id", "false")
            .option("parquet.enable.dictionary#customer_id", "false")
            .partitionBy("transaction_date", "version")
            .parquet(self._files.root)
        )
        counted = counts.get
        return Written(counted["rows"], counted["delivered"] or 0)


def _column(name: str) -> Column:
    if name not in FORMER:
        return F.col(name)
    former, factor = FORMER[name]
    return F.coalesce(F.col(name), F.col(former) * factor).alias(name)
