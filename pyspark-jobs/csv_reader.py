"""CSV files of any column order as one DataFrame of texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

from lake import LakeFile
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

DOUBTFUL = ("\n", "\ufffd", "\0")
"""In a field: the lines after a quote that is not closed, bytes that are not UTF-8, zero bytes. Rare in good files."""


def read_texts(spark: SparkSession, files: Sequence[LakeFile], columns: Sequence[str]) -> DataFrame:
    """Reads sales files as texts, untrimmed: ``columns`` in that order, then ``arrival``; absent fields are NULL.

    ``doubtful_file`` is the file's URI on a line that a damaged file may have brought, NULL on the others: Spark
    reads past a quote that is never closed and past bytes that are no text.

    Columns are found by name: files whose headers agree are read together, one plan for each kind of header.
    """
    by_kind: dict[tuple[tuple[str, ...], bool], list[str]] = defaultdict(list)
    for file in files:
        by_kind[file.header, file.arrival == ""].append(file.path)
    frames = [_read(spark, header, flat, paths, columns) for (header, flat), paths in sorted(by_kind.items())]
    if not frames:
        schema = StructType([StructField(name, StringType()) for name in [*columns, "arrival", "doubtful_file"]])
        return spark.createDataFrame([], schema)
    return reduce(DataFrame.unionByName, frames)


def _read(
    spark: SparkSession, header: tuple[str, ...], flat: bool, paths: list[str], columns: Sequence[str]
) -> DataFrame:
    # Columns that nobody asked for get a name by position: theirs may be empty or clash.
    names = [name if name in columns else f"_extra_{position}" for position, name in enumerate(header)]
    # The arrival is read off the folder's name, once a file.
    folder = [] if flat else ["dt"]
    frame = (
        spark.read.schema(StructType([StructField(name, StringType()) for name in [*names, *folder]]))
        .option("header", True)
        .option("encoding", "UTF-8")
        .option("escape", '"')
        # RFC 4180: a quoted field may hold line breaks.
        .option("multiLine", True)
        .option("basePath", paths[0].rsplit("/", 1 if flat else 2)[0])
        .csv(paths)
    )
    line = F.concat_ws("", *names)
    doubtful = F.lit(False)
    for sign in DOUBTFUL:
        doubtful = doubtful | line.contains(sign)
    return frame.select(
        *columns,
        (F.lit("") if flat else F.col("dt")).alias("arrival"),
        F.when(doubtful, F.input_file_name()).alias("doubtful_file"),
    )
