"""Runs the sales job once so that its JVM writes an archive of the classes that it loaded, and waits until it has.

Arguments: the archive to write, then the job's own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pyspark-jobs"))


def main(archive: str, arguments: list[str]) -> int:
    """Returns the exit code of what failed, the job or its JVM."""
    option = f'spark.driver.defaultJavaOptions=-XX:ArchiveClassesAtExit="{archive}"'
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"--conf '{option}' pyspark-shell"
    from pyspark import SparkContext
    from sales_analytics_direct import main as job

    code = job(arguments)
    # Spark's JVM ends, and writes the archive, when its input does: by itself only after this process.
    gateway = SparkContext._gateway
    if gateway is None:
        return code
    gateway.proc.stdin.close()
    return code or gateway.proc.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
