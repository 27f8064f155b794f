"""Tables that exist grow with the catalog: from databases as the version before the catalog made them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from first_days import LINES, STORES, expect, first_days
from harness import JOB, Finished, Sandbox
from oracle import CUSTOMER_KEY

from database_utils import Database
from sales_job.base.errors import ConfigurationError
from sales_job.reference import reference_data
from sales_job.tables import catalog
from sales_job.tables.changes import ColumnForm, compare_columns
from sales_job.targets import local_postgres
from sales_job.warehouse import bigquery_tables, duckdb_views
from sales_job.warehouse.duckdb import DuckDbWarehouse
from sales_job.warehouse.duckdb_tables import DUCKDB_TYPES

EARLIER = Path(__file__).parent / "earlier_version"


def earlier_tables(file: str) -> dict[str, str]:
    """The CREATE TABLE statements of the earlier version, by table."""
    statements = re.findall(r"^CREATE TABLE (\w+) .*?^\);", (EARLIER / file).read_text(), re.MULTILINE | re.DOTALL)
    texts = re.findall(r"^CREATE TABLE .*?^\);", (EARLIER / file).read_text(), re.MULTILINE | re.DOTALL)
    return dict(zip(statements, texts, strict=True))


def age_warehouse(file: Path) -> None:
    """Makes every table of a warehouse again as the earlier version made it, with the same rows; others go."""
    with duckdb.connect(str(file)) as connection:
        for view in [name for (name, _) in connection.execute(duckdb_views.EXISTING).fetchall()]:
            connection.execute(f"DROP VIEW {view}")
        earlier = earlier_tables("warehouse.sql")
        for name in {
            table.name for table in (*catalog.published(), *catalog.state(), *catalog.streamed())
        } - earlier.keys():
            connection.execute(f"DROP TABLE {name}")
        connection.execute(
            "CREATE TABLE store_customers AS SELECT 'S1' AS store_id, 'C1' AS customer_id, 2 AS line_count"
        )
        for table, statement in earlier.items():
            connection.execute(f"ALTER TABLE {table} RENAME TO today")
            connection.execute(statement)
            columns = ", ".join(name for (name, *_) in connection.execute(f"DESCRIBE {table}").fetchall())
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM today")
            connection.execute("DROP TABLE today")


def age_database(database: Database) -> None:
    """The same for PostgreSQL."""

    def work(connection: sa.Connection) -> None:
        for table, statement in earlier_tables("postgres.sql").items():
            connection.execute(sa.text(f"CREATE TABLE today AS SELECT * FROM {table}"))
            connection.execute(sa.text(f"DROP TABLE {table}"))
            connection.execute(sa.text(statement))
            columns = ", ".join(f'"{column["name"]}"' for column in sa.inspect(connection).get_columns(table))
            connection.execute(sa.text(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM today"))
            connection.execute(sa.text("DROP TABLE today"))

    database.transaction(work)


def declare(package: Path, file: str, column: dict[str, Any]) -> None:
    """Adds a column to a table's declaration, in the middle."""
    path = package / file
    declared = json.loads(path.read_text())
    declared["columns"].insert(2, {**column, "description": "New in this version"})
    path.write_text(json.dumps(declared))


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """The job with new columns: one of the stores that readers see, one of a published and one of a state table."""
    folder = tmp_path / "next"
    shutil.copytree(JOB, folder / "pyspark-jobs", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "jars").symlink_to(JOB.parent / "jars")
    package = folder / "pyspark-jobs/sales_job"
    new = {"type": "STRING", "mode": "NULLABLE"}
    district = {"name": "district", "type": "STRING", "required": False, "shown": True}
    declare(package, "reference/columns/stores.json", district)
    declare(package, "tables/published/store_performance.json", {"name": "district", **new, "from": "stores.district"})
    declare(package, "tables/published/etl_runs.json", {"name": "note", **new})
    declare(package, "tables/state/store_products.json", {"name": "note", **new})
    return folder


def run(version: Path, sandbox: Sandbox, warehouse: str, *options: str) -> Finished:
    target = str(sandbox.folder / warehouse)
    Path(target).mkdir(exist_ok=True)
    (Path(target) / "customer_key").write_text(CUSTOMER_KEY.hex())
    command = [sys.executable, str(version / "pyspark-jobs/sales_analytics_direct.py"), "--lake", str(sandbox.lake)]
    done = subprocess.run([*command, "--warehouse", target, *options], capture_output=True, text=True, timeout=600)
    return Finished(done.returncode, done.stdout, done.stderr)


