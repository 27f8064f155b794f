"""CSV files with columns in any order as one DataFrame of texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, StringType, StructField, StructType

from sales_job.base.sales_rules import BLANKS
from sales_job.lake.lake import LakeFile

RECORD = "_record"
"""Spark's column with the text of a row that has not as many fields as the header; NULL for others."""

LITERAL_NAMES = {"__globPaths__": "false"}
"""Spark's option to take paths as they are, not as patterns."""


class _Kind(NamedTuple):
    """What files have in common that are read by one plan."""

    base: str
    flat: bool
    encoding: str
    splittable: bool
    width: int
    positions: tuple[int, ...]
    """Of the columns; -1 where the files lack one."""


def read_texts(spark: SparkSession, files: Sequence[LakeFile], columns: Sequence[str]) -> DataFrame:
    """Reads sales files as texts, untrimmed: ``columns`` in that order, NULL where a line has no such field or its file
    no such column; then ``arrival``, ``surplus`` and ``doubtful_file``.

    ``arrival`` is the day of the file's folder, NULL for flat files. ``surplus`` is true for a row with something in
    more fields than the header has.

    ``doubtful_file`` is the file's URI on a row that may come from a damaged file or one whose lines end in different
    ways, NULL on the others: Spark reads past a quote that is never closed, and past bytes that are not text.

    Rows without anything in any field, and those that repeat the header, are left out.

    Columns are found by name: files with the columns in the same places are read together.
    """
    frames = [_lines(_read(spark, kind, paths, columns), kind, columns) for kind, paths in _kinds(files, columns)]
    if not frames:
        empty = ", ".join(f"CAST(NULL AS STRING) AS {name}" for name in [*columns, "doubtful_file"])
        return spark.sql(f"SELECT {empty}, CAST(NULL AS DATE) AS arrival, FALSE AS surplus WHERE FALSE")
    return reduce(DataFrame.unionByName, frames)


def count_rows(spark: SparkSession, files: Sequence[LakeFile], columns: Sequence[str]) -> dict[str, int]:
    """How many rows with something in them Spark finds in each file, by its URI, headers in the middle included."""
    counts = [
        _read(spark, kind, paths, columns)
        .where(F.btrim(F.concat_ws("", *_names(kind, columns)), F.lit(BLANKS)) != "")
        .groupBy(F.input_file_name().alias("uri"))
        .count()
        for kind, paths in _kinds(files, columns)
    ]
    return {row.uri: row["count"] for frame in counts for row in frame.collect()}


def _kinds(files: Sequence[LakeFile], columns: Sequence[str]) -> list[tuple[_Kind, list[str]]]:
    by_kind: dict[_Kind, list[str]] = defaultdict(list)
    for file in files:
        flat = file.arrival == ""
        names = file.columns
        positions = tuple(names.index(column) if column in names else -1 for column in columns)
        # The arrival comes from the folder's name, once a file.
        base = file.path.rsplit("/", 1 if flat else 2)[0]
        by_kind[_Kind(base, flat, file.encoding, file.splittable, len(file.header), positions)].append(file.path)
    return sorted(by_kind.items())


def _names(kind: _Kind, columns: Sequence[str]) -> list[str]:
    """Names of all fields: unused ones by position, since their own may be empty or duplicated."""
    names = [f"_extra_{position}" for position in range(kind.width)]
    for column, position in zip(columns, kind.positions, strict=True):
        if position >= 0:
            names[position] = column
    return names


def _read(spark: SparkSession, kind: _Kind, paths: list[str], columns: Sequence[str]) -> DataFrame:
    texts = [StructField(name, StringType()) for name in (*_names(kind, columns), RECORD)]
    folder = [] if kind.flat else [StructField("dt", DateType())]
    return (
        spark.read.schema(StructType([*texts, *folder]))
        .options(**LITERAL_NAMES)
        .option("header", True)
        .option("escape", '"')
        # RFC 4180: a quoted field may hold line breaks, and then a file is read by one task.
        .option("multiLine", not kind.splittable)
        .option("columnNameOfCorruptRecord", RECORD)
        .option("encoding", "UTF-16" if kind.encoding == "utf-16" else "UTF-8")
        .option("basePath", kind.base)
        .csv(paths)
    )


def _lines(rows: DataFrame, kind: _Kind, columns: Sequence[str]) -> DataFrame:
    names = _names(kind, columns)
    line = F.concat_ws("", *names)
    # Nearly every line begins with a printable ASCII character, and its quantity with a digit.
    filled = line.between("!", "~\x7f") | (F.btrim(line, F.lit(BLANKS)) != "")
    number = F.coalesce(F.col("quantity").between("+", "9\x7f"), F.lit(False))
    present = [column for column in columns if column in names]
    return rows.where(filled & (number | ~_repeats_header(present))).select(
        *[column if column in present else F.lit(None).cast("string").alias(column) for column in columns],
        # What is behind the header's fields is in the row's text alone.
        F.when(_doubtful(F.coalesce(RECORD, line)), F.input_file_name()).alias("doubtful_file"),
        (F.lit(None).cast("date") if kind.flat else F.col("dt")).alias("arrival"),
        F.coalesce(F.when(F.col(RECORD).isNotNull(), _surplus(kind.width)), F.lit(False)).alias("surplus"),
    )


def _doubtful(line: Column) -> Column:
    """Whether a line has what is rare in good files: line breaks inside it, zero bytes, or U+FFFD, which Spark writes
    for bytes that are not text.
    """
    ascii_only = F.octet_length(line) == F.length(line)
    # Where the header ends with LF and the lines with CRLF, the last field keeps the CR.
    carriage = line.contains("\r") & line.rlike("\r[^\r]")
    return line.contains("\n") | carriage | line.contains("\0") | (~ascii_only & line.contains("\ufffd"))


def _surplus(width: int) -> Column:
    """Whether a row's text has something behind the fields of the header."""
    field = r'(?:"[^"]*+(?:""[^"]*+)*+")?+[^,]*+'
    return F.col(RECORD).rlike(rf'(?s)^(?:{field},){{{width}}}.*[^,"{BLANKS}]')


def _repeats_header(columns: Sequence[str]) -> Column:
    """Whether every one of the columns holds its own name, by the rule of :func:`header.column_name`."""
    same = [
        F.regexp_replace(F.lower(F.btrim(name, F.lit(f"{BLANKS}\ufeff"))), r"[\s.-]+", "_") == name for name in columns
    ]
    return F.coalesce(reduce(lambda one, other: one & other, same), F.lit(False))
