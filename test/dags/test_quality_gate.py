"""The quality gate's statements, run by DuckDB on tables of the catalog's columns: what passes, what does not.

DuckDB is a package of the job's environment.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sales_platform.daily_sales.quality_gate import CHECKS, VIEWS, VIEWS_AGREE, GateCheck

ROOT = Path(__file__).resolve().parents[2]
RUN = "run-1"

PROGRAM = """
import json, sys
import duckdb
from sales_job.tables import catalog

TYPES = {"STRING": "VARCHAR", "INTEGER": "BIGINT", "FLOAT": "DOUBLE", "NUMERIC": "DECIMAL(38, 9)"}
given = json.load(sys.stdin)
database = duckdb.connect()
for table in catalog.published():
    columns = ", ".join(f'"{column.name}" {TYPES.get(column.type, column.type)}' for column in table.columns)
    database.execute(f"CREATE TABLE {table.name} ({columns})")
for insert in given["inserts"]:
    database.execute(insert)
failed = []
for name, statement in given["statements"].items():
    try:
        database.execute(statement).fetchall()
    except duckdb.Error as error:
        failed.append([name, str(error)])
print(json.dumps(failed))
"""

GOOD = [
    "INSERT INTO etl_runs (run_id, status, started_at, rows_read, rows_loaded, rows_duplicate, rows_quarantined) "
    f"VALUES ('{RUN}', 'failed', TIMESTAMP '2026-03-03 01:00:00', 0, 0, 0, 0), "
    f"('{RUN}', 'done', TIMESTAMP '2026-03-03 02:00:00', 10, 7, 2, 1)",
    "INSERT INTO daily_sales_summary (transaction_date, store_id, daily_revenue, daily_quantity, gross_profit, "
    "returned_quantity, returned_revenue) "
    "VALUES (DATE '1960-01-01', 'S1', 5, 2.250, 1, 0, 0), (DATE '2159-12-31', 'S1', 10, 3, 2, 1.5, 4)",
    "INSERT INTO product_performance (product_id, total_revenue, total_quantity_sold, gross_profit, "
    "returned_quantity, returned_revenue) VALUES ('P1', 9, 4.250, 2, 0, 0), ('P2', 6, 1, 1, 1.5, 4)",
    "INSERT INTO store_performance (store_id, total_revenue, total_items_sold, gross_profit, "
    "returned_quantity, returned_revenue) VALUES ('S1', 15, 5.250, 3, 1.5, 4)",
    *(
        f"CREATE VIEW {view} AS SELECT daily_revenue AS revenue, daily_quantity AS quantity, gross_profit, "
        "returned_quantity, returned_revenue FROM daily_sales_summary"
        for view in ("daily_revenue", "weekly_sales", "monthly_sales")
    ),
]


def failed(*changes: str, checks: Sequence[GateCheck] = (*CHECKS, VIEWS_AGREE)) -> dict[str, str]:
    """The checks that fail on good tables after some changes, with their messages."""
    statements = {check.name: check.statement().replace("{{ job_run_id(dag_run) }}", RUN) for check in checks}
    done = subprocess.run(
        [str(ROOT / ".venv/job/bin/python"), "-c", PROGRAM],
        input=json.dumps({"inserts": [*GOOD, *changes], "statements": statements}),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "pyspark-jobs")},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_good_tables_pass() -> None:
    """The last attempt of the run counts; days at both ends of the plausible ones are seen."""
    assert failed() == {}


@pytest.mark.parametrize(
    ("change", "check", "rule"),
    [
        (
            "UPDATE etl_runs SET rows_loaded = 8 WHERE status = 'done'",
            "lines_are_accounted_for",
            "every line that the run read is loaded, a duplicate or quarantined",
        ),
        (
            "UPDATE etl_runs SET run_id = 'another'",
            "lines_are_accounted_for",
            "every line that the run read is loaded, a duplicate or quarantined",
        ),
        (
            "UPDATE daily_sales_summary SET daily_revenue = 5.01 WHERE transaction_date = DATE '1960-01-01'",
            "totals_agree",
            "products, stores and days add up to the same revenue, quantity, profit and returns",
        ),
        *[
            (
                f"UPDATE {table} SET {change}",
                "totals_agree",
                "products, stores and days add up to the same revenue, quantity, profit and returns",
            )
            for table, change in (
                ("store_performance", "total_items_sold = 5.251"),
                ("product_performance", "returned_quantity = 0"),
                ("store_performance", "returned_revenue = 4.01"),
            )
        ],
        (
            "UPDATE daily_sales_summary SET transaction_date = DATE '2026-03-03'",
            "keys_are_unique",
            "no two rows have the same key in arrivals, daily_product_sales, daily_profile, daily_sales_summary,",
        ),
        ("UPDATE product_performance SET product_id = 'P1'", "keys_are_unique", "product_performance"),
        (
            "INSERT INTO store_performance "
            "SELECT * REPLACE (0 AS total_revenue, 0 AS total_items_sold, 0 AS gross_profit, 0 AS returned_quantity, "
            "0 AS returned_revenue) FROM store_performance",
            "keys_are_unique",
            "store_performance",
        ),
        (
            "INSERT INTO quality_checks (run_id, check_name, checked_at) "
            f"SELECT '{RUN}', 'revenue', TIMESTAMP '2026-03-03 02:00:00' FROM range(2)",
            "keys_are_unique",
            "quality_checks",
        ),
    ],
)
def test_a_broken_rule_fails_its_check_alone_and_is_named(change: str, check: str, rule: str) -> None:
    found = failed(change, checks=CHECKS)
    assert list(found) == [check]
    assert f"{check}: does not hold: " in found[check]
    assert rule in found[check]


@pytest.mark.parametrize("view", ["daily_revenue", "weekly_sales", "monthly_sales"])
@pytest.mark.parametrize(
    "change",
    [
        # One that begins too late, as views did that began with 1970.
        "SELECT daily_revenue AS revenue, daily_quantity AS quantity, gross_profit, returned_quantity, "
        "returned_revenue FROM daily_sales_summary WHERE transaction_date >= DATE '1970-01-01'",
        # One that loses days, and one that has not been refreshed since they came.
        "SELECT 15 AS revenue, 5.25 AS quantity, 2 AS gross_profit, 1.5 AS returned_quantity, 4 AS returned_revenue",
        "SELECT 0 AS revenue, 0 AS quantity, 0 AS gross_profit, 0 AS returned_quantity, 0 AS returned_revenue "
        "WHERE FALSE",
        # One that does not say what came back.
        "SELECT 15 AS revenue, 5.25 AS quantity, 3 AS gross_profit, 0 AS returned_quantity, 0 AS returned_revenue",
    ],
)
def test_a_view_that_drops_rows_is_found(view: str, change: str) -> None:
    found = failed(f"CREATE OR REPLACE VIEW {view} AS {change}")
    assert list(found) == ["views_agree"]
    assert "each of the views daily_revenue, weekly_sales, monthly_sales has the revenue" in found["views_agree"]


def test_the_catalog_declares_the_checks_and_their_tables() -> None:
    declared = json.loads((ROOT / "pyspark-jobs/sales_job/tables/checks.json").read_text())["quality_gate"]
    assert {
        check.name: sorted(set(re.findall(r"\bFROM ([a-z_]+)", check.query))) for check in (*CHECKS, VIEWS_AGREE)
    } == {name: one["tables"] for name, one in declared.items()}


def test_every_view_of_the_stack_that_adds_up_is_checked(dev_stack: dict[str, Any]) -> None:
    tables = dev_stack["resource"]["google_bigquery_table"].values()
    queries = {
        table["table_id"]: (table.get("view") or table["materialized_view"])["query"]
        for table in tables
        if "schema" not in table
    }
    # Others leave something out: guests, or days that are not compared.
    summing = {name: query for name, query in queries.items() if "SUM(daily_revenue) AS revenue" in query}
    assert sorted(summing) == sorted(VIEWS)
    for query in summing.values():
        for column in ("daily_revenue) AS revenue", "daily_quantity) AS quantity", "gross_profit) AS gross_profit"):
            assert f"SUM({column}" in query