def select(database: Database, sql: str) -> list[tuple[Any, ...]]:
    return database.transaction(lambda connection: [tuple(row) for row in connection.execute(sa.text(sql))])


def with_district(sandbox: Sandbox) -> None:
    path = sandbox.lake / "reference_data/stores.csv"
    header, *rows = path.read_text().splitlines()
    districts = {"S1": "Centre", "S2": ""}
    path.write_text("\n".join([f"{header},district", *[f"{row},{districts[row[:2]]}" for row in rows]]) + "\n")


def test_new_columns_appear_in_databases_of_the_earlier_version(sandbox: Sandbox, next_version: Path) -> None:
    first_days(sandbox)
    done = run(JOB.parent, sandbox, "grown", "--start", "2026-01-02", "--end", "2026-01-03", "--run-id", "old")
    assert done.code == 0, done.stderr
    age_warehouse(sandbox.folder / "grown/warehouse.duckdb")
    with local_postgres.running(sandbox.folder / "grown/postgres") as address, Database(address) as database:
        age_database(database)

    # A file of the old form still loads: the new column is empty.
    done = run(next_version, sandbox, "grown", "--start", "2026-01-02", "--end", "2026-01-03")
    assert done.code == 0, done.stderr
    # Unmatched stores and products warn too.
    warnings = [line for line in done.stderr.splitlines() if "read as empty" in line]
    assert len(warnings) == 1
    assert '"severity": "WARNING"' in warnings[0]
    assert "reference_data/stores.csv: the header lacks district: read as empty" in warnings[0]

    with_district(sandbox)
    for warehouse, options in (("grown", ["--start", "2026-01-03", "--end", "2026-01-04"]), ("fresh", [])):
        done = run(next_version, sandbox, warehouse, *options)
        assert done.code == 0, done.stderr
        assert "read as empty" not in done.stderr
    # As the next version declares them: district after the name, and S9 has no reference row.
    stores = [(*row[:2], district, *row[2:]) for row, district in zip(STORES, ("Centre", None, None), strict=True)]
    named = "store_id, store_name, district, * EXCLUDE (store_id, store_name, district)"
    for warehouse in ("grown", "fresh"):
        assert sandbox.query(f"SELECT {named} FROM store_performance ORDER BY 1", warehouse) == stores
    # The lines of the earlier version's days have come with the first run, and what held customers has gone.
    assert sandbox.tables("grown")["sales_lines"] == LINES
    tables = [name for (name,) in sandbox.query("SELECT table_name FROM duckdb_tables()", "grown")]
    assert sorted(tables) == sorted(
        table.name for table in (*catalog.published(), *catalog.state(), *catalog.streamed())
    )
    for table in (
        "daily_sales_summary", "daily_product_sales", "product_performance", "store_products", "customer_stores",
        "arrival_dates", "stores",
    ):  # fmt: skip
        columns = ", ".join(sorted(name for (name, *_) in sandbox.query(f"DESCRIBE {table}", "fresh")))
        rows = [sandbox.query(f"SELECT {columns} FROM {table} ORDER BY ALL", of) for of in ("grown", "fresh")]
        assert rows[0] == rows[1], table
    # Nothing is lost, and nothing is said of what was not counted.
    runs = "SELECT run_id, rows_read, note, bytes_billed, slot_seconds, worker_seconds, cost_usd FROM etl_runs"
    assert sandbox.query(f"{runs} ORDER BY started_at", "grown")[0] == ("old", 5, *[None] * 5)
    assert sandbox.query("SELECT COUNT(DISTINCT checked_at) FROM quality_checks", "grown") == [(3,)]
    with local_postgres.running(sandbox.folder / "grown/postgres") as address, Database(address) as database:
        districts = "SELECT store_id, district, listed FROM stores ORDER BY store_id"
        history = "SELECT COUNT(*), MIN(run_id) FILTER (WHERE run_id = 'old') FROM run_history"
        assert select(database, districts) == [("S1", "Centre", True), ("S2", None, True)]
        assert select(database, history) == [(3, "old")]


