"""TLS to PostgreSQL: the server's certificate must be signed by the authority that the stack ships."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from database_utils import Database, DatabaseAddress, DatabaseUnavailable
from sales_job.base.errors import ConfigurationError
from sales_job.lake.file_system import LocalFiles
from sales_job.targets import dataproc

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT))

from rehearsal import postgres_tls  # noqa: E402

pytestmark = pytest.mark.processes

SIGN = (
    "import sys; from pathlib import Path; from rehearsal.certificates import Authority; "
    "Authority(Path(sys.argv[1])).certificate('postgres', ['postgres.internal'])"
)
"""Only the emulators' environment can make certificates."""


def authority(folder: Path) -> Path:
    """A folder with an authority, and a server's certificate and key that it signed."""
    folder.mkdir()
    subprocess.run([str(ROOT / ".venv/emulators/bin/python"), "-c", SIGN, str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, database: Database) -> DatabaseAddress:
    """The server behind TLS, with the authority that signed its certificate."""
    folder = authority(tmp_path_factory.mktemp("tls") / "ours")
    at = postgres_tls.serve(folder / "postgres.pem", folder / "postgres.key", database.address.port)
    pem = (folder / "authority.pem").read_text()
    return dataclasses.replace(database.address, host=at, port=postgres_tls.PORT, authority=pem)


def test_the_shipped_authority_is_accepted_by_statements_and_by_spark(
    address: DatabaseAddress, spark: SparkSession
) -> None:
    with Database(address) as database:
        database.check_health()
        assert database.read(spark, "SELECT 7 AS seven").collect()[0].seven == 7


def test_another_authority_is_refused_at_once(address: DatabaseAddress, spark: SparkSession, tmp_path: Path) -> None:
    pem = (authority(tmp_path / "another") / "authority.pem").read_text()
    with Database(dataclasses.replace(address, authority=pem)) as database:
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            database.check_health()
        assert time.monotonic() - started < 30
    with (
        Database(dataclasses.replace(address, authority=pem), retry_seconds=0) as database,
        pytest.raises(DatabaseUnavailable, match=r"Signature does not match|PKIX path"),
    ):
        database.read(spark, "SELECT 7 AS seven").collect()


def test_a_server_without_tls_is_refused(address: DatabaseAddress, database: Database, spark: SparkSession) -> None:
    plain = dataclasses.replace(database.address, authority=address.authority)
    with Database(plain, retry_seconds=0) as refused:
        with pytest.raises(DatabaseUnavailable):
            refused.check_health()
        with pytest.raises(DatabaseUnavailable):
            refused.read(spark, "SELECT 7 AS seven").collect()


def test_the_authority_is_in_no_message(address: DatabaseAddress) -> None:
    assert "CERTIFICATE" not in repr(address)


def test_the_job_reads_the_authority_beside_its_program(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = []

    def files(_: SparkSession, root: str) -> LocalFiles:
        roots.append(root)
        return LocalFiles(str(tmp_path))

    monkeypatch.setattr(dataproc, "open_files", files)
    with pytest.raises(ConfigurationError, match=r"^gs://lake/pyspark-jobs/database-authority\.pem: is not there"):
        dataproc.authority(spark, "lake")
    (tmp_path / "database-authority.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert dataproc.authority(spark, "lake") == "-----BEGIN CERTIFICATE-----\n"
    assert set(roots) == {"gs://lake/pyspark-jobs"}
