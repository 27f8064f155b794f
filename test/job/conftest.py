"""What the tests of the job share: one Spark session and one PostgreSQL server."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [
    *map(str, (HERE / "support", ROOT / "pyspark-jobs", ROOT / "scripts/lineage", ROOT / "test/data")),
]

from first_days import first_days  # noqa: E402
from harness import Sandbox  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from database_utils import Database  # noqa: E402
from sales_job.base.arguments import parse  # noqa: E402
from sales_job.targets import local_postgres, local_spark  # noqa: E402

LONG_SESSION = ("-XX:ReservedCodeCacheSize=240m",)
"""A run needs less, but a hundred of them in one JVM would fill what it has: it then stops compiling for good."""

MANY_PLANS = "--conf spark.sql.codegen.cache.maxEntries=2000"
"""Of a hundred, Spark's own limit, one test's code would be gone when the next runs the same steps."""


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(local_spark, "SHORT_RUN", (*local_spark.SHORT_RUN, *LONG_SESSION))
        patched.setenv("PYSPARK_SUBMIT_ARGS", f"{MANY_PLANS} pyspark-shell")
        arguments = parse(["--lake", str(folder / "lake"), "--warehouse", str(folder)])
        session = local_spark.spark_session(arguments, folder)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with local_postgres.running(tmp_path_factory.mktemp("postgres")) as address, Database(address) as opened:
        yield opened


@pytest.fixture
def sandbox(tmp_path: Path, spark: SparkSession, database: Database) -> Sandbox:
    return Sandbox(tmp_path, spark, database)


def _warehouse(folder: Path, spark: SparkSession, database: Database, run: Callable[[Sandbox], object]) -> Path:
    sandbox = Sandbox(folder, spark, database)
    first_days(sandbox)
    run(sandbox)
    return folder


@pytest.fixture(scope="session")
def _both_days(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, database: Database) -> Path:
    return _warehouse(tmp_path_factory.mktemp("both-days"), spark, database, Sandbox.run)


@pytest.fixture(scope="session")
def _one_day(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, database: Database) -> Path:
    return _warehouse(tmp_path_factory.mktemp("one-day"), spark, database, lambda new: new.day("2026-01-02"))


@pytest.fixture
def taken(_both_days: Path, tmp_path: Path, spark: SparkSession, database: Database) -> Sandbox:
    """A sandbox whose lake holds ``first_days``, and whose warehouse has taken them."""
    shutil.copytree(_both_days, tmp_path, dirs_exist_ok=True)
    return Sandbox(tmp_path, spark, database)


@pytest.fixture
def half_taken(_one_day: Path, tmp_path: Path, spark: SparkSession, database: Database) -> Sandbox:
    """A sandbox whose lake holds ``first_days``, and whose warehouse has taken the arrival of the second alone."""
    shutil.copytree(_one_day, tmp_path, dirs_exist_ok=True)
    return Sandbox(tmp_path, spark, database)