TEXT, KEY, NUMBER = ColumnForm("text", True), ColumnForm("text", False), ColumnForm("bigint", True)


@pytest.mark.parametrize(
    ("existing", "declared", "message"),
    [
        ({"a": TEXT, "b": TEXT}, {"a": TEXT}, r"^t\.b exists, but is not declared any more: declare it again"),
        ({"a": TEXT}, {"a": NUMBER}, r"^t\.a has the type text, but is declared as bigint: declare a new column"),
        (
            {"a": TEXT},
            {"a": ColumnForm("text", False)},
            r"^t\.a may be NULL, but is declared REQUIRED: declare it NULL",
        ),
        ({"a": TEXT}, {"a": TEXT, "b": ColumnForm("text", False)}, r"^t\.b is new .* REQUIRED: declare it NULLABLE"),
    ],
)
def test_a_change_that_loses_data_is_refused(
    existing: dict[str, ColumnForm], declared: dict[str, ColumnForm], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        compare_columns("t", existing, declared)


def test_a_column_may_become_nullable() -> None:
    changes = compare_columns("t", {"a": KEY}, {"b": NUMBER, "a": TEXT})
    assert changes == (["b"], ["a"], [])


def test_whole_numbers_may_become_decimals_and_nothing_else() -> None:
    decimals = ColumnForm("numeric", True)
    widening = ("bigint", "numeric")
    assert compare_columns("t", {"a": NUMBER}, {"a": decimals}, widening) == ([], [], ["a"])
    for existing, declared in ((decimals, NUMBER), (TEXT, decimals), (NUMBER, TEXT)):
        with pytest.raises(ConfigurationError, match="the job changes whole numbers to decimals only"):
            compare_columns("t", {"a": existing}, {"a": declared}, widening)
    with pytest.raises(ConfigurationError, match="declare a new column instead"):
        compare_columns("t", {"a": NUMBER}, {"a": decimals})


WHOLE_NUMBERS = EARLIER / "whole_numbers"
WHOLE_NUMBERS_SQL = "whole_numbers/warehouse.sql"


def test_a_warehouse_of_whole_numbers_is_carried_over_without_a_rebuild(sandbox: Sandbox) -> None:
    """Its line store holds ``quantity``, and no ``line_number``; the day of its late line is not touched again."""
    first_days(sandbox)
    shutil.copytree(WHOLE_NUMBERS / "processed", sandbox.folder / "grown/processed")
    with duckdb.connect(str(sandbox.folder / "grown/warehouse.duckdb")) as connection:
        connection.execute((EARLIER / WHOLE_NUMBERS_SQL).read_text())
    # The second arrival brings a stored line again, and one of a stored day.
    counts = sandbox.day("2026-01-03", warehouse="grown")
    assert (counts["rows_loaded"], counts["rows_duplicate"]) == (2, 1)
    # Every stored day is touched once, for the tables that the earlier version did not have.
    assert counts["dates"] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert sandbox.query("SELECT table_name FROM duckdb_tables() WHERE table_name = 'store_customers'", "grown") == []
    expect(sandbox, "grown")
    sandbox.run(warehouse="fresh")
    for table in ("store_products", "customer_stores", "arrival_dates"):
        assert sandbox.query(f"FROM {table} ORDER BY ALL", "grown") == sandbox.query(
            f"FROM {table} ORDER BY ALL", "fresh"
        )
        assert sandbox.query(f"DESCRIBE {table}", "grown") == sandbox.query(f"DESCRIBE {table}", "fresh")
    assert sandbox.query("SELECT run_id FROM etl_runs ORDER BY started_at", "grown")[0] == ("earlier",)
    # What the earlier version brought is replaced: nothing is left of it.
    sandbox.sales("dt=2026-01-02/a.csv", [])
    sandbox.day("2026-01-02", warehouse="grown")
    sandbox.day("2026-01-02", warehouse="fresh")
    assert sandbox.tables("grown") == sandbox.tables("fresh")
    assert [row[0] for row in sandbox.tables("grown")["store_performance"]] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("ALTER TABLE etl_runs ADD COLUMN note VARCHAR", "etl_runs.note exists, but is not declared any more"),
        ("ALTER TABLE store_products ALTER quantity TYPE INTEGER", "store_products.quantity has the type INTEGER, but"),
        (
            "ALTER TABLE customer_stores ALTER line_count DROP NOT NULL",
            "customer_stores.line_count may be NULL, but is",
        ),
    ],
)
def test_a_warehouse_with_other_columns_is_refused_before_anything_changes(
    taken: Sandbox, sql: str, message: str
) -> None:
    with duckdb.connect(str(taken.folder / "warehouse/warehouse.duckdb")) as connection:
        connection.execute(sql)
        # A change that would be made.
        connection.execute("ALTER TABLE product_performance DROP COLUMN category")
    with pytest.raises(ConfigurationError, match=message) as error:
        taken.run()
    assert error.value.exit_code == 2
    assert "category" not in [name for (name, *_) in taken.query("DESCRIBE product_performance")]


