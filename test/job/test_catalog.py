"""The catalog and what is made of it, from a checkout and from the archive."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from harness import JOB

from sales_job.base.errors import ConfigurationError
from sales_job.pipeline.run_history import code_version
from sales_job.publication import publish_sql
from sales_job.tables import catalog, reference_columns

TABLES = (*catalog.published(), *catalog.state(), *catalog.staged())
SHOW = """
import json
from sales_job.pipeline.run_history import code_version
from sales_job.tables import catalog, reference_columns
tables = [[t.kind, t.name, t.column_names] for t in (*catalog.published(), *catalog.state(), *catalog.staged())]
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
    naming = publish_sql.SqlNaming(
        table=str,
        staged=lambda name: f"staged_{name}",
        quoted=str,
        numeric="NUMERIC",
        decimal=lambda column, places: column,
        folded=str,
    )
    statements = publish_sql.statements(naming, [dt.date(2026, 1, 1)], rebuild=False)
    for table in catalog.published():
        if table.audience == "business" and table.name not in ("revenue_forecast", "forecast_accuracy"):
            columns = ", ".join(table.column_names)
            assert any(one.startswith(f"INSERT INTO {table.name} ({columns}) SELECT ") for one in statements), (
                table.name
            )


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
