"""The warehouse on one machine: a DuckDB file, with staging folders of Parquet beside it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import DataFrame

from sales_job.publication import publish_sql
from sales_job.publication.check_results import RESULT, CheckFailed, Kept, Result, failures
from sales_job.publication.checks import checks
from sales_job.tables.catalog import DUCKDB_TYPES, PUBLISHED, STAGED, STATE, columns, duckdb_columns, duckdb_ddl
from sales_job.warehouse import duckdb_file
from sales_job.warehouse.protocol import Loaded, Names, Publication

NUMERIC = DUCKDB_TYPES["NUMERIC"]

NAMES = publish_sql.Names(table=lambda name: name, staged=lambda name: f"staged_{name}", numeric=NUMERIC)


class DuckDbWarehouse:
    """Tables in ``<folder>/warehouse.duckdb``; see :class:`warehouse.Warehouse`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "warehouse.duckdb"
        self._staging = folder / "staging"
        self.lines = str(folder / "processed")

    def _connect(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return duckdb_file.opened(self._file)

    def prepare(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        with self._connect() as connection:
            connection.begin()
            for table in (*PUBLISHED, *STATE):
                connection.execute(duckdb_ddl(table))
            connection.commit()

    def versions(self) -> dict[dt.date, str]:
        with self._connect() as connection:
            return dict(connection.execute("SELECT transaction_date, version FROM line_versions").fetchall())

    def days_of(self, arrivals: Iterable[str]) -> set[dt.date]:
        query = "SELECT DISTINCT transaction_date FROM arrival_dates WHERE list_contains(?, arrival)"
        with self._connect() as connection:
            return {day for (day,) in connection.execute(query, [list(arrivals)]).fetchall()}

    def stage(self, figures: Mapping[str, DataFrame], names: Names, pool: Executor) -> Loaded:
        def write(name: str) -> None:
            figures[name].write.mode("overwrite").parquet(str(self._staging / name))

        list(pool.map(write, figures))
        self._stage_rows("products", names.products)
        self._stage_rows("stores", names.stores)
        with self._connect() as connection:
            self._load(connection, "daily_figures", "store_products", "stores")
            row = connection.execute(publish_sql.loaded(NAMES)).fetchone()
            assert row is not None  # an aggregate without GROUP BY always has a row
        return Loaded(*row)

    def publish(self, publication: Publication) -> list[Result]:
        versions = publication.versions
        self._stage_rows("line_versions", [(day, versions.get(day)) for day in publication.days])
        self._stage_rows("taken_arrivals", [(arrival,) for arrival in publication.arrivals])
        self._stage_rows("arrival_dates", publication.brought)
        days = publication.days
        kept = Kept(NAMES, publication.run["run_id"], dt.datetime.now(dt.UTC))
        with self._connect() as connection:
            # Temporary tables are no part of the file: whatever happens, they are gone with the connection.
            self._load(connection, *STAGED)
            connection.begin()
            for statement in publish_sql.statements(NAMES, days, publication.rebuild):
                connection.execute(statement)
            connection.execute(kept.make(checks(NAMES, publication.expected, days)))
            results = [Result(*row) for row in connection.execute(kept.made(RESULT)).fetchall()]
            if failures(results):
                connection.rollback()
                connection.execute(kept.put(results))
                raise CheckFailed(results)
            self._insert_run(connection, publication.run)
            connection.commit()
        shutil.rmtree(self._staging, ignore_errors=True)
        return results

    def keep_checks(self, run_id: str, results: Iterable[Result]) -> None:
        with self._connect() as connection:
            connection.execute(Kept(NAMES, run_id, dt.datetime.now(dt.UTC)).put(results))

    def _stage_rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Stages what the driver knows itself, as lines of JSON."""
        (self._staging / name).mkdir(parents=True)
        columns = duckdb_columns(name)
        with (self._staging / name / "rows.json").open("w") as file:
            for row in rows:
                file.write(json.dumps(dict(zip(columns, row, strict=True)), default=str) + "\n")

    def _load(self, connection: duckdb.DuckDBPyConnection, *names: str) -> None:
        """Makes temporary tables of what is staged; of what is not, empty ones."""
        for name in names:
            columns = duckdb_columns(name)
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"CREATE TEMPORARY TABLE staged_{name} ({listed})")
            folder = str(self._staging / name).replace("'", "''")
            if any((self._staging / name).glob("*.parquet")):
                connection.execute(
                    f"INSERT INTO staged_{name} BY NAME SELECT * FROM read_parquet('{folder}/*.parquet')"
                )
            elif (self._staging / name / "rows.json").exists():
                source = f"read_json('{folder}/rows.json', format = 'newline_delimited', columns = {columns})"
                connection.execute(f"INSERT INTO staged_{name} BY NAME SELECT * FROM {source}")

    def record(self, run: Mapping[str, Any]) -> None:
        with self._connect() as connection:
            self._insert_run(connection, run)

    def _insert_run(self, connection: duckdb.DuckDBPyConnection, run: Mapping[str, Any]) -> None:
        names = [column.name for column in columns("etl_runs")]
        marks = ", ".join("?" for _ in names)
        connection.execute(
            f"INSERT INTO etl_runs ({', '.join(names)}) VALUES ({marks})", [run.get(name) for name in names]
        )

    def keep_refused(self, lines: DataFrame, run_id: str) -> str:
        target = self._folder / "refused" / run_id
        lines.coalesce(1).write.mode("overwrite").option("header", True).csv(str(target))
        return str(target)
