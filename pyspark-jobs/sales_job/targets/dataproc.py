"""A run on Dataproc: the cluster's Spark, Cloud SQL by its private name, BigQuery through the image's connector."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from database_utils import Database, DatabaseAddress
from sales_job.base.arguments import Arguments, Cloud
from sales_job.base.errors import ConfigurationError, JobError
from sales_job.base.google_api import ApiError, GoogleApi
from sales_job.lake.file_system import open_files
from sales_job.lineage import datasets
from sales_job.lineage.events import Event, TracedRun, events
from sales_job.lines.customer_key import CustomerKey
from sales_job.targets.gcs_object import GcsObject
from sales_job.targets.lake_lock import Lock, Owner, locked
from sales_job.targets.run_cost import executors, run_cost, spot_seconds
from sales_job.targets.session import open_session
from sales_job.warehouse.bigquery import BigQueryWarehouse
from sales_job.warehouse.bigquery_api import BigQueryApi, Usage
from sales_job.warehouse.bigquery_tables import require_own_lake

POSTGRES_PORT = 5432
SECRET_MANAGER = "https://secretmanager.googleapis.com/v1"
DATAPROC = "https://dataproc.googleapis.com/v1"

DATA_LINEAGE = "https://datalineage.googleapis.com/v1"
"""A message has 5 MB at most, and 1,000 links of inputs to outputs: https://cloud.google.com/dataplex/docs/open-lineage"""

LINEAGE_RETRY_SECONDS = 10
"""A run that is done does not wait long to say where its tables come from."""

JOB_TAG = "dataproc_job_"
"""What precedes the job's id among the YARN tags that Dataproc gives to a Spark application."""

DATABASE_AUTHORITY = "pyspark-jobs/database-authority.pem"
"""Object of the data bucket, written by constructs/database/database-authority.ts."""


def spark_session() -> SparkSession:
    """The session of the cluster; the stack sets its properties."""
    return open_session(SparkSession.builder)


def line_store(lake: str) -> str:
    """The URI of the line store in a lake."""
    return f"{lake}/processed"


def lock(
    google: GoogleApi, arguments: Arguments, cloud: Cloud, version: str, warn: Callable[[str], None]
) -> AbstractContextManager[Lock]:
    """Locks the line store for one run.

    Raises:
        JobError: another run holds the lock.
    """
    owner = Owner(cloud.project_id, cloud.region, own_job_id(), arguments.run_id, version)
    target = GcsObject(google, f"{line_store(arguments.lake)}/_lock")

    def state_of(holder: Owner) -> str:
        return job_state(google, holder)

    return locked(target, owner, state_of, warn)


def own_job_id() -> str:
    """The id of the Dataproc job that started this driver; "" where it is not known."""
    SparkContext._ensure_initialized()
    tags = SparkConf().get("spark.yarn.tags", "") or ""
    return next((tag.removeprefix(JOB_TAG) for tag in tags.split(",") if tag.startswith(JOB_TAG)), "")


def job_state(google: GoogleApi, owner: Owner) -> str:
    """The state of the Dataproc job of a run; "" where Dataproc has no such job.

    Raises:
        JobError: Dataproc does not answer, or not to this account.
    """
    url = f"{DATAPROC}/projects/{owner.project_id}/regions/{owner.region}/jobs/{owner.job_id}"
    try:
        return str(google.call("GET", url)["status"]["state"])
    except ApiError as error:
        if error.status == 404:
            return ""
        raise JobError(f"{owner} holds the lock, and whether it still runs is not known: {error}") from error


def password(google: GoogleApi, project_id: str, secret: str) -> str:
    """The newest enabled version of a secret, read with the identity of the machine.

    Args:
        secret: the secret's id, or its full name ``projects/P/secrets/S``.

    Raises:
        ConfigurationError: the secret does not exist, or this identity may not read it.
    """
    try:
        answer = google.call("GET", f"{SECRET_MANAGER}/{_secret_name(project_id, secret)}/versions/latest:access")
        return base64.b64decode(answer["payload"]["data"], validate=True).decode()
    except (ApiError, KeyError, binascii.Error) as error:
        raise ConfigurationError(f"--sql-password-secret {secret}: cannot be read ({error})") from error


