"""Spark's plans of the job's frames with a cluster's settings: the figures of docs/job/spark-plans.md.

The frames are those of a real run, caught where they leave Spark. Nothing that grows with the data may be collected or
broadcast, and lines are shuffled once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Sandbox
from pyspark.sql import DataFrame, SparkSession

from sales_job.lines import figures, spread
from sales_job.lines.customer_key import CustomerKey
from sales_job.lines.line_store import LineStore, Written
from sales_job.targets import local_spark
from sales_job.warehouse import duckdb

ROOT = Path(__file__).resolve().parents[3]

DRIVER = ("CollectLimit", "TakeOrderedAndProject", "CartesianProduct", "BroadcastNestedLoopJoin", "SortMergeJoin")
PYTHON = ("BatchEvalPython", "ArrowEvalPython", "MapInPandas", "FlatMapGroupsInPandas", "PythonMapInArrow")


def cluster_settings() -> dict[str, str]:
    """Spark SQL's settings of the cluster, from the stack's source; what it does not name is Spark's default."""
    source = (ROOT / "constructs/processing/spark-properties.ts").read_text()
    own = dict(re.findall(r'"spark:(spark\.sql\.[\w.]+)": "(\w+)"', source))
    return {**own, **{setting["name"]: setting["value"] for setting in local_spark.shared_settings()["spark"]}}


