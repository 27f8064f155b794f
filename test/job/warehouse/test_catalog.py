"""The catalog and what is made of it, from a checkout and from the archive."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from harness import JOB
from sqlglot import expressions

from sales_job.base.errors import ConfigurationError
from sales_job.pipeline.run_history import code_version
from sales_job.publication import checks, publish_sql
from sales_job.publication.expected import Expected, LineTotals
from sales_job.publication.sql_naming import SqlNaming
from sales_job.tables import catalog, reference_columns
from sales_job.warehouse.duckdb import DuckDbWarehouse
from sales_job.warehouse.duckdb_views import translate

DECLARED = JOB / "sales_job/tables"
NAMING = SqlNaming(
    table=str,
    staged=lambda name: f"staged_{name}",
    quoted="`{}`".format,
    numeric="NUMERIC",
    decimal=lambda column, places: column,
    folded=lambda column: f"LOWER({column})",
    number=lambda column, places, of: column,
    total=lambda total, places: total,
)
TABLES = (*catalog.published(), *catalog.state(), *catalog.staged(), *catalog.streamed())
SHOW = """
import json
from sales_job.pipeline.run_history import code_version
from sales_job.tables import catalog, reference_columns
kinds = (catalog.published, catalog.state, catalog.staged, catalog.streamed)
tables = [[table.kind, table.name, table.column_names] for kind in kinds for table in kind()]
print(json.dumps([code_version(), tables, [[t.name, t.required] for t in reference_columns.tables()]]))
"""


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.kind}-{table.name}")
def test_a_table_is_declared_whole(table: catalog.Table) -> None:
    names = table.column_names
    assert len(set(names)) == len(names)
    assert {*table.key, *table.cluster_by, *filter(None, [table.partition_by])} <= set(names)
    assert table.description
    assert all(column.description for column in table.columns)
    assert (table.audience in ("business", "operations")) == (table.kind == "published")
    # What a reader may not see as NULL is what identifies a row.
    assert table.kind == "staged" or [c.name for c in table.columns if c.name in table.key and c.nullable] == []


@pytest.mark.parametrize("kind", ["published", "staged"])
def test_reference_tables_have_every_column_of_their_files(kind: str) -> None:
    products, stores = catalog.table(kind, "products"), catalog.table(kind, "stores")
    assert " ".join(products.column_names) == (
        "product_id product_name category subcategory brand unit_price cost_price supplier_id weight_kg "
        "dimensions_cm color material launch_date discontinued stock_quantity"
    )
    assert " ".join(stores.column_names) == (
        "store_id store_name store_type address city state zip_code country region manager_name manager_email "
        "phone opening_date store_size_sqft parking_spaces 24_hour_store store_location"
    )
    assert [column.name for column in stores.columns if column.personal] == ["manager_name", "manager_email", "phone"]
    required = ["product_id", "store_id"] if kind == "published" else []
    assert [c.name for c in (*products.columns, *stores.columns) if not c.nullable] == required


def test_a_reference_file_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"t\.json: reference is 'shops': use one of products, stores"):
        catalog._table("published", "t", {"reference": "shops", "audience": "business"})


def test_required_reference_columns_are_those_of_the_contract() -> None:
    assert {table.name: table.required for table in reference_columns.tables()} == {
        "products": ["product_id", "product_name", "category", "cost_price"],
        "stores": ["store_id", "store_name", "store_location"],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "TEXT"}, r"published/t\.json: c has type 'TEXT': use one of STRING, INTEGER"),
        ({"mode": "REPEATED"}, r"published/t\.json: c has mode 'REPEATED': use REQUIRED or NULLABLE"),
        ({"from": "stores.city"}, r"c is from 'stores\.city': name a column of .* that is shown"),
    ],
)
def test_a_column_that_is_declared_wrongly_is_named(change: dict[str, str], message: str) -> None:
    column = {"name": "c", "type": "STRING", "mode": "NULLABLE", "description": "d", **change}
    with pytest.raises(ConfigurationError, match=message):
        catalog._table("published", "t", {"description": "d", "key": [], "columns": [column]})


def test_every_business_table_is_filled() -> None:
    """By the run, except those that the forecast fills after it (test_forecast.py)."""
    statements = publish_sql.statements(NAMING, [dt.date(2026, 1, 1)], rebuild=False)
    for table in catalog.published():
        if table.audience == "business" and table.name not in ("revenue_forecast", "forecast_accuracy"):
            columns = ", ".join(table.column_names)
            inserts = [one.replace("`", "") for one in statements]
            assert any(one.startswith(f"INSERT INTO {table.name} ({columns}) SELECT ") for one in inserts), table.name


def test_tables_and_views_have_one_formula_of_the_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_sql, "measures", lambda: {"profit_margin": "revenue - 42"})
    statements = publish_sql.statements(NAMING, [], rebuild=False)
    assert [sql.split()[2] for sql in statements if ", revenue - 42," in sql] == [
        "product_performance",
        "store_performance",
    ]


def test_the_archive_holds_the_same_as_the_checkout(tmp_path: Path) -> None:
    """As on a cluster's driver: the package in the archive, ``database_utils.py`` beside it."""
    archive = tmp_path / "sales_job.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((JOB / "sales_job").rglob("*")):
            if path.suffix in (".py", ".json"):
                packed.write(path, path.relative_to(JOB))
    (tmp_path / "database_utils.py").write_bytes((JOB / "database_utils.py").read_bytes())
    program = f"import sys; sys.path[:0] = [{str(archive)!r}, {str(tmp_path)!r}]\n{SHOW}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    version, tables, references = json.loads(done.stdout)
    assert version == code_version()
    assert tables == [[table.kind, table.name, table.column_names] for table in TABLES]
    assert references == [[table.name, table.required] for table in reference_columns.tables()]


