"""The files to inspect: which of them hold sales, which products or stores, and which belong together."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sales_job.base.errors import ConfigurationError, InputRefused
from scripts.inspect.forms import Form
from scripts.inspect.names import NAMES, likeness, propose
from scripts.inspect.reading import Loaded, load

ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
"""What is looked at in a folder; a file that is named itself may have any name."""

CLEAR = 0.5
"""From which likeness on a file of a folder is one of a table."""


@dataclass(frozen=True)
class Group:
    """The files of one table. ``source`` is a view of their rows: ``line``, ``file`` (its number) and the fields."""

    table: str
    files: Sequence[Loaded]
    source: str

    @property
    def paths(self) -> list[Path]:
        """Where they are."""
        return [file.path for file in self.files]

    @property
    def form(self) -> Form:
        """How they are written."""
        plain = (file.form for file in self.files if file.form.encoding != "utf-8")
        # A file of ASCII characters alone is one of any encoding.
        return next(plain, self.files[0].form)

    @property
    def fields(self) -> Sequence[str]:
        """The fields of the first."""
        return self.files[0].form.fields


def find(given: Sequence[Path]) -> list[Path]:
    """The files that are named, and those in the folders that are named."""
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise ConfigurationError(f"{path}: does not exist: name a file or a lake")
        if path.is_file():
            found.append(path)
            continue
        below = sorted(p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(ENDINGS))
        found += [p for p in below if not any(part.startswith((".", "_")) for part in p.relative_to(path).parts)]
        if not below:
            raise ConfigurationError(f"{path}: holds no file that ends in {', '.join(ENDINGS)}")
    return found


def group(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], encoding: str | None, folder: Path
) -> list[Group]:
    """Loads the files and sorts them by table, sales first; what belongs to none is named.

    Raises:
        InputRefused: a file cannot be read, or two files of one table are written in different ways.
    """
    by_table: dict[str, list[Loaded]] = {table: [] for table in NAMES}
    for path in paths:
        try:
            loaded = load(connection, path, encoding, folder)
        except OSError as error:
            raise InputRefused(f"{path}: cannot be opened ({error.strerror})") from None
        table = table_of(path, loaded.form, alone=len(paths) == 1)
        if table is None:
            print(f"left out: {path} looks like neither sales nor products nor stores", file=sys.stderr)
        else:
            by_table[table].append(loaded)
    if not any(by_table.values()):
        raise ConfigurationError("none of the files looks like sales: name one file to see its fields")
    return [
        Group(table, _alike(table, files), _view(connection, table, _alike(table, files)))
        for table, files in by_table.items()
        if files
    ]


def table_of(path: Path, form: Form, alone: bool) -> str | None:
    """Which table a file is of; None: of none."""
    found = propose(form.fields)
    if "transaction_date" in found and {"transaction_id", "quantity", "unit_price"} & found.keys():
        return "sales"
    likenesses = {table: likeness(form.fields, table) for table in NAMES}
    best = max(likenesses, key=lambda table: (likenesses[table], table == "sales"))
    named = next((table for table in ("products", "stores") if table in path.stem.lower()), None)
    # A file of products may have a quantity too, the one in stock.
    if named is not None and likenesses[named] >= CLEAR:
        return named
    if alone and likenesses[best] < CLEAR:
        return "sales"
    return best if likenesses[best] >= CLEAR else None


def _alike(table: str, files: Sequence[Loaded]) -> list[Loaded]:
    """The files that one description fits: those with the fields of the first."""
    first = files[0].form
    if table != "sales" and len(files) > 1:
        names = ", ".join(str(file.path) for file in files)
        raise InputRefused(f"{names}: look like {table} both: name one of them")
    kept = []
    for file in files:
        form = file.form
        if set(first.fields) - set(form.fields):
            lacking = ", ".join(sorted(set(first.fields) - set(form.fields)))
            raise InputRefused(f"{file.path}: lacks {lacking} of {files[0].path}: inspect them one by one")
        ours = (form.delimiter, form.header_row)
        if ours != (first.delimiter, first.header_row):
            raise InputRefused(
                f"{file.path}: has the separator '{form.delimiter}' and its header in row {form.header_row}, "
                f"{files[0].path} '{first.delimiter}' and {first.header_row}: inspect them one by one"
            )
        kept.append(file)
    encodings = {file.form.encoding: file.path for file in kept if not _ascii(file)}
    if len(encodings) > 1:
        listed = ", ".join(f"{path} is {encoding}" for encoding, path in encodings.items())
        raise InputRefused(f"{listed}: a lake has one encoding: save them as UTF-8, or inspect them one by one")
    return kept


def _ascii(file: Loaded) -> bool:
    return file.form.encoding == "utf-8" and file.path.suffix != ".gz" and file.path.read_bytes().isascii()


def _view(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Loaded]) -> str:
    fields = files[0].form.fields
    parts = []
    for number, file in enumerate(files):
        places = [list(file.form.fields).index(field) for field in fields]
        # Fields of one name stay in their order.
        if file.form.fields == fields:
            places = list(range(len(fields)))
        columns = ", ".join(f"c{place} AS c{new}" for new, place in enumerate(places))
        parts.append(f"SELECT line, {number} AS file, {columns} FROM {file.table}")
    connection.execute(f"CREATE VIEW {table}_rows AS {' UNION ALL '.join(parts)}")
    return f"{table}_rows"
