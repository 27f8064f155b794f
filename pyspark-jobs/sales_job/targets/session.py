"""The Spark session of both targets."""

from __future__ import annotations

from pyspark.sql import SparkSession


def open_session(builder: SparkSession.Builder) -> SparkSession:
    """Starts a session, or takes the running one, and prepares it for the job."""
    spark: SparkSession = builder.appName("sales_analytics").getOrCreate()
    # Days and casts mean the same on every machine and cluster.
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    _remember_functions(spark)
    return spark


def _remember_functions(spark: SparkSession) -> None:
    """Keeps two objects that PySpark asks the JVM for at each call of a function, which searches every jar."""
    java = spark.sparkContext._jvm
    for name in ("functions", "PythonUtils"):
        setattr(java, name, getattr(java, name))
