"""What the tests of the job share: one Spark session and one PostgreSQL server."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "pyspark-jobs"), str(HERE.parent / "data")]

import local_postgres  # noqa: E402
import local_target  # noqa: E402
from arguments import parse  # noqa: E402
from database_utils import Database  # noqa: E402
from harness import Sandbox  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from sales_analytics_direct import fix_semantics  # noqa: E402


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("spark")
    session = local_target.spark_session(parse(["--lake", str(folder), "--warehouse", str(folder)]), folder)
    fix_semantics(session)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with local_postgres.running(tmp_path_factory.mktemp("postgres")) as address, Database(address) as opened:
        yield opened


@pytest.fixture
def sandbox(tmp_path: Path, spark: SparkSession, database: Database) -> Sandbox:
    return Sandbox(tmp_path, spark, database)


@pytest.fixture(scope="session")
def first_days_taken(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, database: Database) -> Path:
    from test_pipeline import first_days

    sandbox = Sandbox(tmp_path_factory.mktemp("first-days"), spark, database)
    first_days(sandbox)
    sandbox.run()
    return sandbox.folder


@pytest.fixture
def taken(first_days_taken: Path, tmp_path: Path, spark: SparkSession, database: Database) -> Sandbox:
    """A sandbox whose lake holds ``first_days``, and whose warehouse has taken them."""
    shutil.copytree(first_days_taken, tmp_path, dirs_exist_ok=True)
    return Sandbox(tmp_path, spark, database)
