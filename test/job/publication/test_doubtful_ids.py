"""Ids and days that look like mistakes of an export: published, with a warning that names some."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from publications import Day, friday, publish, rows, thursday
from pyspark.sql import SparkSession

from sales_job.lines import doubtful_customers
from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.warehouse import duckdb_lines
from sales_job.warehouse.duckdb import NAMING

DISTINCT = "no two ids differ by case, invisible characters or Unicode form alone"
MISSING = "no customer is named as programs name an empty value"
ROUNDED = "no id is a number that a spreadsheet has rounded"
FAR = "no day is years away from its arrival"


def renamed(table: str, position: int, id_: str) -> Day:
    """Friday, with another id in the first row of a staged table."""
    day = friday()
    first = list(day.staged[table][0])
    first[position] = id_
    day.staged[table][0] = tuple(first)
    return day


@pytest.mark.parametrize(
    ("table", "position", "id_", "failed"),
    [
        # P1, P2, S1 and S2 are of Thursday.
        ("store_products", 1, "p1", ("ids_alike", f"{DISTINCT}: P1 and p1")),
        ("store_products", 1, "P1\u200b", ("ids_alike", f"{DISTINCT}: P1 and P1\u200b")),
        ("store_products", 0, "\ufeffS2", ("ids_alike", f"{DISTINCT}: S2 and \ufeffS2")),
        ("store_products", 1, "8,71E+12", ("ids_rounded", f"{ROUNDED}: 8,71E+12")),
        # Only words that stand for nothing, only numbers.
        ("store_products", 1, "VITAMINE+C", None),
        ("store_products", 1, "P3'", None),
    ],
)
def test_ids(tmp_path: Path, table: str, position: int, id_: str, failed: tuple[str, str] | None) -> None:
    publish(tmp_path, "thursday", thursday())
    day = renamed(table, position, id_)
    if table == "store_products" and position == 0:
        # The daily figures name the store too.
        day.staged["daily_figures"][0] = (*day.staged["daily_figures"][0][:1], id_, *day.staged["daily_figures"][0][2:])
        day.staged["sales_lines"][0] = (*day.staged["sales_lines"][0][:4], id_, *day.staged["sales_lines"][0][5:])
    publish(tmp_path, "friday", day)
    found = rows(tmp_path, "SELECT check_name, rule FROM quality_checks WHERE NOT passed AND severity = 'warning'")
    assert found == ([failed] if failed else [])
    # Without examples, nothing is added.
    assert rows(tmp_path, "SELECT DISTINCT rule FROM quality_checks WHERE check_name = 'days_far_away'") == [(FAR,)]


@pytest.mark.parametrize(
    ("customers", "failed"),
    [
        (DoubtfulCustomers(twins=2), [("ids_alike", f"{DISTINCT}: two customers", 2)]),
        (
            DoubtfulCustomers(empty_words=("NULL", "\\N")),
            [("customers_missing", f"{MISSING}: NULL, \\N", 2)],
        ),
        (DoubtfulCustomers(rounded=1), [("ids_rounded", f"{ROUNDED}: a customer", 1)]),
    ],
)
def test_customers_are_counted_and_not_named(
    tmp_path: Path, customers: DoubtfulCustomers, failed: list[tuple[str, str, int]]
) -> None:
    day = thursday()
    day.expect(doubtful_customers=customers)
    publish(tmp_path, "thursday", day)
    assert rows(tmp_path, "SELECT check_name, rule, value FROM quality_checks WHERE NOT passed") == failed


@pytest.mark.parametrize(
    ("loaded", "stored", "found"),
    [
        (["C1", "C2", "Nullmeier", "10E4", "", None], [], DoubtfulCustomers()),
        (["C2", "c2", "C3", "c3"], [], DoubtfulCustomers(twins=2)),
        (["C2", "\ufeffC2"], [], DoubtfulCustomers(twins=1)),
        # Composed in two ways, which DuckDB brings to one form and Spark to one without accents.
        (["Caf\u00e9", "Cafe\u0301"], [], DoubtfulCustomers(twins=1)),
        (["Null", "NULL", "\\N"], [], DoubtfulCustomers(twins=1, empty_words=("NULL", "\\N"))),
        (["1.03E+14", "8,71e+12"], [], DoubtfulCustomers(rounded=2)),
        # Stored lines of the same day count only as what loaded ones are like.
        (["C2"], ["c2"], DoubtfulCustomers(twins=1)),
        (["C1"], ["C2", "c2", "NULL", "1.03E+14"], DoubtfulCustomers()),
        ([], [], DoubtfulCustomers()),
    ],
)
def test_customers(
    spark: SparkSession, loaded: list[str | None], stored: list[str | None], found: DoubtfulCustomers
) -> None:
    lines = [(customer, 1000, is_loaded) for of, is_loaded in ((loaded, True), (stored, False)) for customer in of]
    # A return names no customer of its own.
    lines.append(("c1", -1000, True))
    frame = spark.createDataFrame(lines, "customer_id string, quantity_units bigint, is_loaded boolean")
    assert doubtful_customers.find(frame) == found
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE good_lines (customer_id VARCHAR, quantity_units BIGINT, is_loaded BOOLEAN)")
        connection.executemany("INSERT INTO good_lines VALUES (?, ?, ?)", lines)
        assert duckdb_lines.doubtful(connection, NAMING) == found


def test_days_years_away_from_their_arrival(tmp_path: Path) -> None:
    day = thursday()
    # A flat file has no arrival day.
    day.brought = [("2026-01-01", day.day), ("2028-01-01", day.day), ("2024-12-31", day.day), ("", day.day)]
    day.brought.append(("2026-01-01", dt.date(2024, 12, 31)))
    publish(tmp_path, "thursday", day)
    found = rows(tmp_path, "SELECT rule, value FROM quality_checks WHERE NOT passed")
    assert found == [(f"{FAR}: 2024-12-31 in 2026-01-01, 2026-01-01 in 2024-12-31, 2026-01-01 in 2028-01-01", 3)]


def test_examples_with_quotes_are_kept_when_a_check_fails(tmp_path: Path) -> None:
    publish(tmp_path, "thursday", thursday())
    day = friday()
    day.staged["store_products"].append(("S1", "O'Hara", *day.staged["store_products"][0][2:]))
    day.staged["store_products"].append(("S1", "o'hara", *day.staged["store_products"][0][2:]))
    day.expect(rows_read=3)
    with pytest.raises(Exception, match="rows_balance"):
        publish(tmp_path, "spoiled", day)
    kept = "SELECT rule FROM quality_checks WHERE check_name = 'ids_alike' AND NOT passed"
    assert rows(tmp_path, kept) == [(f"{DISTINCT}: O\u2019Hara and o\u2019hara",)]
