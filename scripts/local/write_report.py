"""`npm run report`: writes the report of a local warehouse. What the platform costs comes as JSON on standard input."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from sales_job.base.errors import JobError
from sales_job.report.document import read_document
from sales_job.report.page import page, write
from sales_job.report.queries import Query
from sales_job.warehouse import duckdb_division
from sales_job.warehouse.duckdb_views import translate

LOCKED = "Could not set lock"


def main() -> int:
    arguments = _arguments()
    database = Path(arguments.warehouse, "warehouse.duckdb")
    out = Path(arguments.out)
    if not database.is_file():
        return _refuse(
            f"--warehouse {arguments.warehouse}: there is no warehouse.duckdb in it: fill it with `npm run etl` first",
            2,
        )
    if out.is_dir():
        return _refuse(f"--out {arguments.out} is a folder: name a file", 2)
    cost = json.load(sys.stdin)
    try:
        content = local_page(database, Path(arguments.template), cost=cost)
    except JobError as error:
        return _refuse(str(error), 1)
    try:
        write(out, content)
    except OSError as error:
        return _refuse(f"--out {arguments.out}: cannot be written ({error})", 1)
    print(f"report: {out.resolve()}")
    return 0


def local_page(database: Path, template: Path, **more: Any) -> str:
    """The page of a DuckDB file, with ``more`` in its document.

    Raises:
        JobError: the file is not a warehouse, or is in use.
    """
    try:
        document = local_document(database)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        remedy = "wait until the run that uses it has ended" if LOCKED in reason else "fill it with `npm run etl` first"
        raise JobError(f"{database}: cannot be read as a warehouse ({reason}): {remedy}") from None
    return page(template.read_text(encoding="utf-8"), {**document, **more})


def local_document(database: Path, most_bytes: int | None = None) -> dict[str, Any]:
    """The document of a DuckDB file; with a limit of bytes as BigQuery's."""
    with duckdb.connect(str(database), read_only=True) as connection:
        duckdb_division.define(connection)

        def select(query: Query) -> Iterable[Mapping[str, Any]]:
            found = connection.execute(translate(query.sql, query.types))
            names = list(query.types)
            return (dict(zip(names, row, strict=True)) for row in found.fetchall())

        return read_document(select, most_bytes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("warehouse", "out", "template"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def _refuse(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
