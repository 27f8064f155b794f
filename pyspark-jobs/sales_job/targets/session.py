"""What a Spark session gets on every target."""

from __future__ import annotations

from pyspark.sql import SparkSession


def fix_semantics(spark: SparkSession) -> None:
    """Makes days and casts mean the same on every machine and cluster."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")


def remember_functions(spark: SparkSession) -> None:
    """Looks up once what PySpark asks the JVM for at each call of a function: it would search every jar each time."""
    java = spark.sparkContext._jvm
    for name in ("functions", "PythonUtils"):
        setattr(java, name, getattr(java, name))
