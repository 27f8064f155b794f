"""Fixtures of the DAGs' tests: an Airflow of their own, with no setting of any platform."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "dags"), str(ROOT / "pyspark-jobs")]

# Airflow reads these when it is imported, so they are set before any test is. The home is new: nothing of the user's
# own Airflow is read or written.
HOME = tempfile.mkdtemp(prefix="airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["AIRFLOW_HOME"] = HOME
os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{HOME}/airflow.db"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
# The time includes the first import of the providers, which takes longer than Airflow's 30 s on a busy machine.
os.environ["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] = "300"
os.environ["AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY"] = "True"
os.environ.pop("ENVIRONMENT", None)

from composer import composer_variables  # noqa: E402  the path is set above

OWNER = {f"SALES_{name.upper()}_PROJECT": f"sales-analytics-{name}" for name in ("dev", "staging", "prod")}
OWNER["SALES_ALERT_EMAILS"] = "sales-platform@example.com"
"""What an owner of the platform sets, so that the stacks have no placeholders."""

MIGRATE = """
import { airflowEnvironment, prepareAirflow } from "./scripts/local/airflow.mjs";
await prepareAirflow(airflowEnvironment(process.argv[1]));
"""


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The synthesized stack of every environment, by name."""
    out = tmp_path_factory.mktemp("synth")
    subprocess.run(
        ["node", "-r", "ts-node/register/transpile-only", "main.ts"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, **OWNER, "CDKTF_OUTDIR": str(out), "CHECKPOINT_DISABLE": "1"},
    )
    found = {path.parent.name: json.loads(path.read_text()) for path in out.glob("stacks/*/cdk.tf.json")}
    del found["bootstrap"]
    return found


@pytest.fixture(scope="session")
def dev_stack(stacks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The synthesized dev stack."""
    return stacks["dev"]


@pytest.fixture(scope="session")
def dev_settings(dev_stack: dict[str, Any]) -> dict[str, str]:
    """The variables that the dev stack gives Composer."""
    return composer_variables(dev_stack)


@pytest.fixture
def cloud_settings(dev_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The dev stack's settings, which are in the environment of this process too."""
    from sales_platform.settings import CloudSettings

    for name, value in dev_settings.items():
        monkeypatch.setenv(name, value)
    return CloudSettings.read()


@pytest.fixture(scope="session")
def parse_dags() -> Callable[[], Any]:
    """Parses the DAG files as Airflow does, with the settings of the moment; returns Airflow's `DagBag`."""
    from airflow.models.dagbag import DagBag

    def parse() -> Any:
        bag = DagBag(str(ROOT / "dags"), include_examples=False)
        assert bag.import_errors == {}
        return bag

    return parse


@pytest.fixture(scope="session")
def airflow_db() -> None:
    """Airflow's tables: a copy of those that `npm run dag` starts from, which are migrated once a version."""
    folder = Path(HOME, "copy")
    subprocess.run(["node", "--input-type=module", "-e", MIGRATE, str(folder)], cwd=ROOT, check=True)
    shutil.copy(folder / "airflow/airflow.db", HOME)


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
