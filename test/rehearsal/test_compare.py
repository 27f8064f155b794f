"""The comparison of two warehouses: which differences it finds, and which it passes over by their meaning."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs")]

from rehearsal.compare import NOT_COMPARED, Row, compared, differences  # noqa: E402
from sales_job.tables import catalog  # noqa: E402
from sales_job.tables.view_catalog import views  # noqa: E402

VALUES: dict[str, Any] = {
    "STRING": "text",
    "INTEGER": 7,
    "FLOAT": 1.5,
    "NUMERIC": Decimal("2.500000000"),
    "BOOLEAN": True,
    "DATE": dt.date(2026, 3, 3),
    "TIMESTAMP": dt.datetime(2026, 3, 3, 4, 5, 6, tzinfo=dt.UTC),
}
TYPES = {"STRING": "VARCHAR", "INTEGER": "BIGINT", "FLOAT": "DOUBLE", "NUMERIC": "DECIMAL(38, 9)"}

KINDS = {table.name: {column.name: column.type for column in table.columns} for table in catalog.published()} | {
    view.name: view.types for view in views()
}
"""The types of columns by table or view."""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A DuckDB file with one row in every published table, and in tables in place of the views."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as database:
        for name, types in KINDS.items():
            declared = ", ".join(f'"{column}" {TYPES.get(kind, kind)}' for column, kind in types.items())
            database.execute(f"CREATE TABLE {name} ({declared})")
            places = ", ".join("?" for _ in types)
            database.execute(f"INSERT INTO {name} VALUES ({places})", [VALUES[kind] for kind in types.values()])
    return file


@pytest.fixture
def tables() -> dict[str, list[Row]]:
    """The same rows as `rehearsed` returns them: numbers without trailing zeros, times without a zone."""
    values = VALUES | {"NUMERIC": Decimal("2.5"), "TIMESTAMP": dt.datetime(2026, 3, 3, 4, 5, 6)}  # noqa: DTZ001
    return {name: [tuple(values[KINDS[name][column]] for column in listed)] for name, listed in compared().items()}


def test_equal_tables_have_no_differences(tables: dict[str, list[Row]], warehouse: Path) -> None:
    assert differences(tables, warehouse) == []


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, listed in compared().items() for column in listed]
)
def test_a_difference_in_any_compared_column_is_found(
    tables: dict[str, list[Row]], warehouse: Path, table: str, column: str
) -> None:
    place = compared()[table].index(column)
    row = list(tables[table][0])
    row[place] = None if isinstance(row[place], (str, bool, dt.date)) else row[place] + 1
    tables[table] = [tuple(row)]
    found = differences(tables, warehouse)
    assert [line.split(": ")[:2] for line in found] == [[table, "only rehearsed"], [table, "only local"]]
    assert f"{column}={row[place]}" in found[0]


def test_a_row_that_comes_twice_is_found(tables: dict[str, list[Row]], warehouse: Path) -> None:
    tables["quarantined_sales"] *= 2
    assert len(differences(tables, warehouse)) == 1


def test_runs_are_compared_by_the_sums_of_their_counts(tables: dict[str, list[Row]], warehouse: Path) -> None:
    (counts,) = tables["etl_runs"]
    tables["etl_runs"] = [tuple(count - 3 for count in counts), tuple(3 for _ in counts)]
    # The checks of a second run have the same verdicts.
    tables["quality_checks"] *= 2
    assert differences(tables, warehouse) == []


def test_only_ids_times_and_figures_of_a_run_are_not_compared() -> None:
    left_out = {f"{table}.{column}" for table, names in NOT_COMPARED.items() for column in names}
    assert left_out == {
        "quarantined_sales.run_id",
        "quarantined_sales.quarantined_at",
        "etl_runs.run_id",
        "etl_runs.status",
        "etl_runs.started_at",
        "etl_runs.finished_at",
        "etl_runs.start_date",
        "etl_runs.end_date",
        "etl_runs.seconds",
        "etl_runs.bytes_billed",
        "etl_runs.slot_seconds",
        "etl_runs.worker_seconds",
        "etl_runs.cost_usd",
        "quality_checks.run_id",
        "quality_checks.checked_at",
        "quality_checks.value",
        "quality_checks.expected",
    }