def customer_key(google: GoogleApi, project_id: str, secret: str) -> CustomerKey:
    """The key of the customers: version 1 of a secret, which the first run adds, under its lock. Later versions are
    never read, so that nobody gives all customers new keys by adding one.

    Args:
        secret: the secret's id, or its full name.

    Raises:
        ConfigurationError: the secret does not exist or holds no key, or this identity may not use it.
    """
    name = f"{SECRET_MANAGER}/{_secret_name(project_id, secret)}"
    try:
        found = _first_version(google, name)
        if found is None:
            data = base64.b64encode(CustomerKey.new().digits.encode()).decode()
            google.call("POST", f"{name}:addVersion", {"payload": {"data": data}})
            # The request may have been repeated: what counts is the first version.
            found = _first_version(google, name)
        return CustomerKey.parse(found or "")
    except (ApiError, KeyError, ValueError) as error:
        raise ConfigurationError(f"--customer-key-secret {secret}: cannot be used ({error})") from error


def _first_version(google: GoogleApi, name: str) -> str | None:
    try:
        answer = google.call("GET", f"{name}/versions/1:access")
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return base64.b64decode(answer["payload"]["data"], validate=True).decode()


def _secret_name(project_id: str, secret: str) -> str:
    return secret if secret.startswith("projects/") else f"projects/{project_id}/secrets/{secret}"


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
def database(google: GoogleApi, cloud: Cloud, spark: SparkSession) -> Iterator[Database]:
    """The reference database. Its password is in Secret Manager and, while the job runs, in this process only."""
    secret = password(google, cloud.project_id, cloud.sql_password_secret)
    pem = authority(spark, cloud.data_bucket)
    address = DatabaseAddress(
        cloud.cloudsql_ip, POSTGRES_PORT, cloud.database_name, cloud.database_user, secret, authority=pem
    )
    with Database(address) as opened:
        opened.check_health()
        yield opened


def warehouse(
    google: GoogleApi, cloud: Cloud, lake: str, version: str, require_owner: Callable[[], None]
) -> BigQueryWarehouse:
    """The dataset, with the line store in the lake; see :class:`BigQueryWarehouse`.

    Raises:
        ConfigurationError: the dataset is filled from another lake.
        JobError: BigQuery does not answer.
    """
    api = BigQueryApi(google, cloud.project_id, cloud.region)
    dataset = f"{cloud.project_id}.{cloud.bigquery_dataset}"
    try:
        require_own_lake(api, dataset, lake)
    except ApiError as error:
        raise JobError(f"BigQuery {dataset}: {error}") from error
    return BigQueryWarehouse(api, cloud, line_store(lake), version, require_owner)


def cost(cloud: Cloud, used: Callable[[], Usage], spark: SparkSession, started_at: dt.datetime) -> dict[str, Any]:
    """What a run has cost since its start, as of :func:`run_cost`."""
    now = dt.datetime.now(dt.UTC)
    seconds = (now - started_at).total_seconds()
    return run_cost(cloud, used(), seconds, spot_seconds(executors(spark), now))


def send_lineage(cloud: Cloud, lake: str, run: TracedRun, google: GoogleApi | None = None) -> None:
    """Sends the events of a run to the Data Lineage API, the first of each job before the others.

    Raises:
        ApiError: it refuses an event, or does not answer.
    """
    api = google or GoogleApi(retry_seconds=LINEAGE_RETRY_SECONDS)
    url = f"{DATA_LINEAGE}/projects/{cloud.project_id}/locations/{cloud.region}:processOpenLineageRunEvent"
    named = datasets.bigquery(cloud.project_id, cloud.bigquery_dataset, lake, line_store(lake))
    found = events(run, named)

    def send(event: Event) -> None:
        # With an id, a request that is repeated counts once.
        request = uuid.uuid5(uuid.UUID(event["run"]["runId"]), event["eventType"])
        api.call("POST", url, event, {"requestId": str(request)})

    pool = ThreadPoolExecutor(8)
    try:
        for first in (True, False):
            list(pool.map(send, [event for event in found if (event["eventType"] == "START") is first]))
    finally:
        pool.shutdown(cancel_futures=True)
