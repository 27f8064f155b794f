"""Spark on this machine: its settings, its JVM's flags and the jars that it needs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from sales_job.base.arguments import Arguments
from sales_job.base.errors import JobError
from sales_job.lake.file_system import LocalFiles
from sales_job.targets.session import open_session

CHECKOUT = Path(__file__).resolve().parents[3]
"""A local run always works from a checkout, never from the archive."""

JARS = CHECKOUT / "jars"

SMALL_BYTES = 32 * 1024 * 1024
"""Below this much input a run is over in seconds, and starting fast counts for more than running fast."""

SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A short run ends before the optimizing compiler and parallel collection pay for themselves."""

LONG_RUN = (
    "-XX:+UseParallelGC",
    "-XX:+UseTransparentHugePages",
    # Spark makes one method of a stage; what is longer than 8,000 bytes of code the JVM would never compile.
    "-XX:-DontCompileHugeMethods",
    # The optimizing compiler takes a quarter of a backfill's CPU: it is for what lines go through, not for planning.
    "-XX:Tier4InvocationThreshold=200000",
    "-XX:Tier4MinInvocationThreshold=50000",
    "-XX:Tier4CompileThreshold=500000",
    "-XX:Tier4BackEdgeThreshold=400000",
    "-XX:-DoEscapeAnalysis",
)


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
    small = _input_bytes(arguments) < SMALL_BYTES
    options = [
        *(SHORT_RUN if small else LONG_RUN),
        f"-Dlog4j2.configurationFile={(CHECKOUT / 'pyspark-jobs/log4j2.properties').as_uri()}",
        f'-Djava.io.tmpdir="{scratch}"',
        f'-Dderby.system.home="{scratch}"',
    ]
    cores = os.cpu_count() or 2
    return open_session(
        SparkSession.builder.master("local[*]")
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
        # A task writes a few dozen days at most: with a file open for each, their lines need no sorting.
        .config("spark.sql.maxConcurrentOutputFileWriters", 200)
        # Most groups here are small and many: a second, smaller hash map before the real one only costs.
        .config("spark.sql.codegen.aggregate.map.twolevel.enabled", False)
        # Each kind of header is a branch of a union: behind it, the checks are compiled once, not for each.
        .config(
            "spark.sql.optimizer.excludedRules",
            "org.apache.spark.sql.catalyst.optimizer.PushProjectionThroughUnion",
        )
        .config("spark.sql.warehouse.dir", str(scratch / "spark-warehouse"))
        .config("spark.sql.shuffle.partitions", cores if small else 8 * cores)
        .config("spark.ui.enabled", False)
        # Each query's plan is written out for a page that nobody sees: shortly.
        .config("spark.sql.ui.explainMode", "simple")
        .config("spark.ui.showConsoleProgress", sys.stderr.isatty())
    )
