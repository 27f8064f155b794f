"""Ids of customers that look like mistakes of an export, counted before only their keys are left."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sales_job.lines.merge_lines import is_sale

EMPTY_WORDS = ("NULL", "(NULL)", "N/A", "#N/A", "NA", "NONE", "NAN", "UNDEFINED", "\\N")
"""What programs write for an empty value, in upper case."""


@dataclass(frozen=True)
class DoubtfulCustomers:
    """How many groups of ids are equal but for their form, ``twins``, and how many ids are ``rounded`` numbers; the
    ``empty_words`` among the ids.
    """

    twins: int = 0
    rounded: int = 0
    empty_words: tuple[str, ...] = ()


def find(lines: DataFrame) -> DoubtfulCustomers:
    """The doubtful ids that the run loads, each once; others of the touched days only as what they are like.

    Args:
        lines: each good line once (:func:`figures.lines`).
    """
    ids = (
        lines.where(F.col("customer_id").isNotNull() & is_sale())
        .groupBy("customer_id")
        .agg(F.max("is_loaded").alias("is_loaded"))
        .withColumn("folded", _folded(F.col("customer_id")))
    )
    upper = F.upper("customer_id")
    # No id has only these characters and E+ but a number that a spreadsheet has rounded.
    rounded = upper.like("_%E+%") & upper.rlike("^[0-9.,E+]+$")
    groups = ids.groupBy("folded").agg(
        F.when(F.max("is_loaded") & (F.count("*") > 1), 1).otherwise(0).alias("twins"),
        F.sum(F.when(F.col("is_loaded") & rounded, 1).otherwise(0)).alias("rounded"),
        F.max(F.when(F.col("is_loaded") & upper.isin(*EMPTY_WORDS), upper)).alias("empty_word"),
    )
    (found,) = groups.agg(
        F.coalesce(F.sum("twins"), F.lit(0)).alias("twins"),
        F.coalesce(F.sum("rounded"), F.lit(0)).alias("rounded"),
        F.collect_set("empty_word").alias("empty_words"),
    ).collect()
    return DoubtfulCustomers(found.twins, found.rounded, tuple(sorted(found.empty_words)))


def _folded(text: Column) -> Column:
    """A text without case and, where it is not plain ASCII, without invisible characters and accents: Spark has no
    function that brings texts to one Unicode form, and accents go with it.
    """
    visible = F.regexp_replace(text, r"\p{Cf}", "").alias("visible")
    plain = F.call_udf("reflect", F.lit("org.apache.commons.lang3.StringUtils"), F.lit("stripAccents"), visible)
    return F.lower(F.when(text.rlike(r"[^\x00-\x7F]"), plain).otherwise(text))
