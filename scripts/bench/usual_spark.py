"""What the usual jobs have in common: their arguments and their Spark session."""

from __future__ import annotations

import argparse

from pyspark.sql import SparkSession


def folders(description: str | None) -> argparse.Namespace:
    """The arguments: ``lake`` and ``out``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--out", required=True)
    return parser.parse_args()


def spark_session(name: str) -> SparkSession:
    """Spark as a competent person starts it on one machine, without the job's settings."""
    return (
        SparkSession.builder.appName(name)
        .master("local[*]")
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", False)
        .getOrCreate()
    )