LOCAL = {
    "spark.sql.shuffle.partitions": "200",
    "spark.sql.autoBroadcastJoinThreshold": "10MB",
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
def plans(half_taken: Sandbox, as_cluster: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The plans of a large run of a second day, which also reads stored lines: of the lines as they are written, and as
    the warehouse gets them.
    """
    monkeypatch.setattr(spread, "SMALL_BYTES", 0)
    return plans_of_second_day(half_taken, monkeypatch)


def plans_of_second_day(half_taken: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found: dict[str, str] = {}

    def plan(frame: DataFrame) -> str:
        return str(frame._jdf.queryExecution().executedPlan().toString())

    write, stage = LineStore.write, duckdb.DuckDbWarehouse.stage

    def write_and_record(self: LineStore, lines: DataFrame, version: str) -> Written:
        found["lines"] = plan(lines)
        return write(self, lines, version)

    def stage_and_record(self: Any, lines: figures.StoredLines, key: CustomerKey, *others: Any) -> Any:
        # As BigQuery gets them; DuckDB reads the files itself.
        found["sales_lines"] = plan(figures.sales_lines(figures.lines(lines.rows, lines.several_rows), key))
        return stage(self, lines, key, *others)

    monkeypatch.setattr(LineStore, "write", write_and_record)
    monkeypatch.setattr(duckdb.DuckDbWarehouse, "stage", stage_and_record)
    half_taken.day("2026-01-03")
    return found


ROW = re.compile(r"(?P<tree>[\s:]*(?:\+- |:- )|)(?P<node>\w+)(?P<rest>.*)")
DETAILS = {
    "HashAggregate": re.compile(r"\(keys=\[(.*?)\]"),
    "Exchange": re.compile(r" (\w+\([^)]*\))"),
    "BroadcastHashJoin": re.compile(r" \[(.*?)\]"),
    "FileScan": re.compile(r" (\w+) "),
    "Scan": re.compile(r" (JDBCRelation)\(.* FROM (\w+)"),
}
"""The details to show beside a node's name."""


OF_SALES = re.compile(r"CASE WHEN \(quantity_units#\d+L > 0\) THEN (\w+)#\d+ END(#\d+)?( AS CASE WHEN .*? END#\d+)?")
"""A column of sale lines alone, as :func:`sales_job.lines.figures` writes it."""


def trimmed(plan: str) -> str:
    """A plan as docs/job/spark-plans.md shows it: without projections, filters and the numbers of columns."""
    above: list[tuple[int, bool]] = []
    lines = []
    for row in plan.splitlines():
        found = ROW.match(OF_SALES.sub(r"\1 of sales", row))
        if found is None or not (found["tree"] or (not lines and found["node"] == "AdaptiveSparkPlan")):
            continue  # a line break in an expression
        depth, node = len(found["tree"]), found["node"]
        above = [one for one in above if one[0] < depth]
        shown = node not in ("Project", "Filter")
        if shown:
            detail = DETAILS.get(node)
            shown_details = detail.search(found["rest"]) if detail else None
            text = re.sub(r"#\d+L?", "", " ".join(shown_details.groups())) if shown_details else ""
            lines.append("  " * sum(one[1] for one in above) + f"{node} {text}".rstrip())
        above.append((depth, shown))
    return "\n".join(lines)


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def below(plan: str, node: str) -> list[str]:
    """The nodes below each such node of a trimmed plan."""
    lines = plan.splitlines()
    found = []
    for number in [number for number, line in enumerate(lines) if line.strip() == node]:
        under = []
        for line in lines[number + 1 :]:
            if indent(line) <= indent(lines[number]):
                break
            under.append(line.strip())
        found.append(", ".join(under))
    return found


def test_lines_are_shuffled_once_and_nothing_that_grows_is_broadcast(plans: dict[str, str]) -> None:
    page = (ROOT / "docs/job/spark-plans.md").read_text()
    for name, plan in plans.items():
        assert plan.startswith("AdaptiveSparkPlan")
        assert [word for word in (*DRIVER, *PYTHON) if word in plan] == [], f"{name}: {plan}"
        assert f"```\n{trimmed(plan)}\n```\n" in page, (
            f"docs/job/spark-plans.md has another plan of {name}:\n{trimmed(plan)}"
        )
    lines = trimmed(plans.pop("lines"))
    assert [row.strip() for row in lines.splitlines() if "hashpartitioning" in row] == [
        "Exchange hashpartitioning(transaction_date, bucket, 200)"
    ]
    # As many rows as products.csv has, and as the touched days have arrivals taken.
    assert sorted(below(lines, "BroadcastExchange")) == ["LocalTableScan", "Scan JDBCRelation products"]
    assert plans.keys() == {"sales_lines"}
    assert all("Broadcast" not in plan for plan in plans.values())


def test_written_lines_of_a_small_run_are_read_once(half_taken: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = plans_of_second_day(half_taken, monkeypatch)
    del plans["lines"]
    assert plans.keys() == {"sales_lines"}
    assert "InMemoryTableScan" in plans["sales_lines"]


def test_what_comes_to_the_driver_does_not_grow_with_the_lines(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect, rows = DataFrame.collect, []

    def collect_and_count(self: DataFrame) -> Any:
        found = collect(self)
        rows.append(len(found))
        return found

    monkeypatch.setattr(DataFrame, "collect", collect_and_count)
    for name in ("toPandas", "toLocalIterator"):
        monkeypatch.setattr(DataFrame, name, None)
    collected = []
    for lines in (2, 2000):
        warehouse = f"of {lines}"
        for day in ("2026-01-02", "2026-01-03"):
            texts = [f"T{n},P{n % 900},S{n % 70},1,1.00,2026-01-0{1 + n % 2},C{n}" for n in range(lines)]
            sandbox.sales(f"dt={day}/a.csv", texts)
            sandbox.day(day, warehouse=warehouse)
        collected.append(rows[:])
        rows.clear()
    assert collected[0] == collected[1]
    assert len(collected[0]) >= 4
    assert max(collected[0]) <= 2  # a row for each of the two days


def test_the_settings_that_help_everywhere_are_in_the_local_session(spark: SparkSession) -> None:
    shared = local_spark.shared_settings()
    assert {setting["name"]: spark.conf.get(setting["name"]) for setting in shared["spark"]} == {
        "spark.sql.maxConcurrentOutputFileWriters": "200",
        "spark.sql.codegen.aggregate.map.twolevel.enabled": "false",
        "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.PushProjectionThroughUnion",
    }
    java: Any = spark.sparkContext._jsc
    committer = java.hadoopConfiguration().get("mapreduce.fileoutputcommitter.algorithm.version")
    assert (committer, [setting["value"] for setting in shared["hadoop"]]) == ("2", ["2"])
