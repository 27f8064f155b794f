"""Spark on this machine: its settings, its JVM's flags and the jars that it needs."""

from __future__ import annotations

import json
import locale
import os
import sys
from pathlib import Path
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

from sales_job.base.arguments import Arguments
from sales_job.base.errors import JobError
from sales_job.lake.file_system import LocalFiles
from sales_job.lines.spread import SMALL_BYTES
from sales_job.targets.session import open_session

CHECKOUT = Path(__file__).resolve().parents[3]
"""A local run always works from a checkout, never from the archive."""

JARS = CHECKOUT / "jars"

SHARED_SETTINGS = Path(__file__).with_name("spark_settings.json")

SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A short run ends before the optimizing compiler and parallel collection pay for themselves."""

LONG_RUN = (
    "-XX:+UseParallelGC",
    "-XX:+UseTransparentHugePages",
    # The optimizing compiler takes a quarter of a backfill's CPU: it is for what lines go through, not for planning.
    "-XX:Tier4InvocationThreshold=200000",
    "-XX:Tier4MinInvocationThreshold=50000",
    "-XX:Tier4CompileThreshold=500000",
    "-XX:Tier4BackEdgeThreshold=400000",
    "-XX:-DoEscapeAnalysis",
)


def shared_settings() -> dict[str, Any]:
    """Settings that runs on one machine and on the cluster share: lists ``spark``, ``hadoop`` and ``jvm``, each of
    name, value, reason and measured effect. The stack gives them to the cluster.
    """
    found: dict[str, Any] = json.loads(SHARED_SETTINGS.read_text())
    return found


def jars() -> list[str]:
    """The Java libraries that the job needs on this machine.

    Raises:
        JobError: one is missing.
    """
    paths = [JARS / jar["file"] for jar in json.loads((JARS / "jars.json").read_text())["jars"]]
    for path in paths:
        if not path.exists():
            raise JobError(f"{path} is missing: run 'npm start' once, which fetches it")
    return [str(path) for path in paths]


def _input_bytes(arguments: Arguments) -> int:
    """Size of what the run is going to read, in bytes; 0 where the lake is not a directory."""
    files, interval = LocalFiles(arguments.lake), arguments.interval
    total = 0
    for entry in files.list("sales_data"):
        if not entry.is_folder:
            total += entry.size if interval is None else 0
        elif interval is None or interval.holds(entry.name.removeprefix("dt=")):
            total += sum(file.size for file in files.list(f"sales_data/{entry.name}"))
    return total


def spark_session(arguments: Arguments, folder: Path) -> SparkSession:
    """Spark with this machine's cores; everything that it writes for itself lies under ``folder``."""
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    if "UTF" not in locale.setlocale(locale.LC_CTYPE).upper():
        # Java opens no path with an accent in the locale C.
        os.environ["LC_ALL"] = "C.UTF-8"
    small = _input_bytes(arguments) < SMALL_BYTES
    shared = shared_settings()
    options = [
        *(SHORT_RUN if small else (*LONG_RUN, *[flag["name"] for flag in shared["jvm"]])),
        f"-Dlog4j2.configurationFile={(CHECKOUT / 'pyspark-jobs/log4j2.properties').as_uri()}",
        f'-Djava.io.tmpdir="{scratch}"',
        f'-Dderby.system.home="{scratch}"',
    ]
    cores = os.cpu_count() or 2
    builder = SparkSession.builder
    for setting in shared["spark"]:
        builder = builder.config(setting["name"], setting["value"])
    for setting in shared["hadoop"]:
        builder = builder.config(f"spark.hadoop.{setting['name']}", setting["value"])
    return open_session(
        builder.master("local[*]")
        .config("spark.driver.extraClassPath", os.pathsep.join(jars()))
        # Hadoop's own starts a process, chmod, for each file and folder that it makes.
        .config("spark.hadoop.fs.file.impl", "com.globalmentor.apache.hadoop.fs.BareLocalFileSystem")
        .config("spark.driver.memory", "2g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", " ".join(options))
        .config("spark.local.dir", str(scratch))
        # Small files are read many to a task, their folders listed without a Spark job of its own.
        .config("spark.sql.files.openCostInBytes", 64 * 1024)
        .config("spark.sql.sources.parallelPartitionDiscovery.threshold", 100_000)
        # What is left of a few partitions is not worth a round of its own on a few cores.
        .config("spark.sql.adaptive.coalescePartitions.enabled", False)
        .config("spark.sql.warehouse.dir", str(scratch / "spark-warehouse"))
        .config("spark.sql.shuffle.partitions", cores if small else 8 * cores)
        .config("spark.ui.enabled", False)
        # Each query's plan is written out for a page that nobody sees: shortly.
        .config("spark.sql.ui.explainMode", "simple")
        .config("spark.ui.showConsoleProgress", sys.stderr.isatty())
    )


def stop(spark: SparkSession) -> None:
    """Stops a session, unless :func:`end` has. Its JVM lives on: an error of Java asks it for its message."""
    if SparkContext._gateway is not None:
        spark.stop()


def end(spark: SparkSession) -> None:
    """Stops a session and ends its JVM, which keeps its heap until then."""
    gateway = SparkContext._gateway
    assert gateway is not None  # a session has one
    spark.stop()
    gateway.shutdown()
    # The JVM ends with the input that Python keeps open for it.
    gateway.proc.stdin.close()
    gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None
