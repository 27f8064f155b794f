"""What the DAG's tests share: an Airflow of their own, with no setting of any platform."""

from __future__ import annotations

import atexit
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "dags"), str(ROOT / "pyspark-jobs")]

# Read when Airflow is imported, so set before any test is. The home is empty: nothing of the user's own Airflow is
# read or written.
HOME = tempfile.mkdtemp(prefix="airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["AIRFLOW_HOME"] = HOME
os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{HOME}/airflow.db"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
# The first import of the providers counts too; on a busy machine it takes longer than Airflow's 30 s.
os.environ["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] = "300"
os.environ["AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY"] = "True"
os.environ.pop("ENVIRONMENT", None)

from google_server import Google  # noqa: E402  the path is set above
from tls_postgres import encrypted  # noqa: E402


@pytest.fixture(scope="session")
def dev_stack(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The synthesized dev stack."""
    out = tmp_path_factory.mktemp("synth")
    subprocess.run(
        ["node", "-r", "ts-node/register/transpile-only", "main.ts"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "CDKTF_OUTDIR": str(out), "CHECKPOINT_DISABLE": "1"},
    )
    return json.loads((out / "stacks/dev/cdk.tf.json").read_text())


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A warehouse with one day in it, by one run of the DAG; who changes it takes a copy."""
    from test_run import Sandbox

    made = Sandbox(tmp_path_factory.mktemp("first-day"))
    made.first = made.dag("2026-03-03")
    return made


@pytest.fixture(scope="session")
def dev_settings(dev_stack: dict) -> dict[str, str]:
    """The variables that the dev stack gives Composer."""
    (composer,) = dev_stack["resource"]["google_composer_environment"].values()
    variables = composer["config"]["software_config"]["env_variables"]
    return {name: value for name, value in variables.items() if not name.startswith("AIRFLOW_CONN_")}


@pytest.fixture
def google(dev_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """Google's interfaces on this machine, and the dev stack's settings."""
    from google.auth.credentials import AnonymousCredentials

    from sales_platform.google import api as google_api

    for name, value in dev_settings.items():
        monkeypatch.setenv(name, value)
    served = Google()
    monkeypatch.setattr(google_api, "HOSTS", dict.fromkeys(google_api.HOSTS, served.url))
    accounts = []

    class Hook:
        def __init__(self, impersonation_chain: str | None = None) -> None:
            accounts.append(impersonation_chain)

        def get_credentials(self) -> AnonymousCredentials:
            return AnonymousCredentials()

    # The one thing that needs an account.
    monkeypatch.setattr(google_api, "GoogleBaseHook", Hook)
    served.accounts = accounts
    yield served
    served.stop()


@pytest.fixture(scope="session")
def parse_dags() -> Callable[[], Any]:
    """Parses the DAG files as Airflow does, with the settings as they are; returns Airflow's `DagBag`."""
    from airflow.models.dagbag import DagBag

    def parse() -> Any:
        bag = DagBag(str(ROOT / "dags"), include_examples=False)
        assert bag.import_errors == {}
        return bag

    return parse


@pytest.fixture(scope="session")
def airflow_db() -> None:
    """Airflow's tables."""
    from airflow.utils.db import initdb

    initdb()
    # The migrations switch off every logger that is there already.
    for name, logger in logging.Logger.manager.loggerDict.items():
        if name.startswith("sales_platform") and isinstance(logger, logging.Logger):
            logger.disabled = False


@pytest.fixture
def run_dag(airflow_db: None, parse_dags: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a DAG by Airflow's own `DAG.test`; returns the state and the result of each task."""
    from airflow.models.dagrun import DagRun
    from airflow.utils import timezone

    def run(dag_id: str, scheduled: bool = False, change: Callable[[Any], None] = lambda _: None) -> Any:
        dag = parse_dags().dags[dag_id]
        change(dag)
        if scheduled:
            # `DAG.test` makes manual runs alone.
            monkeypatch.setattr(DagRun, "generate_run_id", lambda _type, date: f"scheduled__{date.isoformat()}")
        done = dag.test(execution_date=timezone.utcnow())
        tasks = done.get_task_instances()
        return {t.task_id: t.state for t in tasks}, {t.task_id: t.xcom_pull(task_ids=t.task_id) for t in tasks}

    return run


CLOUDSQL_INSTANCE = "sales-dev-postgres-g1"

SERVER = """
import json, sys
from pathlib import Path
from sales_job.targets import local_postgres
with local_postgres.running(Path(sys.argv[1])) as at:
    print(json.dumps([at.port, at.user, at.password]), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Port, superuser and password of a PostgreSQL that wants TLS, started in the job's environment."""
    folder = tmp_path_factory.mktemp("server")
    process = subprocess.Popen(
        [str(ROOT / ".venv/job/bin/python"), "-c", SERVER, str(folder / "home")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "pyspark-jobs")},
    )
    port, user, password = json.loads(process.stdout.readline())
    with encrypted(port, folder) as outside:
        yield outside, user, password
    process.communicate()


@pytest.fixture
def cloud(google, server, monkeypatch):
    """Google with the dev instance running; its users are the server's."""
    from sales_platform.google import postgres_login
    from sales_platform.password import cloud as cloud_rotation
    from sales_platform.restore import cloud as cloud_drill

    port, user, password = server
    monkeypatch.setattr(cloud_drill, "POSTGRES_PORT", port)
    monkeypatch.setattr(postgres_login, "DEPENDENCIES", ROOT / "dist/pyspark-dependencies.zip")
    monkeypatch.setattr(cloud_rotation, "POSTGRES_PORT", port)
    monkeypatch.setenv("DATABASE_NAME", "postgres")

    def execute(*statements):
        with postgres_login.connected("127.0.0.1", port, "postgres", user, password, tls=True) as connection:
            connection.autocommit = True
            for statement in statements:
                connection.cursor().execute(statement)

    def on_password(instance, name, value):
        verb = "ALTER" if google.made else "CREATE"
        execute(f"{verb} ROLE {name} LOGIN PASSWORD '{value}'")
        google.made = True

    google.made = False
    google.execute = execute
    google.on_password = on_password
    google.instances[CLOUDSQL_INSTANCE] = {
        "name": CLOUDSQL_INSTANCE,
        "state": "RUNNABLE",
        "settings": {"activationPolicy": "ALWAYS"},
        "ipAddresses": [{"type": "PRIVATE", "ipAddress": "127.0.0.1"}],
    }
    yield google
    execute("DROP ROLE IF EXISTS sales_job")
