"""The warehouse on one machine: a DuckDB file, with staging folders of Parquet beside it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import DataFrame

from sales_job.base.errors import JobError
from sales_job.lines.customer_key import CustomerKey
from sales_job.lines.doubtful_customers import DoubtfulCustomers
from sales_job.lines.figures import StoredLines
from sales_job.publication import day_profiles, line_figures, publish_sql
from sales_job.publication.check_results import CheckFailed, CheckResultSql, Result, failures
from sales_job.publication.checks import checks
from sales_job.publication.sql_naming import SqlNaming
from sales_job.tables import catalog
from sales_job.tables.changes import TableChange, change_of
from sales_job.warehouse import duckdb_file, duckdb_lines, duckdb_tables, duckdb_views
from sales_job.warehouse.protocol import Loaded, Publication, Rows, StoredDay

NAMING = SqlNaming(
    table=lambda name: name,
    staged=lambda name: f"staged_{name}",
    quoted=lambda name: f'"{name}"',
    numeric=duckdb_tables.DUCKDB_TYPES["NUMERIC"],
    # 19 digits, where 18 would do: DuckDB multiplies two decimals of 18 digits in 64 bits, which a product may not fit.
    decimal=lambda column, places: (
        f"CAST(CAST({column} AS DECIMAL(19, 0)) * CAST({10**-places:.{places}f} AS DECIMAL({places + 1}, {places})) "
        f"AS DECIMAL(19, {places}))"
    ),
    folded=lambda text: f"lower(nfc_normalize(regexp_replace({text}, '\\p{{Cf}}', '', 'g')))",
    # 128 bits hold a product of 18 and 20 digits, and an error comes of what they do not.
    number=lambda column, places, of: (
        f"CAST({column} AS HUGEINT)" + (f" * {10 ** (of - places)}" if of > places else "")
    ),
    total=lambda sum_, places: (
        f"CAST(CAST({sum_} AS DECIMAL(38, 0)) * CAST({10**-places:.{places}f} AS DECIMAL({places + 1}, {places})) "
        f"AS {duckdb_tables.DUCKDB_TYPES['NUMERIC']})"
    ),
)

ROW_GROUP = 4 * 122_880
"""Rows of a part of staged Parquet: several of a table's. From smaller parts DuckDB fills a table with parts that are
not full, and its checkpoint writes them again: 13 s of CPU for 5 million lines, and a file of twice the size.
"""


class DuckDbWarehouse:
    """Tables in ``<folder>/warehouse.duckdb``; see :class:`sales_job.warehouse.protocol.Warehouse`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "warehouse.duckdb"
        self._staging = folder / "staging"
        self.line_store = str(folder / "processed")

    def _connect(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return duckdb_file.opened(self._file)

    def changes(self) -> list[TableChange]:
        with self._connect() as connection:
            rows = connection.execute(duckdb_tables.EXISTING_COLUMNS).fetchall()
        existing = duckdb_tables.existing_columns(rows)
        tables = (*catalog.published(), *catalog.state(), *catalog.streamed())
        found = [change_of(table, existing.get(table.name, {}), duckdb_tables.DUCKDB_TYPES) for table in tables]
        return [change for change in found if change is not None]

    def prepare(self, changes: Iterable[TableChange]) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        statements = [statement for change in changes for statement in duckdb_tables.statements(change)]
        with self._connect() as connection:
            connection.begin()
            for statement in statements:
                connection.execute(statement)
            duckdb_views.update(connection, tables_changed=bool(statements))
            connection.commit()

    def settle(self, versions: Collection[str]) -> None:
        """A publication ends with its process."""

    def discard(self, versions: Collection[str]) -> None:
        """The folder of the run's own staging has been emptied: one run at a time has this warehouse."""

    most_days = None

    def stored_days(self) -> dict[dt.date, StoredDay]:
        query = "SELECT transaction_date, version, customer_key_id FROM line_versions"
        with self._connect() as connection:
            return {day: StoredDay(*stored) for day, *stored in connection.execute(query).fetchall()}

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        query = "SELECT DISTINCT transaction_date FROM arrival_dates WHERE list_contains(?, arrival)"
        with self._connect() as connection:
            return {day for (day,) in connection.execute(query, [list(arrivals)]).fetchall()}

    def stage(
        self,
        lines: StoredLines,
        key: CustomerKey,
        quarantined: DataFrame | None,
        reference: Mapping[str, Rows],
        replaced: Collection[dt.date],
        refill: bool,
    ) -> Loaded:
        for name, rows in reference.items():
            self._stage_rows(name, rows)
        with ThreadPoolExecutor(1) as pool, self._connect() as connection:
            # Spark writes the bad lines meanwhile.
            bad_lines = [] if quarantined is None else [quarantined]
            writing = [pool.submit(self._stage_frame, "quarantined_sales", rows) for rows in bad_lines]
            doubtful = self._stage_lines(connection, lines, key)
            for name in ("sales_lines", "stores"):
                self._load(connection, catalog.table("staged", name))
            for name, (_, query) in line_figures.statements(NAMING, replaced, refill).items():
                self._stage_query(connection, name, query)
                self._load(connection, catalog.table("staged", name))
            row = connection.execute(publish_sql.loaded(NAMING)).fetchone()
            assert row is not None  # an aggregate without GROUP BY always has a row
            for write in writing:
                write.result()
        return Loaded(doubtful, *row)

    def _stage_frame(self, name: str, rows: DataFrame) -> None:
        rows.write.mode("overwrite").parquet(str(self._staging / name))

    def _stage_lines(
        self, connection: duckdb.DuckDBPyConnection, lines: StoredLines, key: CustomerKey
    ) -> DoubtfulCustomers:
        folders = [Path(self.line_store) / folder for folder in lines.folders]
        files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
        if not files:
            return DoubtfulCustomers()
        duckdb_lines.read(connection, files, lines.several_rows, key)
        self._stage_query(connection, "sales_lines", duckdb_lines.SALES_LINES)
        return duckdb_lines.doubtful(connection, NAMING)

    def profiles(self, days: Collection[dt.date]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        with self._connect() as connection:
            for name in day_profiles.STAGED:
                self._load(connection, catalog.table("staged", name))
            staged, published = [connection.execute(sql).fetchall() for sql in day_profiles.queries(NAMING, days)]
        return staged, published

    def publish(self, publication: Publication) -> list[Result]:
        for name, rows in publication.staged_rows().items():
            self._stage_rows(name, rows)
        days = publication.days
        sql = CheckResultSql(NAMING, publication.run["run_id"], dt.datetime.now(dt.UTC))
        with self._connect() as connection:
            # Temporary tables are not part of the file: whatever happens, they go with the connection.
            for table in catalog.staged():
                self._load(connection, table)
            connection.begin()
            for statement in publish_sql.statements(NAMING, days, publication.rebuild, publication.refill):
                connection.execute(statement)
            connection.execute(sql.insert_evaluated(checks(NAMING, publication.expected, days)))
            results = [Result(*row) for row in connection.execute(sql.select()).fetchall()]
            if failures(results):
                connection.rollback()
                connection.execute(sql.insert_known(results))
                raise CheckFailed(results)
            self._insert_run(connection, publication.run)
            connection.commit()
        shutil.rmtree(self._staging, ignore_errors=True)
        return results

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        with self._connect() as connection:
            connection.execute(CheckResultSql(NAMING, run_id, dt.datetime.now(dt.UTC)).insert_known(results))

    def _stage_rows(self, name: str, rows: Rows) -> None:
        """Stages rows that the driver knows itself, as lines of JSON."""
        (self._staging / name).mkdir(parents=True)
        with (self._staging / name / "rows.json").open("w") as file:
            for row in rows:
                file.write(json.dumps(row, default=str) + "\n")

    def _stage_query(self, connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
        """Stages the rows of a query, as Parquet: tables of this connection go with it."""
        (self._staging / name).mkdir(parents=True)
        target = str(self._staging / name / "rows.parquet").replace("'", "''")
        try:
            connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})")
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise JobError(
                "a sum of money or quantities has more than 29 digits before the point, which no table holds: look for "
                f"lines with absurd quantities or prices ({str(error).splitlines()[0]})"
            ) from None

    def _load(self, connection: duckdb.DuckDBPyConnection, table: catalog.Table) -> None:
        """Makes a view of staged Parquet, or a temporary table of rows; an empty one where none are staged."""
        folder = self._staging / table.name
        if any(folder.glob("*.parquet")):
            files = f"read_parquet({duckdb_lines.literal(folder)} || '/*.parquet')"
            written = {name for (name, *_) in connection.execute(f"DESCRIBE FROM {files}").fetchall()}
            connection.execute(duckdb_tables.create_staged_view(table, files, written))
            return
        connection.execute(duckdb_tables.create_staged_table(table))
        if (folder / "rows.json").exists():
            columns = duckdb_tables.column_types(table)
            rows = duckdb_lines.literal(folder / "rows.json")
            source = f"read_json({rows}, format = 'newline_delimited', columns = {columns})"
            connection.execute(f"INSERT INTO staged_{table.name} BY NAME SELECT * FROM {source}")

    def record(self, run: Mapping[str, Any]) -> None:
        with self._connect() as connection:
            self._insert_run(connection, run)

    def add_cost(self, run_id: str, started_at: dt.datetime, cost: Mapping[str, Any]) -> None:
        values = ", ".join(f"{name} = ?" for name in cost)
        with self._connect() as connection:
            connection.execute(
                f"UPDATE etl_runs SET {values} WHERE run_id = ? AND started_at = ?",
                [*cost.values(), run_id, started_at],
            )

    def _insert_run(self, connection: duckdb.DuckDBPyConnection, run: Mapping[str, Any]) -> None:
        names = catalog.table("published", "etl_runs").column_names
        marks = ", ".join("?" for _ in names)
        connection.execute(
            f"INSERT INTO etl_runs ({', '.join(names)}) VALUES ({marks})", [run.get(name) for name in names]
        )

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        target = self._folder / "refused" / run_id
        lines.coalesce(1).write.mode("overwrite").option("header", True).csv(str(target))
        return str(target)
