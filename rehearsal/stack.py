"""Reads the synthesized stack, the only source of names in a rehearsal."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUTHORITY = re.compile(r"\$\{google_sql_database_instance\.[\w-]+\.server_ca_cert\[0\]\.cert\}")
POLICY_TAG = re.compile(r"\$\{google_data_catalog_policy_tag\.([\w-]+)\.name\}")
REFERENCE = re.compile(r"\$\{(google_\w+)\.([\w-]+)\.(\w+)\}")


@dataclass(frozen=True)
class Table:
    """A table or view of the dataset; ``resource`` is its resource as BigQuery's API takes it."""

    name: str
    resource: dict[str, Any]


class Stack:
    """One environment's plan.

    Args:
        path: its ``cdk.tf.json``.

    Raises:
        ValueError: the plan lacks what a rehearsal needs, or a value is known only after an apply.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._resources: dict[str, dict[str, Any]] = json.loads(path.read_text())["resource"]
        software = self._only("google_composer_environment")["config"]["software_config"]
        self.settings: dict[str, str] = {name: self._text(value) for name, value in software["env_variables"].items()}
        """Composer's environment variables."""

    def _all(self, kind: str) -> list[dict[str, Any]]:
        return list(self._resources.get(kind, {}).values())

    def _only(self, kind: str) -> dict[str, Any]:
        found = self._all(kind)
        if len(found) != 1:
            raise ValueError(f"the stack has {len(found)} {kind}, not one")
        return found[0]

    def _text(self, value: str) -> str:
        """A value in which references to other resources are replaced by the values that those declare."""

        def declared(match: re.Match[str]) -> str:
            kind, name, attribute = match.groups()
            value = self._resources[kind][name].get(attribute)
            if not isinstance(value, str):
                raise ValueError(f"{match[0]} is known only after an apply")
            return value

        return REFERENCE.sub(declared, value)

    def buckets(self) -> list[str]:
        """Names of all buckets."""
        return [self._text(bucket["name"]) for bucket in self._all("google_storage_bucket")]

    def objects(self, authority: bytes = b"") -> list[tuple[str, str, bytes]]:
        """The objects that the stack uploads: bucket, name, content.

        Args:
            authority: what the database answers as its certificate authority.
        """
        found = []
        for item in self._all("google_storage_bucket_object"):
            source = item.get("source")
            if source:
                content = (self._folder / source).read_bytes()
            else:
                content = authority if AUTHORITY.fullmatch(item["content"]) else item["content"].encode()
            found.append((self._text(item["bucket"]), item["name"], content))
        return found

    def write_dags(self, folder: Path) -> Path:
        """Writes the objects of Composer's DAGs folder as files below ``folder``; returns that folder."""
        for _, name, content in self.objects():
            if name.startswith("dags/"):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return folder / "dags"

    def spark_properties(self) -> dict[str, str]:
        """The Spark properties of the cluster."""
        config = self._only("google_dataproc_cluster")["cluster_config"]["software_config"]
        properties = config["override_properties"]
        return {
            name.removeprefix("spark:"): self._text(value)
            for name, value in properties.items()
            if name.startswith("spark:")
        }

    def secret(self, setting: str = "SQL_PASSWORD_SECRET") -> str:
        """The full name of a secret that a setting names: by default that of the database's password."""
        return f"projects/{self.settings['PYSPARK_PROJECT_ID']}/secrets/{self.settings[setting]}"

    def dataset_labels(self) -> dict[str, str]:
        """The labels of the dataset."""
        (dataset,) = (
            item
            for item in self._all("google_bigquery_dataset")
            if item["dataset_id"] == self.settings["BIGQUERY_DATASET"]
        )
        return {name: self._text(value) for name, value in dataset["labels"].items()}

    def tables(self) -> list[Table]:
        """Tables and views of the dataset, tables first."""
        tables = [self._table(item) for item in self._all("google_bigquery_table")]
        return sorted(tables, key=lambda table: "schema" not in table.resource)

    def _with_policy_tags(self, schema: str) -> str:
        """A table's schema; its policy tags, whose numbers only an apply would give, have their resources' names."""
        taxonomy = f"projects/{self.settings['PYSPARK_PROJECT_ID']}/locations/{self.settings['REGION']}/taxonomies/1"
        return POLICY_TAG.sub(lambda match: f"{taxonomy}/policyTags/{match[1]}", schema)

    def _table(self, item: dict[str, Any]) -> Table:
        name = item["table_id"]
        reference = {
            "projectId": self.settings["PYSPARK_PROJECT_ID"],
            "datasetId": self._text(item["dataset_id"]),
            "tableId": name,
        }
        resource: dict[str, Any] = {"tableReference": reference}
        if "schema" in item:
            resource["schema"] = {"fields": json.loads(self._with_policy_tags(item["schema"]))}
        if "view" in item:
            resource["view"] = {"query": self._text(item["view"]["query"]), "useLegacySql": False}
        if "materialized_view" in item:
            resource["materializedView"] = {"query": self._text(item["materialized_view"]["query"])}
        if "time_partitioning" in item:
            partitioning = item["time_partitioning"]
            resource["timePartitioning"] = {"type": partitioning["type"], "field": partitioning["field"]}
        if "clustering" in item:
            resource["clustering"] = {"fields": item["clustering"]}
        return Table(name, resource)
