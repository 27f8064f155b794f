"""Stand-in for a project in Google Cloud: everything in the stack that a run of the daily DAG uses."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.storage import Blob
from google.cloud.storage import Client as StorageClient

from rehearsal import dataproc, emulators, google_front, google_rest, postgres_tls, secret_manager
from rehearsal.certificates import Authority
from rehearsal.cluster import Cluster
from rehearsal.processes import RehearsalError, stop
from rehearsal.stack import Stack

ROOT = Path(__file__).resolve().parent.parent

CUSTOMER_KEY = bytes(range(32)).hex()
"""The key of the customers. A local run beside the rehearsal needs the same, to make the same rows."""


@dataclass(frozen=True)
class Cloud:
    """The running stand-ins.

    ``env`` has the variables that lead Google's client libraries to them, read when a driver starts; ``refused`` are
    the other hosts contacted.
    """

    env: dict[str, str]
    storage: StorageClient
    bigquery: bigquery.Client
    refused: list[str]
    dataproc: dataproc.Dataproc


@contextmanager
def _postgres(stack: Stack, folder: Path, python: str, password: str) -> Iterator[int]:
    log = folder / "postgres.log"
    command = [python, str(ROOT / "rehearsal/postgres_server.py"), str(folder / "postgres")]
    command += [stack.settings["DATABASE_NAME"], stack.settings["DATABASE_USER"]]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(f"{password}\n".encode())
        process.stdin.flush()
        ready = process.stdout.readline()
        if not ready:
            raise RehearsalError(f"PostgreSQL did not start: see {log}")
        yield json.loads(ready)["port"]
    finally:
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            stop(process)


def _fill(stack: Stack, store: StorageClient, warehouse: bigquery.Client, authority: bytes) -> None:
    """Creates buckets, objects, dataset and tables as an apply would.

    Args:
        authority: the certificate of the authority that signs the database's, in PEM.
    """
    for name in stack.buckets():
        store.create_bucket(name)
    for bucket, name, content in stack.objects(authority):
        store.bucket(bucket).blob(name).upload_from_string(content)
    dataset = bigquery.Dataset(f"{warehouse.project}.{stack.settings['BIGQUERY_DATASET']}")
    dataset.location = stack.settings["REGION"]
    dataset.labels = stack.dataset_labels()
    warehouse.create_dataset(dataset)
    others = {table.resource["tableReference"]["datasetId"] for table in stack.tables()} - {dataset.dataset_id}
    for other in others:
        warehouse.create_dataset(f"{warehouse.project}.{other}")
    for table in stack.tables():
        if "materializedView" in table.resource:
            # The emulator creates them by a statement alone.
            query = table.resource["materializedView"]["query"]
            name = f"`{dataset.project}.{dataset.dataset_id}.{table.name}`"
            warehouse.query(f"CREATE MATERIALIZED VIEW {name} AS {query}").result()
        else:
            warehouse.create_table(bigquery.Table.from_api_repr(table.resource))


@contextmanager
def cloud(stack: Stack, folder: Path, python: str) -> Iterator[Cloud]:
    """Starts the stand-ins, as one project before its first run.

    Args:
        folder: for logs and data; must be empty.
        python: the interpreter of the job's environment on this machine.
    """
    project, region = stack.settings["PYSPARK_PROJECT_ID"], stack.settings["REGION"]
    objects = folder / "buckets"
    objects.mkdir()
    password = secrets.token_urlsafe(24)
    # For the test that no log contains it.
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(password)
    with ExitStack() as services:
        port = services.enter_context(_postgres(stack, folder, python, password))
        storage_url = services.enter_context(emulators.cloud_storage(objects, folder / "cloud-storage.log"))
        bigquery_url = services.enter_context(emulators.bigquery(objects, project, folder / "bigquery.log"))

        authority = Authority(folder)
        host = stack.settings["CLOUDSQL_IP"]
        address = postgres_tls.serve(*authority.certificate("postgres", [host]), port)
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n127.0.0.1 {socket.gethostname()}\n{address} {host}\n")

        os.environ["STORAGE_EMULATOR_HOST"] = storage_url
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
        store = StorageClient(project=project, credentials=anonymous)
        options = {"api_endpoint": bigquery_url}
        warehouse = bigquery.Client(project, anonymous, location=region, client_options=options)
        _fill(stack, store, warehouse, authority.authority.read_bytes())

        def keep(uri: str, content: bytes) -> None:
            Blob.from_uri(uri, client=store).upload_from_string(content)

        refused: list[str] = []
        env = {
            "STORAGE_EMULATOR_HOST": storage_url,
            "BIGQUERY_EMULATOR_HOST": bigquery_url,
            # No credentials of the user.
            "HOME": str(folder),
        }
        metadata = f"127.0.0.1:{google_front.serve(google_front.Metadata, project=project)}"
        env.update(GCE_METADATA_HOST=metadata, GCE_METADATA_IP=metadata, GCE_METADATA_ROOT=metadata)
        cluster = Cluster(stack, folder, hosts, env)
        spark = dataproc.Dataproc(
            project,
            region,
            stack.settings["DATAPROC_CLUSTER"],
            f"gs://{stack.settings['STAGING_BUCKET']}/google-cloud-dataproc-metainfo/jobs",
            cluster.start,
            keep,
        )
        services.callback(spark.stop)
        names = [f"{region}-dataproc.googleapis.com", "secretmanager.googleapis.com"]
        answering = {
            **spark.services(),
            secret_manager.SERVICE: secret_manager.methods(stack.secret(), password),
        }
        front = google_front.serve_grpc(answering, *authority.certificate("google", names))
        proxy = google_front.serve(google_front.Proxy, hosts=names, port=front, refused=refused)
        # What comes without gRPC is the job's.
        values = {stack.secret(): password, stack.secret("CUSTOMER_KEY_SECRET"): CUSTOMER_KEY}
        certificate = authority.certificate("rest", google_rest.HOSTS)
        rest = google_rest.serve(values, spark.state_of, folder / "lineage.jsonl", *certificate)
        web = google_front.serve(google_front.Proxy, hosts=google_rest.HOSTS, port=rest, refused=refused)
        env.update(
            GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=str(authority.authority),
            grpc_proxy=f"http://127.0.0.1:{proxy}",
            https_proxy=f"http://127.0.0.1:{web}",
            http_proxy=f"http://127.0.0.1:{web}",
            no_proxy="127.0.0.1,localhost",
        )
        yield Cloud(env, store, warehouse, refused, spark)


def interpreter(environment: str) -> str:
    """The interpreter of one of the project's environments."""
    return str(ROOT / ".venv" / environment / "bin/python")