def test_a_column_of_postgresql_that_is_declared_no_longer_is_refused(taken: Sandbox, database: Database) -> None:
    def alter(change: str) -> None:
        database.transaction(lambda connection: connection.execute(sa.text(f"ALTER TABLE stores {change}")))

    alter("ADD COLUMN floor TEXT")
    with duckdb.connect(str(taken.folder / "warehouse/warehouse.duckdb")) as connection:
        connection.execute("ALTER TABLE product_performance DROP COLUMN category")
    try:
        with pytest.raises(ConfigurationError, match=r"^stores\.floor exists, but is not declared any more"):
            taken.run()
        assert "category" not in [name for (name, *_) in taken.query("DESCRIBE product_performance")]
    finally:
        alter("DROP COLUMN floor")
    taken.run()
    assert "category" in [name for (name, *_) in taken.query("DESCRIBE product_performance")]


def test_a_table_of_postgresql_gets_the_columns_that_it_lacks(database: Database) -> None:
    reference_data.prepare(database)

    def work(connection: sa.Connection) -> list[str]:
        connection.execute(sa.text("INSERT INTO stores (store_id, city) VALUES ('grows', 'Oslo')"))
        connection.execute(sa.text('ALTER TABLE stores DROP COLUMN "24_hour_store", DROP COLUMN parking_spaces'))
        return []

    database.transaction(work)
    reference_data.prepare(database)
    query = sa.text("SELECT city, \"24_hour_store\", parking_spaces FROM stores WHERE store_id = 'grows'")
    assert database.transaction(lambda connection: tuple(connection.execute(query).one())) == ("Oslo", None, None)


def test_a_table_that_is_as_declared_needs_no_change(tmp_path: Path) -> None:
    warehouse = DuckDbWarehouse(tmp_path)
    warehouse.prepare(warehouse.changes())
    assert warehouse.changes() == []


class RecordedBigQuery:
    """A dataset of the version with whole numbers, which records what is asked of it; its rows are all older."""

    def __init__(self) -> None:
        self.tables = {name: self._columns(statement) for name, statement in earlier_tables(WHOLE_NUMBERS_SQL).items()}
        # The stack has made the published tables of this version.
        for table in catalog.published():
            self.tables.setdefault(table.name, bigquery_tables.fields(table))
        self.statements: list[str] = []

    def create_table(self, name: str, fields: list[dict[str, str]]) -> None:
        self.statements.append(f"create {name}")
        self.tables[name.split(".")[-1]] = fields

    def delete_table(self, name: str) -> None:
        self.statements.append(f"delete {name}")
        del self.tables[name.split(".")[-1]]

    def _columns(self, statement: str) -> list[dict[str, str]]:
        found = re.findall(r'^ {4}"?(\w+)"? ([\w(),]+)( NOT NULL)?', statement, re.MULTILINE)
        kinds = {kind: name for name, kind in DUCKDB_TYPES.items()}
        return [
            {"name": name, "type": kinds[kind.rstrip(",")], "mode": "REQUIRED" if required else "NULLABLE"}
            for name, kind, required in found
        ]

    def fields(self, name: str) -> list[dict[str, str]] | None:
        return self.tables.get(name.split(".")[-1])

    def set_fields(self, name: str, fields: list[dict[str, str]]) -> None:
        self.statements.append(f"columns of {name}")
        self.tables[name.split(".")[-1]] = fields

    def query(self, sql: str) -> list[tuple[int]]:
        if sql.startswith("SELECT"):
            return [(1,)]
        self.statements.append(sql)
        if found := re.fullmatch(r"ALTER TABLE `p\.d\.(\w+)` ALTER COLUMN (\w+) SET DATA TYPE NUMERIC", sql):
            column = next(column for column in self.tables[found[1]] if column["name"] == found[2])
            assert column["type"] == "INTEGER"
            column["type"] = "NUMERIC"
        return []


