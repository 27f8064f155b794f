"""Settings of the Spark session on both targets."""

from __future__ import annotations

from pyspark.sql import SparkSession


def fix_semantics(spark: SparkSession) -> None:
    """Gives days and casts the same meaning on every machine and cluster."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")


def remember_functions(spark: SparkSession) -> None:
    """Caches JVM objects that PySpark looks up at each call of a function, by a search through every jar."""
    java = spark.sparkContext._jvm
    for name in ("functions", "PythonUtils"):
        setattr(java, name, getattr(java, name))
