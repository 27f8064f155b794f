"""What a synthesized stack gives Composer."""

from __future__ import annotations

from typing import Any


def composer_variables(stack: dict[str, Any]) -> dict[str, str]:
    """The environment variables of the DAGs; Airflow itself reads the connections beside them."""
    (composer,) = stack["resource"]["google_composer_environment"].values()
    variables: dict[str, str] = composer["config"]["software_config"]["env_variables"]
    return {name: value for name, value in variables.items() if not name.startswith("AIRFLOW_CONN_")}