MASKED = {"policyTags": {"names": ["projects/p/locations/l/taxonomies/1/policyTags/2"]}}


def test_a_table_keeps_the_policy_tags_of_its_columns() -> None:
    api: Any = RecordedBigQuery()
    tables = {table.name: table for table in (*catalog.published(), *catalog.state())}
    api.tables = {name: bigquery_tables.fields(table) for name, table in tables.items()}
    lines = api.tables["quarantined_sales"]
    # As the stack of an earlier version made it: customer_id may not be NULL, one column is missing.
    api.tables["quarantined_sales"] = [
        {**field, **MASKED, "mode": "REQUIRED"} if field["name"] == "customer_id" else field
        for field in lines
        if field["name"] != "quantity"
    ]
    for change in bigquery_tables.changes(api, "p.d"):
        bigquery_tables.apply(api, "p.d", change)
    assert "columns of p.d.quarantined_sales" in api.statements
    found = {field["name"]: field for field in api.tables["quarantined_sales"]}
    assert found["customer_id"]["mode"] == "NULLABLE"
    assert {name for name, field in found.items() if "policyTags" in field} == {"customer_id"}
    assert found["customer_id"]["policyTags"] == MASKED["policyTags"]
    assert "quantity" in found


def test_the_job_adds_no_personal_data_to_a_published_table() -> None:
    api: Any = RecordedBigQuery()
    tables = {table.name: table for table in (*catalog.published(), *catalog.state())}
    api.tables = {name: bigquery_tables.fields(table) for name, table in tables.items()}
    api.tables["quarantined_sales"] = [
        field for field in api.tables["quarantined_sales"] if field["name"] != "customer_id"
    ]
    (change,) = [found for found in bigquery_tables.changes(api, "p.d") if found.added]
    with pytest.raises(ConfigurationError, match=r"lacks customer_id, with personal data .*: deploy the stack first"):
        bigquery_tables.apply(api, "p.d", change)
    assert [statement for statement in api.statements if "quarantined" in statement] == []


def test_a_dataset_of_whole_numbers_is_changed_in_place() -> None:
    api: Any = RecordedBigQuery()
    for change in bigquery_tables.changes(api, "p.d"):
        bigquery_tables.apply(api, "p.d", change)
    returned = "returned_quantity = COALESCE(returned_quantity, 0), returned_revenue = COALESCE(returned_revenue, 0)"
    older = "returned_quantity IS NULL OR returned_revenue IS NULL"
    widened = {
        "daily_sales_summary": "daily_quantity",
        "product_performance": "total_quantity_sold",
        "store_performance": "total_items_sold",
    }
    assert api.statements == [
        *[
            statement
            for table, column in widened.items()
            for statement in (
                f"ALTER TABLE `p.d.{table}` ALTER COLUMN {column} SET DATA TYPE NUMERIC",
                f"columns of p.d.{table}",
                f"UPDATE `p.d.{table}` SET {returned} WHERE "
                + (f"transaction_date >= '0001-01-01' AND ({older})" if table == "daily_sales_summary" else older),
                # The tables come by their names.
                *(["columns of p.d.etl_runs"] if table == "daily_sales_summary" else []),
            )
        ],
        "delete p.d.store_customers",
        "create p.d.customer_stores",
        "columns of p.d.line_versions",
        "ALTER TABLE `p.d.store_products` ALTER COLUMN quantity SET DATA TYPE NUMERIC",
        "columns of p.d.store_products",
        f"UPDATE `p.d.store_products` SET sale_line_count = COALESCE(sale_line_count, line_count), {returned} "
        f"WHERE sale_line_count IS NULL OR {older}",
    ]
    # A run that was killed, or the stack, has added the columns: rows that lack their values get them all the same.
    (daily, *others) = bigquery_tables.changes(api, "p.d")
    assert [change.table.name for change in (daily, *others)] == [*widened, "store_products"]
    assert (daily.added, daily.widened) == ((), ())
    assert [column.name for column in daily.filled] == ["returned_quantity", "returned_revenue"]
