"""Reads anybody's sales file and says what it understood, how many lines would be good, and why the others not."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
import zoneinfo
from collections.abc import Sequence
from pathlib import Path

import duckdb

from sales_job.base.errors import ConfigurationError, JobError
from scripts.inspect import lake_writer, reference, show
from scripts.inspect.conversion import mark_of_returns
from scripts.inspect.files import Group, find, group
from scripts.inspect.understanding import Question, Understood, chosen, texts_in_sql, understand
from scripts.inspect.verdict import judge


def parser() -> argparse.ArgumentParser:
    """The options."""
    result = argparse.ArgumentParser(prog="npm run inspect --", description=__doc__, allow_abbrev=False)
    result.add_argument("path", metavar="FILE_OR_LAKE", nargs="+", help="sales files, also products and stores")
    result.add_argument("--out", metavar="LAKE", help="write a lake with a datapackage.json that etl takes")
    result.add_argument("--encoding", help="the encoding, such as cp1252")
    result.add_argument("--dates", choices=("day-first", "month-first"), help="what 01/02/2023 means")
    result.add_argument("--decimal", choices=("comma", "point"), help="what 1.234 means")
    result.add_argument("--column", action="append", default=[], metavar="OURS=FIELD", help="the field of a column")
    result.add_argument("--constant", action="append", default=[], metavar="OURS=VALUE", help="one value for all lines")
    result.add_argument("--returns", metavar="FIELD=VALUE,...", help="what marks a return whose quantity has no sign")
    result.add_argument("--timezone", help="zone in which the days of zoned times are counted, such as Europe/Berlin")
    return result


def main(argv: Sequence[str]) -> int:
    """Inspects, asks in a terminal what the values leave open, and returns the exit code."""
    options = parser().parse_args(argv)
    if options.timezone:
        try:
            zoneinfo.ZoneInfo(options.timezone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            raise ConfigurationError(f"--timezone {options.timezone}: is no zone, such as Europe/Berlin") from None
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        groups = group(connection, find(list(map(Path, options.path))), options.encoding, Path(scratch))
        return _inspect(connection, groups, argv)


def _inspect(connection: duckdb.DuckDBPyConnection, groups: Sequence[Group], argv: Sequence[str]) -> int:
    options = parser().parse_args(argv)
    given = chosen(options, [g.table for g in groups])
    understood = [understand(connection, g.table, g.source, g.fields, given[g.table], options) for g in groups]
    for one, found in zip(groups, understood, strict=True):
        show.form(one)
        show.fields(connection, one, found)
    questions = [question for found in understood for question in found.questions]
    if questions and sys.stdin.isatty():
        answers = _ask(questions)
        if not answers:
            return 2
        print(f"answered by: {shlex.join(answers)}\n")
        return _inspect(connection, groups, [*argv, *answers])
    if questions:
        raise ConfigurationError("cannot know: " + "; ".join(map(str, questions)))
    resources = []
    for one, found in zip(groups, understood, strict=True):
        described = lake_writer.resource(one.table, one.paths, one.form, found, options.timezone)
        if one.table == "sales":
            _judge(connection, one, found, options.timezone)
        else:
            reference.check(one.paths, described)
        resources.append((one.paths, described))
    if options.out:
        if all(one.table != "sales" for one in groups):
            raise ConfigurationError("--out: a lake needs sales: name the sales file too")
        lake_writer.write(Path(options.out), resources)
        lake, warehouse = shlex.quote(options.out), shlex.quote(f"{options.out.rstrip('/')}-warehouse")
        print(f"\nNext: npm run etl -- --lake {lake} --warehouse {warehouse}")
    else:
        given_back = shlex.join(argv)
        print(f"\nNext: npm run inspect -- {given_back} --out LAKE")
    return 0


def _judge(connection: duckdb.DuckDBPyConnection, one: Group, found: Understood, timezone: str | None) -> None:
    texts, joins = texts_in_sql(connection, found, timezone)
    selected = ", ".join(f"{sql} AS {column}" for column, sql in texts.items())
    connection.execute(f"CREATE OR REPLACE TABLE rows AS SELECT line, file, {selected} FROM {one.source}{joins}")
    constants = {column: value for column, value in found.constants.items() if column not in texts}
    verdict = judge(connection, texts, constants)
    show.verdict(verdict, one)
    if not verdict.returns and not found.returns:
        show.mark_of_returns(mark_of_returns(connection, one.source, one.fields))


def _ask(questions: Sequence[Question]) -> list[str]:
    """The options that answer the questions; none if an answer is empty."""
    answers: list[str] = []
    print()
    for question in questions:
        print(question)
        hint = "FIELD or =VALUE" if question.column else "|".join(question.choices) or "ZONE"
        answer = input(f"  {hint}: ").strip()
        if not answer:
            return []
        if question.column and answer.startswith("="):
            answers += ["--constant", f"{question.column}{answer}"]
        else:
            answers += shlex.split(question.option.replace("{}", shlex.quote(answer)))
    return answers


if __name__ == "__main__":
    # A reader such as `head` may close the output.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        sys.exit(main(sys.argv[1:]))
    except JobError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
