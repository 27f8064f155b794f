"""Set-up's archive of Spark's classes: a JVM takes one that fits, and goes on in silence with any other."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sales_job.targets.local_spark import CLASSES, class_archive

JAVA = Path(os.environ.get("JAVA_HOME", "/usr"), "bin/java")


def version(*options: str) -> tuple[str, str]:
    """What a JVM says on its streams, but for whether it shares the classes of Java itself."""
    done = subprocess.run([JAVA, *options, "-version"], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr.replace(", sharing)", ")")


def test_without_an_archive_the_jvm_is_told_of_none(tmp_path: Path) -> None:
    assert class_archive(tmp_path / "classes.jsa") == []


def test_a_file_that_is_no_archive_is_left_aside(tmp_path: Path) -> None:
    # A blank in the path, as a user's folder may have.
    archive = tmp_path / "a folder" / "classes.jsa"
    archive.parent.mkdir()
    archive.write_bytes(b"no archive" * 1000)
    assert version(*shlex.split(" ".join(class_archive(archive)))) == version()


@pytest.mark.skipif(not CLASSES.exists(), reason="set-up made no archive here")
def test_an_archive_of_other_jars_is_left_aside() -> None:
    """This JVM's class path is not Spark's."""
    assert "Unable to use shared archive" in version(f"-XX:SharedArchiveFile={CLASSES}")[0]
    assert version(*shlex.split(" ".join(class_archive()))) == version()


@pytest.mark.skipif(not CLASSES.exists(), reason="set-up made no archive here")
def test_spark_takes_its_classes_from_the_archive(spark: SparkSession) -> None:
    pid = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    maps = Path(f"/proc/{pid}/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what a process has mapped")
    assert str(CLASSES) in maps.read_text()
