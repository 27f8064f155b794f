"""The description of a cluster that ran, kept in Airflow, to make the same cluster again when it is lost.

The stack owns the cluster. The description is what Dataproc answered when a run last started it, so that there is no
second one in code that could differ.
"""

from __future__ import annotations

import json
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.models.variable import Variable
from google.cloud.dataproc_v1.types import Cluster, ClusterConfig

KEPT = "sales_cluster"
"""Airflow variable with the description."""
GENERATED_LABELS = "goog-dataproc-"
GENERATED_PROPERTIES = ("hdfs:dfs.namenode.lifeline.rpc-address", "hdfs:dfs.namenode.servicerpc-address")
"""Properties that name the old cluster's machines."""


def keep(cluster: Cluster) -> None:
    """Keeps the description of a cluster that runs."""
    Variable.set(KEPT, description_of(cluster), serialize_json=True)


def kept() -> dict[str, Any]:
    """Labels and configuration as :meth:`DataprocHook.create_cluster` takes them.

    Raises:
        AirflowFailException: no run has started the cluster yet.
    """
    found = Variable.get(KEPT, default_var=None, deserialize_json=True)
    if found is None:
        raise AirflowFailException("the cluster is lost and no run has seen it before: deploy the environment again")
    config = ClusterConfig.from_json(json.dumps(found["config"]))
    return {"labels": found["labels"], "cluster_config": ClusterConfig.to_dict(config, use_integers_for_enums=False)}


def description_of(cluster: Cluster) -> dict[str, Any]:
    """What a new cluster needs, without what belongs to the old one: ``labels`` and ``config`` of the API.

    The fields left out are those that ``gcloud dataproc clusters export`` leaves out.
    """
    config: dict[str, Any] = json.loads(
        ClusterConfig.to_json(cluster.config, always_print_fields_with_no_presence=False)
    )
    for group in ("masterConfig", "workerConfig", "secondaryWorkerConfig"):
        for own in ("instanceNames", "instanceReferences", "isPreemptible", "managedGroupConfig"):
            config.get(group, {}).pop(own, None)
    properties = config.get("softwareConfig", {}).get("properties", {})
    for name in [name for name in properties if name.startswith(GENERATED_PROPERTIES)]:
        del properties[name]
    labels = {name: value for name, value in cluster.labels.items() if not name.startswith(GENERATED_LABELS)}
    return {"labels": labels, "config": config}
