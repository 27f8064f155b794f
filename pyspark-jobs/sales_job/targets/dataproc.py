"""A run on Dataproc: the cluster's Spark, Cloud SQL by its private name, BigQuery through the image's connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from google.cloud import bigquery
from pyspark.sql import SparkSession

from database_utils import Database, DatabaseAddress
from sales_job.base.arguments import Cloud
from sales_job.base.errors import ConfigurationError
from sales_job.lake.file_system import open_files
from sales_job.targets.session import open_session
from sales_job.warehouse.bigquery import BigQueryWarehouse

POSTGRES_PORT = 5432

DATABASE_AUTHORITY = "pyspark-jobs/database-authority.pem"
"""Object of the data bucket, written by constructs/database/database-authority.ts."""


def spark_session() -> SparkSession:
    """The session of the cluster: its settings are the stack's."""
    return open_session(SparkSession.builder)


def password(project_id: str, secret: str) -> str:
    """The newest enabled version of a secret, read with the identity of the machine.

    Args:
        secret: the secret's id, or its full name ``projects/P/secrets/S``.

    Raises:
        ConfigurationError: the secret does not exist, or this identity may not read it.
    """
    from google.api_core.exceptions import GoogleAPICallError
    from google.cloud import secretmanager

    name = secret if secret.startswith("projects/") else f"projects/{project_id}/secrets/{secret}"
    try:
        answer = secretmanager.SecretManagerServiceClient().access_secret_version(name=f"{name}/versions/latest")
    except GoogleAPICallError as error:
        raise ConfigurationError(f"--sql-password-secret {secret}: cannot be read ({error.message})") from error
    return str(answer.payload.data.decode())


def authority(spark: SparkSession, data_bucket: str) -> str:
    """The certificate, in PEM, of the authority that signs the database's.

    Raises:
        ConfigurationError: it was not shipped.
    """
    folder, _, name = DATABASE_AUTHORITY.rpartition("/")
    files = open_files(spark, f"gs://{data_bucket}/{folder}")
    if not files.exists(name):
        raise ConfigurationError(
            f"gs://{data_bucket}/{DATABASE_AUTHORITY}: is not there, and no other database is trusted: "
            "run `npm run deploy -- ENVIRONMENT`"
        )
    return files.read(name).decode()


@contextmanager
def database(cloud: Cloud, spark: SparkSession) -> Iterator[Database]:
    """The reference database. Its password is in Secret Manager and, while the job runs, in this process only."""
    secret, pem = password(cloud.project_id, cloud.sql_password_secret), authority(spark, cloud.data_bucket)
    address = DatabaseAddress(
        cloud.cloudsql_ip, POSTGRES_PORT, cloud.database_name, cloud.database_user, secret, authority=pem
    )
    with Database(address) as opened:
        opened.check_health()
        yield opened


def warehouse(cloud: Cloud, lake: str) -> BigQueryWarehouse:
    """The dataset, with the line store in the lake."""
    client = bigquery.Client(project=cloud.project_id, location=cloud.region)
    return BigQueryWarehouse(client, cloud, f"{lake}/processed")
