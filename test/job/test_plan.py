"""What Spark makes of the job's frames with a cluster's settings: docs/plan.md in figures.

The frames are those of a real run, caught where they leave Spark. Nothing that grows with the data may be collected or
broadcast, and lines are shuffled once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb_warehouse
import pytest
from harness import Sandbox
from pyspark.sql import DataFrame, SparkSession
from storage import LineStore
from test_pipeline import first_days

ROOT = Path(__file__).resolve().parents[2]

DRIVER = ("CollectLimit", "TakeOrderedAndProject", "CartesianProduct", "BroadcastNestedLoopJoin", "SortMergeJoin")
PYTHON = ("BatchEvalPython", "ArrowEvalPython", "MapInPandas", "FlatMapGroupsInPandas", "PythonMapInArrow")


def cluster_settings() -> dict[str, str]:
    """Spark SQL's settings of the cluster, from the stack's source; what it does not name is Spark's default."""
    source = (ROOT / "constructs/spark-properties.ts").read_text()
    return dict(re.findall(r'"spark:(spark\.sql\.[\w.]+)": "(\w+)"', source))


LOCAL = {
    "spark.sql.shuffle.partitions": "200",
    "spark.sql.autoBroadcastJoinThreshold": "10MB",
    "spark.sql.codegen.aggregate.map.twolevel.enabled": "true",
}
"""Spark's defaults of what the local session sets otherwise."""


@pytest.fixture
def as_cluster(spark: SparkSession) -> Iterator[None]:
    settings = {**LOCAL, **cluster_settings()}
    before = {name: spark.conf.get(name) for name in settings}
    for name, value in settings.items():
        spark.conf.set(name, value)
    yield
    for name, value in before.items():
        spark.conf.set(name, value)


@pytest.fixture
def plans(sandbox: Sandbox, as_cluster: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The plans of a second day's run, which reads stored lines besides: of the lines, and of each figure."""
    first_days(sandbox)
    sandbox.day("2026-01-02")
    found: dict[str, str] = {}

    def plan(frame: DataFrame) -> str:
        return str(frame._jdf.queryExecution().executedPlan().toString())

    write, stage = LineStore.write, duckdb_warehouse.DuckDbWarehouse.stage

    def write_and_tell(self: LineStore, lines: DataFrame, version: str) -> None:
        found["lines"] = plan(lines)
        write(self, lines, version)

    def stage_and_tell(self: Any, figures: dict[str, DataFrame], *others: Any) -> Any:
        found.update({name: plan(frame) for name, frame in figures.items()})
        return stage(self, figures, *others)

    monkeypatch.setattr(LineStore, "write", write_and_tell)
    monkeypatch.setattr(duckdb_warehouse.DuckDbWarehouse, "stage", stage_and_tell)
    sandbox.day("2026-01-03")
    return found


def shuffles(plan: str) -> list[str]:
    """What is shuffled by, without the numbers of columns, from the last shuffle to the first."""
    found = re.findall(r"(?<!Broadcast)Exchange (\w+\([^)]*\))", plan)
    return [re.sub(r"#\d+L?", "", one) for one in found]


def broadcasts(plan: str) -> list[str]:
    """What each broadcast is of: the leaves below it."""
    lines = plan.splitlines()
    found = []
    for number, line in enumerate(lines):
        if "BroadcastExchange" in line:
            depth = line.index("BroadcastExchange")
            below = []
            for following in lines[number + 1 :]:
                if re.match(r"[\s:|+-]*", following).end() <= depth - 3:  # type: ignore[union-attr]
                    break
                below.append(following)
            leaves = [one for one in below if re.search(r"Scan|LogicalRDD", one)]
            found.append(" ".join(re.sub(r"^[\s:|+*()\d-]*", "", leaf).split("[")[0].strip() for leaf in leaves))
    return found


def test_the_plans(plans: dict[str, str]) -> None:
    assert plans.keys() == {"lines", "daily_figures", "daily_customers", "store_products", "store_customers"}
    for name, plan in plans.items():
        assert "AdaptiveSparkPlan" in plan, f"{name}: {plan}"
        assert [word for word in (*DRIVER, *PYTHON) if word in plan] == [], f"{name}: {plan}"
    # Lines are shuffled once, by day; what comes to every executor is products.csv and the arrivals of the run.
    assert shuffles(plans["lines"]) == ["hashpartitioning(transaction_date, bucket, 200)"], plans["lines"]
    leaves = broadcasts(plans["lines"])
    assert len(leaves) == 2, plans["lines"]
    assert sorted("JDBC" in leaf for leaf in leaves) == [False, True], leaves
    assert [leaf for leaf in leaves if "FileScan" in leaf] == []
    # The figures broadcast nothing, and shuffle sums of a task, by what they are grouped by.
    day_and_store = "hashpartitioning(transaction_date, store_id, 200)"
    assert {name: shuffles(plan) for name, plan in plans.items() if name != "lines"} == {
        "daily_figures": [day_and_store, "hashpartitioning(transaction_date, store_id, transaction_id, 200)"],
        "daily_customers": [day_and_store, "hashpartitioning(transaction_date, store_id, customer_id, 200)"],
        "store_products": ["hashpartitioning(store_id, product_id, 200)"],
        "store_customers": ["hashpartitioning(store_id, customer_id, 200)"],
    }
    assert all(broadcasts(plan) == [] for name, plan in plans.items() if name != "lines")
