"""PostgreSQL: typed reference tables, upserts, retries, run history."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from pg8000.dbapi import DatabaseError, InterfaceError

from database_utils import Database, DatabaseAddress, DatabaseUnavailable, is_transient
from sales_job.base.arguments import parse
from sales_job.base.errors import InputRefused
from sales_job.pipeline import run_history
from sales_job.reference import reference_data
from sales_job.reference.reference_tables import TABLES
from sales_job.tables import reference_columns

pytestmark = pytest.mark.processes

PRODUCTS, STORES = TABLES["products"], TABLES["stores"]


@pytest.fixture(autouse=True)
def tables(database: Database) -> None:
    reference_data.prepare(database)


def rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    return database.transaction(lambda connection: [tuple(row) for row in connection.execute(sa.text(sql))])


def test_products_are_typed(database: Database) -> None:
    header = ",".join(column.name for column in PRODUCTS.columns[:-1])
    first = ' P1 ,"Tea, ""green""\n\\N\t",Food,,Acme,4.00,2.123456,V1,0.25,10x10,,tin,2024-02-29,y,12.5'
    text = f"{header}\r\n{first}\r\nP2{',' * 14}\r\n"
    warnings: list[str] = []
    parsed = reference_data.parse("products.csv", text, reference_columns.table("products"), warnings.append)
    assert warnings == []
    assert parsed[0] == [
        "P1", 'Tea, "green"\n\\N', "Food", None, "Acme", Decimal("4.00"), Decimal("2.123456"), "V1", Decimal("0.25"),
        "10x10", None, "tin", dt.date(2024, 2, 29), True, Decimal("12.5"),
    ]  # fmt: skip
    assert parsed[1] == ["P2", *[None] * 14]
    database.upsert({PRODUCTS: parsed})
    stored = rows(database, "SELECT * FROM products WHERE listed ORDER BY product_id")
    assert [list(row[:-1]) for row in stored] == parsed
    kinds = rows(
        database,
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'products' "
        "AND column_name IN ('cost_price', 'launch_date', 'discontinued') ORDER BY 1",
    )
    assert kinds == [("cost_price", "numeric"), ("discontinued", "boolean"), ("launch_date", "date")]


def test_an_upsert_updates_inserts_and_keeps_what_is_delivered_no_longer(database: Database) -> None:
    blank = [None] * 15
    database.upsert({STORES: [["A", "Alpha", *blank], ["B", "Beta", *blank]]})
    database.upsert({STORES: [["B", "Bravo", *blank], ["C", "Charlie", *blank]]})
    listed = "SELECT store_id, store_name, listed FROM stores WHERE store_id IN ('A', 'B', 'C') ORDER BY 1"
    assert rows(database, listed) == [("A", "Alpha", False), ("B", "Bravo", True), ("C", "Charlie", True)]
    database.upsert({STORES: [["A", "Again", *blank]]})
    assert rows(database, listed) == [("A", "Again", True), ("B", "Bravo", False), ("C", "Charlie", False)]


def test_an_upsert_of_both_tables_is_whole_or_not_at_all(database: Database) -> None:
    blank = [None] * 15
    database.upsert({PRODUCTS: [["P", "Pear", *blank[:13]]], STORES: [["A", "Alpha", *blank]]})
    wrong = [["A", "Changed", *blank], ["Z", "Zulu", *blank[:11], "many", *blank[:3]]]
    with pytest.raises(DatabaseUnavailable, match="invalid input syntax for type bigint"):
        database.upsert({PRODUCTS: [["P", "Changed", *blank[:13]]], STORES: wrong})
    assert rows(database, "SELECT store_name FROM stores WHERE store_id IN ('A', 'Z')") == [("Alpha",)]
    assert rows(database, "SELECT product_name FROM products WHERE product_id = 'P'") == [("Pear",)]


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("parking_spaces", "12.5", "a whole number"),
        ("opening_date", "2020-13-01", "a date written yyyy-MM-dd"),
        ("24_hour_store", "yes", "Y or N"),
    ],
)
def test_a_value_that_no_figure_needs_is_read_as_empty_and_named(column: str, text: str, rule: str) -> None:
    names = [c.name for c in STORES.columns[:-1]]
    line = ",".join("S1" if name == "store_id" else text if name == column else "" for name in names)
    warnings: list[str] = []
    table = reference_columns.table("stores")
    parsed = reference_data.parse("stores.csv", f"{','.join(names)}\n{line}\n", table, warnings.append)
    assert parsed == [["S1", *[None] * 16]]
    assert warnings == [
        f"stores.csv: {column} is not {rule} in 1 rows, read as empty, such as in stores.csv line 2: '{text}'"
    ]


def test_a_cost_that_does_not_fit_is_refused() -> None:
    names = [c.name for c in PRODUCTS.columns[:-1]]
    values = {"product_id": "P1", "product_name": "Tea", "category": "Drinks", "cost_price": "1,20 EUR"}
    line = ",".join(f'"{values.get(name, "")}"' for name in names)
    table = reference_columns.table("products")
    with pytest.raises(InputRefused, match=r"products\.csv line 2: cost_price '1,20 EUR' is not a plain decimal"):
        reference_data.parse("products.csv", f"{','.join(names)}\n{line}\n", table, lambda _: None)


def test_only_what_may_pass_is_transient() -> None:
    assert is_transient(InterfaceError("network error"))
    assert is_transient(ConnectionRefusedError())
    assert is_transient(DatabaseError({"C": "57P03", "M": "the database system is starting up"}))
    assert is_transient(DatabaseError({"C": "40001", "M": "could not serialize access"}))
    assert not is_transient(DatabaseError({"C": "23505", "M": "duplicate key"}))
    assert not is_transient(DatabaseError({"C": "28P01", "M": "password authentication failed"}))


def test_a_transaction_is_tried_again_after_a_transient_failure(database: Database) -> None:
    attempts = []

    def work(connection: sa.Connection) -> int:
        attempts.append(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
        if len(attempts) == 1:
            # The server cuts this very connection.
            connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return int(connection.execute(sa.text("SELECT 7")).scalar_one())

    assert database.transaction(work) == 7
    assert len(attempts) == 2
    assert attempts[0] != attempts[1]


def test_a_wrong_password_is_final_and_named_without_the_password(database: Database) -> None:
    good = database.address
    wrong = DatabaseAddress(good.host, good.port, good.database, good.user, "not-the-secret", authority=None)
    with Database(wrong) as other, pytest.raises(DatabaseUnavailable) as error:
        other.check_health()
    assert "password authentication failed" in str(error.value)
    assert "not-the-secret" not in f"{error.value}{wrong}{wrong.jdbc_url}"


def test_run_history_tells_how_each_run_ended(database: Database) -> None:
    arguments = parse(
        ["--lake", "l", "--warehouse", "w", "--run-id", "h1", "--start", "2026-01-02", "--end", "2026-01-03"]
    )
    first, second = (dt.datetime(2026, 1, 3, hour, tzinfo=dt.UTC) for hour in (1, 2))
    run_history.begin(database, arguments, first)  # and is killed
    run_history.begin(database, arguments, second)
    run_history.end(database, arguments, second, "refused", {"rows_read": 5, "dates": []}, "why")
    history = rows(database, "SELECT started_at, status, start_date, rows_read, error FROM run_history ORDER BY 1")
    assert history == [
        (first, "killed", dt.date(2026, 1, 2), None, None),
        (second, "refused", dt.date(2026, 1, 2), 5, "why"),
    ]
    assert len(run_history.code_version()) == 12
