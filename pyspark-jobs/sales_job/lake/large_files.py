"""Large files that Spark may read in several pieces at once.

A piece begins behind a line break, which must be the end of a row: no quoted field may hold one. Whether a file is of
this kind is found out by looking at all of it, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sales_job.lake.arrival_names import is_packed
from sales_job.lake.csv_reader import LITERAL_NAMES
from sales_job.lake.lake import Lake, LakeFile

SPLIT_BYTES = 128 * 1024 * 1024
"""Spark's own size of a piece: a smaller file is one anyway."""


def mark_splittable(spark: SparkSession, lake: Lake, files: Sequence[LakeFile]) -> list[LakeFile]:
    """The files; ``splittable`` is set on large ones that can be read in pieces."""
    large = [
        file for file in files if file.size > SPLIT_BYTES and not is_packed(file.name) and lake.begins_with_lines(file)
    ]
    if not large:
        return list(files)
    line = F.col("value")
    quotes = F.length(line) - F.length(F.replace(line, F.lit('"'), F.lit("")))
    # A carriage return inside a line ends a row where a file is read in pieces, and is text where it is not.
    carriage = F.locate("\r", line).between(1, F.length(line) - 1)
    whole = (
        spark.read.options(**LITERAL_NAMES)
        .option("lineSep", "\n")
        .text([file.path for file in large])
        .where((quotes % 2 != 0) | carriage)
        .select(F.input_file_name().alias("uri"))
        .distinct()
        .collect()
    )
    in_pieces = {file.path for file in large} - {path_of(row.uri) for row in whole}
    return [replace(file, splittable=file.path in in_pieces) for file in files]


def path_of(uri: str) -> str:
    """The path that Spark was given for what it calls by a URI."""
    plain = unquote(uri)
    return f"/{plain.removeprefix('file:').lstrip('/')}" if plain.startswith("file:") else plain
