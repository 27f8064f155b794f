"""Stand-in for the cluster: Spark of the job's environment on this machine, set up as the Dataproc image is.

The job runs in the emulators' Python without any package: what it needs beside Spark must come with it, as nothing is
documented of the packages that the image has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from rehearsal.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
SPARK = ROOT / ".venv/job/lib/python3.11/site-packages/pyspark"


def _connectors() -> str:
    """The connectors of the image, as a class path."""
    jars = json.loads((ROOT / "jars/connectors.json").read_text())["jars"]
    return ":".join(str(ROOT / "jars" / jar["file"]) for jar in jars)


class Cluster:
    """Starts drivers.

    Args:
        folder: for logs and Spark's own files.
        hosts: a hosts file with the names of the private DNS zone.
        env: variables that lead Google's client libraries to the emulators; read at each start.
    """

    def __init__(self, stack: Stack, folder: Path, hosts: Path, env: dict[str, str]) -> None:
        self._env, self._hosts, self._folder = env, hosts, folder
        storage, bigquery = env["STORAGE_EMULATOR_HOST"], env["BIGQUERY_EMULATOR_HOST"]
        self._properties = {
            **stack.spark_properties(),
            "spark.master": "local[2]",
            "spark.driver.memory": "1g",
            "spark.ui.enabled": "false",
            "spark.local.dir": str(folder / "spark"),
            "spark.sql.warehouse.dir": str(folder / "spark-warehouse"),
            "spark.driver.extraClassPath": _connectors(),
            # One light compilation: a driver on little data ends before the second compiler pays off.
            "spark.driver.extraJavaOptions": f"-Djdk.net.hosts.file={hosts} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            # Two cores, not a cluster's many.
            "spark.sql.shuffle.partitions": "2",
            # Cloud Storage.
            "spark.hadoop.fs.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem",
            "spark.hadoop.fs.AbstractFileSystem.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFS",
            "spark.hadoop.fs.gs.project.id": stack.settings["PYSPARK_PROJECT_ID"],
            "spark.hadoop.fs.gs.storage.root.url": f"{storage}/",
            "spark.hadoop.fs.gs.auth.service.account.enable": "false",
            "spark.hadoop.fs.gs.auth.null.enable": "true",
            # The emulator does not show the placeholder of an empty folder, where version 2 moves files to.
            "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
            # BigQuery.
            "spark.datasource.bigquery.bigQueryHttpEndpoint": bigquery,
            "spark.datasource.bigquery.gcpAccessToken": "rehearsal-token",
        }

    def start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        """Starts a driver; ``arguments`` are the job's part of spark-submit's command line."""
        settings = [part for name, value in self._properties.items() for part in ("--conf", f"{name}={value}")]
        env = {
            **os.environ,
            **self._env,
            "SPARK_HOME": str(SPARK),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT / "rehearsal/image"),
            "PYTHONWARNINGS": "ignore",
            "SSL_CERT_FILE": self._env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"],
            "REHEARSAL_HOSTS": str(self._hosts),
        }
        # A driver's output is what it prints and logs.
        return subprocess.Popen(
            [str(SPARK / "bin/spark-submit"), *settings, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=env, cwd=self._folder, start_new_session=True,
        )  # fmt: skip
