"""Reads anybody's sales file and says what it understood, how many lines would be good, and why the others not."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from sales_job.base.errors import ConfigurationError, JobError
from sales_job.base.sales_columns import SALES_COLUMNS
from sales_job.lake.arrival_names import is_sales_file
from sales_job.lake.data_package import OPTIONAL_SALES
from sales_job.lake.header import visible
from scripts.inspect.meaning import Reading, propose, read_date, read_number
from scripts.inspect.reading import Form, load
from scripts.inspect.verdict import Verdict, judge


def parser() -> argparse.ArgumentParser:
    """The options."""
    result = argparse.ArgumentParser(prog="npm run inspect --", description=__doc__, allow_abbrev=False)
    result.add_argument("path", metavar="FILE_OR_LAKE")
    result.add_argument("--out", metavar="LAKE", help="write a lake with a datapackage.json that etl takes")
    result.add_argument("--encoding", help="the encoding, such as cp1252")
    result.add_argument("--dates", choices=("day-first", "month-first"), help="what 01/02/2023 means")
    result.add_argument("--decimal", choices=("comma", "point"), help="what 1.234 means")
    result.add_argument("--column", action="append", default=[], metavar="OURS=FIELD", help="the field of a column")
    result.add_argument("--constant", action="append", default=[], metavar="OURS=VALUE", help="one value for all lines")
    result.add_argument("--timezone", help="zone in which the days of zoned times are counted, such as Europe/Berlin")
    return result


def sales_files(path: Path) -> list[Path]:
    """The file itself, or the sales files of a lake."""
    if not path.exists():
        raise ConfigurationError(f"{path}: does not exist: name a file or a lake")
    if path.is_file():
        return [path]
    below = path / "sales_data" if (path / "sales_data").is_dir() else path
    found = sorted(file for file in below.rglob("*") if file.is_file() and is_sales_file(file.name))
    if not found:
        raise ConfigurationError(f"{path}: holds no file that ends in .csv or .csv.gz")
    return found


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE options by name."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in SALES_COLUMNS:
            raise ConfigurationError(
                f"{option} {text}: write {option} COLUMN=..., with a column of {', '.join(SALES_COLUMNS)}"
            )
        found[name] = value
    return found


@dataclass(frozen=True)
class Understood:
    """What the columns mean.

    ``places``: of each column of ours its name in the table ``rows``. ``readings``: how it is written. ``questions``:
    what only the user can answer, with the option that does.
    """

    places: dict[str, str]
    readings: dict[str, Reading]
    constants: dict[str, str]
    questions: list[str]

    @property
    def columns(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """Place and properties of each column."""
        return {name: (place, self.readings[name].properties) for name, place in self.places.items()}


def understand(connection: duckdb.DuckDBPyConnection, form: Form, options: argparse.Namespace) -> Understood:
    """Finds the columns by their names and the forms of dates and numbers by their values."""
    constants = pairs(options.constant, "--constant")
    fields = {**propose(form.fields), **pairs(options.column, "--column")}
    found = Understood({}, {}, constants, [])
    for column in (name for name in SALES_COLUMNS if name not in constants):
        field = fields.get(column)
        if field is not None and field in form.fields:
            place = f"c{list(form.fields).index(field)}"
            reading = _reading(connection, column, place, options)
            found.places[column], found.readings[column] = place, reading
            if reading.question:
                found.questions.append(f"{field}: {reading.evidence}: {reading.question}")
        elif field is not None:
            raise ConfigurationError(f"--column {column}={field}: the file has {', '.join(form.fields)}")
        elif column not in OPTIONAL_SALES:
            found.questions.append(f"which field is {column}? --column {column}=FIELD, or --constant {column}=VALUE")
    return found


def _reading(connection: duckdb.DuckDBPyConnection, column: str, place: str, options: argparse.Namespace) -> Reading:
    if column in ("quantity", "unit_price"):
        return read_number(connection, place, options.decimal)
    if column != "transaction_date":
        return Reading({}, "")
    found = read_date(connection, place, options.dates)
    if found.zoned and not options.timezone:
        return Reading(found.properties, found.evidence, "--timezone ZONE, in which days are counted")
    return found


def show(connection: duckdb.DuckDBPyConnection, form: Form, understood: Understood) -> None:
    """Prints the fields of the file, and the evidence for forms."""
    meanings = {place: column for column, place in understood.places.items()}
    print(f"{'field':24} {'meaning':18} {'empty':>6}  examples")
    for number, field in enumerate(form.fields):
        place = f"c{number}"
        row = connection.execute(
            f"SELECT 1 - count(nullif(trim({place}), '')) / greatest(count(*), 1), "
            f"list_distinct(list(trim({place})) FILTER (trim({place}) <> ''))[:3] FROM (FROM rows LIMIT 20000)"
        ).fetchone()
        empty, examples = row if row is not None else (0, [])
        shown = ", ".join(visible(str(value))[:24] for value in examples or ())
        print(f"{visible(field)[:24]:24} {meanings.get(place, '-'):18} {empty:6.0%}  {shown}")
    for column, value in understood.constants.items():
        print(f"{'':24} {column:18} {'':6}  {value}, for all lines")
    for column, reading in understood.readings.items():
        if reading.evidence:
            print(f"{column}: {reading.evidence}")


def tell(verdict: Verdict, surplus: int) -> None:
    """Prints what the lines amount to."""
    lines = verdict.lines + surplus
    print(f"\n{lines} lines: {verdict.good} good, {verdict.duplicates} of them duplicates, {lines - verdict.good} bad")
    for reason, count, value, line in verdict.bad:
        print(f"  {count} lines: {reason}, such as '{visible(value)}' in line {line}")
    if surplus:
        print(f"  {surplus} lines: fields are more than the header has")
    if verdict.side_by_side:
        print(f"  {verdict.side_by_side} lines equal the one before them: equal lines count once")
    if verdict.good:
        print(f"{verdict.days} days from {verdict.first_day} to {verdict.last_day}, revenue {verdict.revenue:,.4f}")


def descriptor(form: Form, understood: Understood, timezone: str | None) -> dict[str, Any]:
    """The Data Package of the lake."""
    fields = [
        {
            "name": form.fields[int(place[1:])],
            "column": column,
            "type": "number" if column in ("quantity", "unit_price") else "string",
            **properties,
        }
        for column, (place, properties) in understood.columns.items()
    ]
    sales: dict[str, Any] = {
        "name": "sales",
        "path": "sales/*",
        "encoding": form.encoding,
        "dialect": {"delimiter": form.delimiter, "quoteChar": form.quote, "headerRow": form.header_row},
        "schema": {"fields": fields},
    }
    if understood.constants:
        sales["constants"] = understood.constants
    if timezone:
        sales["timezone"] = timezone
    return {"name": "sales-lake", "resources": [sales]}


def write_lake(lake: Path, files: Sequence[Path], package: Mapping[str, Any]) -> None:
    """Links the files into a new lake, and writes its descriptor."""
    if lake.exists() and any(lake.iterdir()):
        raise ConfigurationError(f"--out {lake}: is not empty: name a new folder")
    (lake / "sales").mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        target = lake / "sales" / (file.name if len(files) == 1 else f"{number:04}-{file.name}")
        try:
            target.symlink_to(file.resolve())
        except OSError:
            shutil.copyfile(file, target)
    (lake / "datapackage.json").write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(argv: Sequence[str]) -> int:
    """Inspects, asks in a terminal what the values leave open, and returns the exit code."""
    options = parser().parse_args(argv)
    files = sales_files(Path(options.path))
    with tempfile.TemporaryDirectory() as scratch:
        connection, form, surplus = load(files[0], options.encoding, Path(scratch))
        print(f"{files[0]}" + (f", the first of {len(files)} files" if len(files) > 1 else ""))
        separator = {"\t": "tab"}.get(form.delimiter, form.delimiter)
        row = f"header in row {form.header_row}"
        print(f"encoding {form.encoding}, separated by '{separator}', quoted by {form.quote}, {row}\n")
        understood = understand(connection, form, options)
        show(connection, form, understood)
        if understood.questions and sys.stdin.isatty():
            print("\n" + "\n".join(understood.questions))
            answer = shlex.split(input("options that answer (empty: stop): "))
            return main([*argv, *answer]) if answer else 2
        if understood.questions:
            raise ConfigurationError("cannot know: " + "; ".join(understood.questions))
        zoned = any(reading.zoned for reading in understood.readings.values())
        verdict = judge(connection, understood.columns, understood.constants, options.timezone if zoned else None)
        tell(verdict, surplus)
    if options.out:
        write_lake(Path(options.out), files, descriptor(form, understood, options.timezone))
        print(f"\nNext: npm run etl -- --lake {options.out} --warehouse {options.out}-warehouse")
    return 0


if __name__ == "__main__":
    # A reader such as `head` may close the output.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        sys.exit(main(sys.argv[1:]))
    except JobError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
