"""Results of quality checks: their form, the SQL that keeps them, and the failure that they raise.

Every check compares two numbers, so that its result can be kept and read as it is: a row of the table
``quality_checks``. A failed check of severity "error" ends the run, and nothing is published; one of severity
"warning" is kept and logged.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_FLOOR, Decimal

from sales_job.base.errors import JobError
from sales_job.publication.sql_naming import SqlNaming
from sales_job.tables import catalog

ERROR, WARNING = "error", "warning"

UNUSUAL = "unusual_"
"""What the names of the checks of unusual days begin with."""


@dataclass(frozen=True)
class Result:
    """A check's outcome, a row of ``quality_checks``. ``relation`` is ``=``, ``<=`` or ``>=``."""

    check_name: str
    rule: str
    severity: str
    passed: bool
    value: Decimal
    relation: str
    expected: Decimal

    def __str__(self) -> str:
        found, wanted = f"{self.value.normalize():f}", f"{self.expected.normalize():f}"
        return f"{self.check_name} ({self.rule}: {found} {self.relation} {wanted}{'' if self.passed else ' is not so'})"


RESULT_COLUMNS = ", ".join(field.name for field in fields(Result))

FAILED_WITH = "check failed: "

RESULT_PATTERN = re.compile(r"(\w+)=(-?[\d.]+)/(-?[\d.]+);")
"""One result in the message of a failed check. A result that the server has cut off does not match."""

COMPARISONS = {"=": operator.eq, "<=": operator.le, ">=": operator.ge}


class CheckFailed(JobError):
    """A check of severity "error" failed: nothing is published, the results are kept."""

    def __init__(self, results: Iterable[Result]) -> None:
        failed = failures(results)
        remedy = "run with --rebuild, which computes every table again"
        if all(result.check_name.startswith(UNUSUAL) for result in failed):
            remedy = "correct the files, or publish the days as they are: run without --hold-unusual-days"
        super().__init__(
            f"nothing is published, these checks do not hold: {', '.join(map(str, failed))}; see the table "
            f"quality_checks, and {remedy}"
        )


def failures(results: Iterable[Result], severity: str = ERROR) -> list[Result]:
    """The failed checks of a severity."""
    return [result for result in results if not result.passed and result.severity == severity]


def ratio(part: int, whole: int) -> Decimal:
    """A share, cut off after nine decimals; 0 where ``whole`` is 0."""
    return (Decimal(part) / whole if whole else Decimal(0)).quantize(Decimal("1e-9"), ROUND_FLOOR)


def exact(number: Decimal) -> str:
    """A number in SQL that no warehouse takes for a float."""
    return f"'{number:f}'"


def _text(text: str) -> str:
    if "'" in text:
        raise ValueError(f"{text}: must not contain quotes, which DuckDB and BigQuery escape differently")
    return f"'{text}'"


def _without_quotes(rule: str) -> str:
    """A rule whose examples, which come from files, hold no quotes."""
    return rule.replace("'", "\u2019")


def plain(rule: str) -> str:
    """The same without the backslash, which one warehouse reads as the beginning of an escape."""
    return _without_quotes(rule).replace("\\", "/")


def bad_lines(rows_quarantined: int, rows_read: int, limit: float) -> Result:
    """The first check of a run: the share of bad lines among the lines read."""
    return Result(
        "bad_lines",
        "few lines are bad",
        ERROR,
        rows_quarantined <= limit * rows_read,
        ratio(rows_quarantined, rows_read),
        "<=",
        Decimal(str(limit)),
    )


@dataclass(frozen=True)
class Check:
    """A check that the warehouse evaluates: ``value`` and ``expected`` are SQL expressions of one number each.

    ``examples``: an expression of a text that the kept rule ends with, NULL where there are none.
    """

    name: str
    rule: str
    value: str
    relation: str
    expected: str = "0"
    severity: str = ERROR
    examples: str | None = None

    @property
    def described(self) -> str:
        """The SQL of its rule."""
        rule = _text(self.rule)
        if self.examples is None:
            return rule
        return f"CONCAT({rule}, COALESCE(': ' || {self.examples}, ''))"


@dataclass(frozen=True)
class CheckResultSql:
    """SQL that keeps and reads the check results of one run. ``at`` (UTC) identifies them."""

    naming: SqlNaming
    run_id: str
    at: dt.datetime

    def insert_evaluated(self, checks: Sequence[Check]) -> str:
        """The statement that evaluates all checks and keeps their results."""
        each = [
            f"SELECT {_text(check.name)} AS check_name, {check.described} AS rule, '{check.severity}' AS severity, "
            f"{self._number(check.value)} AS value, '{check.relation}' AS relation, "
            f"{self._number(check.expected)} AS expected"
            for check in checks
        ]
        passed = (
            "CASE relation WHEN '=' THEN value = expected WHEN '<=' THEN value <= expected ELSE value >= expected END"
        )
        return (
            f"{self._insert} SELECT '{self.run_id}', check_name, rule, severity, {passed}, value, relation, expected, "
            f"{self._at} FROM ({' UNION ALL '.join(each)})"
        )

    def insert_known(self, results: Iterable[Result]) -> str:
        """The statement that keeps results which are already known."""
        rows = [
            f"('{self.run_id}', {_text(r.check_name)}, {_text(_without_quotes(r.rule))}, '{r.severity}', "
            f"{str(r.passed).upper()}, {self._number(exact(r.value))}, '{r.relation}', "
            f"{self._number(exact(r.expected))}, {self._at})"
            for r in results
        ]
        return f"{self._insert} VALUES {', '.join(rows)}"

    def select(self, expressions: str = RESULT_COLUMNS) -> str:
        """A query over this run's results."""
        table = self.naming.table("quality_checks")
        return f"SELECT {expressions} FROM {table} WHERE run_id = '{self.run_id}' AND checked_at = {self._at}"

    def fail_unless_passed(self) -> str:
        """A query that raises an error where a check of severity "error" failed.

        It ends a BigQuery script, whose inserts are rolled back with it; the results travel in the error's message,
        which :func:`results_from_error` parses.
        """
        each = "CONCAT(check_name, '=', CAST(value AS STRING), '/', CAST(expected AS STRING), ';')"
        error = f"ERROR(CONCAT('{FAILED_WITH}', STRING_AGG({each}, ' ' ORDER BY passed)))"
        return self.select(f"IF(COUNTIF(NOT passed AND severity = '{ERROR}') = 0, 1, {error})")

    @property
    def _insert(self) -> str:
        columns = ", ".join(catalog.table("published", "quality_checks").column_names)
        return f"INSERT INTO {self.naming.table('quality_checks')} ({columns})"

    @property
    def _at(self) -> str:
        return f"TIMESTAMP '{self.at:%Y-%m-%d %H:%M:%S.%f}'"

    def _number(self, sql: str) -> str:
        return f"CAST({sql} AS {self.naming.numeric})"


def results_from_error(message: str, checks: Sequence[Check]) -> list[Result]:
    """Parses the results in the error of :meth:`CheckResultSql.fail_unless_passed`; empty for any other error."""
    by_name = {check.name: check for check in checks}
    # BigQuery may repeat the message: once for the script and once for the statement in it.
    results = {}
    for name, value, expected in RESULT_PATTERN.findall(message.partition(FAILED_WITH)[2]):
        check, numbers = by_name[name], (Decimal(value), Decimal(expected))
        passed = COMPARISONS[check.relation](*numbers)
        results[name] = Result(name, check.rule, check.severity, passed, numbers[0], check.relation, numbers[1])
    return list(results.values())