def test_the_catalog_needs_the_standard_library_only() -> None:
    program = f"""
import sys
sys.path.insert(0, {str(JOB)!r})
from sales_job.base import plausible_days
from sales_job.tables import catalog
catalog.staged()
print([name for name in ("pyspark", "sqlalchemy", "duckdb") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def declared(kind: str) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted((DECLARED / kind).glob("*.json"))}


def tables_in(sql: str) -> set[str]:
    return {table.name for table in sqlglot.parse_one(sql, read="bigquery").find_all(expressions.Table)}


def test_sources_are_what_the_statements_read() -> None:
    """Tables by their names; what a run stages comes from the sales files, or from the reference file of its name."""
    references = {f"staged_{table.name}": f"{table.name}.csv" for table in reference_columns.tables()}
    read: dict[str, set[str]] = {}
    for statement in publish_sql.statements(NAMING, [dt.date(2026, 1, 1)], rebuild=False):
        if statement.startswith("DELETE"):
            continue
        parsed = sqlglot.parse_one(statement, read="bigquery")
        target = parsed.find(expressions.Table)
        assert target is not None
        found = tables_in(statement) - {target.name}
        named = {references.get(name, "sales_data") if name.startswith("staged_") else name for name in found}
        read.setdefault(target.name, set()).update(named)
    sources = {name: set(one["sources"]) for kind in ("published", "state") for name, one in declared(kind).items()}
    assert len(read) > 10
    # A product's cost is joined to the lines before they are staged; no statement shows where it comes from.
    assert {name: sources[name] - {"products.csv"} for name in read} == {
        name: found - {"products.csv"} for name, found in read.items()
    }
    shown = {
        name: {f"{column['from'].partition('.')[0]}.csv" for column in one.get("columns", []) if "from" in column}
        for name, one in declared("published").items()
    }
    assert [name for name, files in shown.items() if not files <= sources[name]] == []


def test_the_declared_checks_are_those_of_a_publication() -> None:
    listed = json.loads((DECLARED / "checks.json").read_text())["publication"]
    totals = LineTotals(1, 1, D(1))
    made = checks.checks(NAMING, Expected(1, 1, 0, 0, 0, 0, totals, totals, 0.05), [dt.date(2026, 1, 1)])
    assert {check.name: check.severity for check in made} == {name: one["severity"] for name, one in listed.items()}
    for check in made:
        found = {name for name in tables_in(f"SELECT {check.value}, {check.expected}") if "staged_" not in name}
        # A check of what a run stages, or of a number that the run knows, is declared by the table that it is about.
        assert not found or found == set(listed[check.name]["tables"]), check.name


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse")
    made = DuckDbWarehouse(folder)
    made.prepare(made.changes())
    return folder


@pytest.mark.parametrize("kind", ["published", "views"])
def test_a_sample_query_reads_its_table(kind: str, empty: Path) -> None:
    with duckdb.connect(str(empty / "warehouse.duckdb"), read_only=True) as connection:
        for name, one in declared(kind).items():
            sample = "\n".join(one["sample"])
            assert tables_in(sample) == {name}
            connection.execute(translate(sample)).fetchall()
            # BigQuery refuses the query otherwise.
            assert not one.get("filter_required") or "WHERE transaction_date" in sample
