"""What the DAG's tests share: an Airflow of their own, with no setting of any platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "dags"), str(ROOT / "pyspark-jobs")]

# Read when Airflow is imported, so set before any test is.
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY"] = "True"
os.environ.pop("ENVIRONMENT", None)


@pytest.fixture(scope="session", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home: nothing of the user's own Airflow is read or written."""
    home = tmp_path_factory.mktemp("airflow")
    os.environ["AIRFLOW_HOME"] = str(home)
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{home}/airflow.db"
    return home


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
def dev_settings(dev_stack: dict) -> dict[str, str]:
    """The variables that the dev stack gives Composer."""
    (composer,) = dev_stack["resource"]["google_composer_environment"].values()
    variables = composer["config"]["software_config"]["env_variables"]
    return {name: value for name, value in variables.items() if not name.startswith("AIRFLOW_CONN_")}
