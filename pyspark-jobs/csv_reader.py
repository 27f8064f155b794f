"""CSV files of any column order as one DataFrame of texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

from lake import LakeFile
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

SOURCE = "_source"
"""Column with the URI of the file that a row came from."""


def read_texts(spark: SparkSession, files: Sequence[LakeFile], columns: Sequence[str]) -> DataFrame:
    """Reads files as texts, untrimmed: ``columns`` in that order and {SOURCE}; absent fields are NULL.

    Columns are found by name: files whose headers agree are read together, one plan for each kind of header.
    """
    by_header: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for file in files:
        by_header[file.header].append(file.path)
    frames = [_read(spark, header, paths, columns) for header, paths in sorted(by_header.items())]
    if not frames:
        schema = StructType([StructField(name, StringType()) for name in [*columns, SOURCE]])
        return spark.createDataFrame([], schema)
    return reduce(DataFrame.unionByName, frames)


def _read(spark: SparkSession, header: tuple[str, ...], paths: list[str], columns: Sequence[str]) -> DataFrame:
    # Columns that nobody asked for get a name by position: theirs may be empty or clash.
    names = [name if name in columns else f"_extra_{position}" for position, name in enumerate(header)]
    frame = (
        spark.read.schema(StructType([StructField(name, StringType()) for name in names]))
        .option("header", True)
        .option("encoding", "UTF-8")
        .option("escape", '"')
        # RFC 4180: a quoted field may hold line breaks.
        .option("multiLine", True)
        .csv(paths)
    )
    return frame.select(*columns, F.col("_metadata.file_path").alias(SOURCE))
