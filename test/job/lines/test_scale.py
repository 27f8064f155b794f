"""Tasks follow the bytes: the table of docs/job/scale.md, from Spark's own plans over sparse files of these sizes.

Nothing is read: a sparse file has a size and no content. Lines are taken to be spread evenly over their days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sales_job.base.sales_columns import SALES_COLUMNS
from sales_job.lake.csv_reader import read_texts
from sales_job.lake.lake import LakeFile
from sales_job.lines import spread

ROOT = Path(__file__).resolve().parents[3]
GB, MIB = 10**9, 2**20
LEAST = 200
"""Spark's own number of shuffle partitions."""


def lake_file(folder: Path, arrival: str, name: str, size: int, splittable: bool = True) -> LakeFile:
    path = folder / "sales_data" / f"dt={arrival}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    return LakeFile(str(path), f"sales_data/dt={arrival}/{name}", arrival, size, SALES_COLUMNS, splittable=splittable)


def one_day_of_many(folder: Path) -> list[LakeFile]:
    return [lake_file(folder, "2026-01-02", f"part-{n:03}.csv", GB // 5) for n in range(400)]


def one_day_as_one(folder: Path) -> list[LakeFile]:
    return [lake_file(folder, "2026-01-02", "sales.csv", 80 * GB)]


def one_day_as_one_with_line_breaks(folder: Path) -> list[LakeFile]:
    return [lake_file(folder, "2026-01-02", "sales.csv", 80 * GB, splittable=False)]


def one_day_packed(folder: Path) -> list[LakeFile]:
    return [lake_file(folder, "2026-01-02", "sales.csv.gz", 10 * GB, splittable=False)]


def a_year(folder: Path) -> list[LakeFile]:
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32)]
    real = [day for day in days if day not in NO_DAYS]
    return [lake_file(folder, day, "sales.csv", GB) for day in real]


NO_DAYS = {"2025-02-29", "2025-02-30", *(f"2025-{month}-31" for month in ("02", "04", "06", "09", "11"))}

CASES = {
    "one day of 80 GB, 400 files": one_day_of_many,
    "one day of 80 GB, one file": one_day_as_one,
    "the same, with line breaks inside quotes": one_day_as_one_with_line_breaks,
    "one day of 80 GB, one packed file of 10 GB": one_day_packed,
    "365 days of 1 GB, a file each": a_year,
}


def reading(frame: DataFrame) -> list[int]:
    """The bytes of each task that reads."""
    plan: Any = frame._jdf.queryExecution()
    partitions = plan.toRdd().partitions()
    sizes = []
    for partition in partitions:
        while "FilePartition" not in partition.getClass().getName():
            partition = partition.parentPartition()
        sizes.append(sum(file.length() for file in partition.files()))
    return sizes


def writing(spark: SparkSession, files: Sequence[LakeFile]) -> list[float]:
    """The bytes of each task that merges and writes, by Spark's own hash partitioning."""
    parts = spread.parts_of_a_day(files, None)
    partitions = spread.shuffle_partitions(files, parts, None, LEAST)
    by_day: Counter[str] = Counter()
    for file in files:
        by_day[file.arrival] += spread.unpacked_bytes(file)
    days = spark.createDataFrame([(day, size / parts) for day, size in by_day.items()], "day string, bytes double")
    groups = days.select(
        F.to_date("day").alias("day"), "bytes", F.explode(F.sequence(F.lit(0), F.lit(parts - 1))).alias("part")
    )
    tasks = groups.groupBy(F.pmod(F.hash("day", "part"), F.lit(partitions))).agg(F.sum("bytes").alias("bytes"))
    return [row.bytes for row in tasks.collect()]


def row_of_table(spark: SparkSession, name: str, files: Sequence[LakeFile]) -> str:
    readers, writers = reading(read_texts(spark, files, SALES_COLUMNS)), writing(spark, files)
    cells = [name, len(readers), f"{max(readers) / MIB:,.0f}", len(writers), f"{max(writers) / MIB:,.0f}"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


@pytest.mark.parametrize("name", CASES)
def test_the_page_has_the_tasks_that_spark_plans(spark: SparkSession, tmp_path: Path, name: str) -> None:
    row = row_of_table(spark, name, CASES[name](tmp_path))
    page = [" ".join(line.split()) for line in (ROOT / "docs/job/scale.md").read_text().splitlines()]
    assert row in page, row


def test_small_runs_have_one_part_a_day_and_sparks_own_partitions() -> None:
    files = [LakeFile("", f"sales_data/dt=2026-01-0{n}/a.csv", f"2026-01-0{n}", 200 * MIB, ()) for n in (1, 2)]
    assert spread.parts_of_a_day(files, None) == 1
    assert spread.shuffle_partitions(files, 1, None, LEAST) == LEAST


def test_a_small_run_that_touches_many_days_keeps_sparks_own_partitions() -> None:
    """Each partition is a task for each figure: 270 of them took ten times as long as what they computed."""
    files = [LakeFile("", f"sales_data/dt=2026-01-0{n}/a.csv", f"2026-01-0{n}", 1000, ()) for n in range(1, 10)]
    assert spread.shuffle_partitions(files, 1, 90, LEAST) == LEAST


def test_many_small_files_of_one_day_are_spread_as_one_large_one() -> None:
    """512 files of one MiB are two parts' worth."""
    files = [LakeFile("", f"sales_data/dt=2026-01-01/{n}.csv", "2026-01-01", MIB, ()) for n in range(512)]
    assert spread.parts_of_a_day(files, None) == 3


def test_packed_files_count_by_what_is_in_them() -> None:
    packed = LakeFile("", "sales_data/dt=2026-01-01/A.CSV.GZ", "2026-01-01", 64 * MIB, ())
    assert spread.parts_of_a_day([packed], None) == 3


def test_flat_files_are_spread_by_the_days_in_them() -> None:
    """100 GiB of 400 days are 256 MiB each, two parts: 400 parts a day would make 160,000 small files."""
    flat = [LakeFile("", "sales_data/all.csv", "", 100 * 1024 * MIB, ())]
    assert spread.needs_the_days(flat)
    assert spread.parts_of_a_day(flat, 400) == 2
    assert not spread.needs_the_days([LakeFile("", "sales_data/all.csv", "", 100 * MIB, ())])
