"""CSV files with columns in any order as one DataFrame of texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, StringType, StructField, StructType

from sales_job.lake.lake import LakeFile


def _doubtful(line: Column) -> Column:
    """Whether a line has what is rare in good files: line breaks (lines after a quote that is not closed), zero bytes,
    or U+FFFD, which Spark writes for bytes that are not UTF-8.
    """
    ascii_only = F.octet_length(line) == F.length(line)
    return line.contains("\n") | line.contains("\0") | (~ascii_only & line.contains("\ufffd"))


def read_texts(spark: SparkSession, files: Sequence[LakeFile], columns: Sequence[str]) -> DataFrame:
    """Reads sales files as texts, untrimmed: ``columns`` in that order, then ``arrival``; absent fields are NULL.

    ``arrival`` is the day of the file's folder, NULL for flat files.

    ``doubtful_file`` is the file's URI on a line that may come from a damaged file, NULL on the others: Spark reads
    past a quote that is never closed and past bytes that are not text.

    Columns are found by name: files with equal headers are read together, by one plan for each header.
    """
    by_kind: dict[tuple[tuple[str, ...], bool], list[str]] = defaultdict(list)
    for file in files:
        by_kind[file.header, file.arrival == ""].append(file.path)
    frames = [_read(spark, header, flat, paths, columns) for (header, flat), paths in sorted(by_kind.items())]
    if not frames:
        empty = ", ".join(f"CAST(NULL AS STRING) AS {name}" for name in [*columns, "doubtful_file"])
        return spark.sql(f"SELECT {empty}, CAST(NULL AS DATE) AS arrival WHERE FALSE")
    return reduce(DataFrame.unionByName, frames)


def _read(
    spark: SparkSession, header: tuple[str, ...], flat: bool, paths: list[str], columns: Sequence[str]
) -> DataFrame:
    # Rename unused columns by position; their own names may be empty or duplicated.
    names = [name if name in columns else f"_extra_{position}" for position, name in enumerate(header)]
    # The arrival comes from the folder's name, once a file.
    folder = [] if flat else [StructField("dt", DateType())]
    frame = (
        spark.read.schema(StructType([*[StructField(name, StringType()) for name in names], *folder]))
        .option("header", True)
        .option("encoding", "UTF-8")
        .option("escape", '"')
        # RFC 4180: a quoted field may hold line breaks.
        .option("multiLine", True)
        .option("basePath", paths[0].rsplit("/", 1 if flat else 2)[0])
        .csv(paths)
    )
    return frame.select(
        *columns,
        F.when(_doubtful(F.concat_ws("", *names)), F.input_file_name()).alias("doubtful_file"),
        (F.lit(None).cast("date") if flat else F.col("dt")).alias("arrival"),
    )
