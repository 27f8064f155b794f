"""Results of quality checks: what they are, how they are kept, and the failure that they raise.

Every check is one number beside another, so that its result can be kept and read as it is: a row of the table
``quality_checks``. One of severity "error" that fails ends the run, and nothing is published; a "warning" is kept and
told.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_FLOOR, Decimal

from sales_job.base.errors import JobError
from sales_job.publication.publish_sql import Names
from sales_job.tables.catalog import columns

ERROR, WARNING = "error", "warning"


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


RESULT = ", ".join(field.name for field in fields(Result))
"""The columns of a result."""

FAILED_WITH = "check failed: "

SAID = re.compile(r"(\w+)=(-?[\d.]+)/(-?[\d.]+);")
"""One result in such a message; what is cut off at its end is none."""

HOLDS = {"=": operator.eq, "<=": operator.le, ">=": operator.ge}


class CheckFailed(JobError):
    """A check of severity "error" does not hold: nothing is published, its results are kept."""

    def __init__(self, results: Iterable[Result]) -> None:
        failed = ", ".join(map(str, failures(results)))
        super().__init__(
            f"nothing is published, these checks do not hold: {failed}; see the table quality_checks, "
            "and run with --rebuild, which computes everything anew"
        )


def failures(results: Iterable[Result], severity: str = ERROR) -> list[Result]:
    """Those that do not hold."""
    return [result for result in results if not result.passed and result.severity == severity]


def ratio(part: int, whole: int) -> Decimal:
    """A share with nine decimals, the rest cut off; 0 of nothing."""
    return (Decimal(part) / whole if whole else Decimal(0)).quantize(Decimal("1e-9"), ROUND_FLOOR)


def exact(number: Decimal) -> str:
    """A number in SQL that no warehouse takes for a float."""
    return f"'{number:f}'"


def _text(text: str) -> str:
    if "'" in text:
        raise ValueError(f"{text}: no quotes here, the warehouses write them differently")
    return f"'{text}'"


def bad_lines(rows_quarantined: int, rows_read: int, limit: float) -> Result:
    """The check that comes before all others: how many of the lines that were read are bad."""
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
    """A check that the warehouse makes: ``value`` and ``expected`` are SQL of one number each."""

    name: str
    rule: str
    value: str
    relation: str
    expected: str = "0"
    severity: str = ERROR


@dataclass(frozen=True)
class Kept:
    """The results of one run as the warehouse keeps them; ``at`` (UTC) is theirs alone."""

    names: Names
    run_id: str
    at: dt.datetime

    def make(self, checks: Sequence[Check]) -> str:
        """The statement that makes all checks and keeps their results."""
        each = [
            f"SELECT {_text(check.name)} AS check_name, {_text(check.rule)} AS rule, '{check.severity}' AS severity, "
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

    def put(self, results: Iterable[Result]) -> str:
        """The statement that keeps results which are known."""
        rows = [
            f"('{self.run_id}', {_text(r.check_name)}, {_text(r.rule)}, '{r.severity}', {str(r.passed).upper()}, "
            f"{self._number(exact(r.value))}, '{r.relation}', {self._number(exact(r.expected))}, {self._at})"
            for r in results
        ]
        return f"{self._insert} VALUES {', '.join(rows)}"

    def made(self, what: str) -> str:
        """A query of these results alone."""
        table = self.names.table("quality_checks")
        return f"SELECT {what} FROM {table} WHERE run_id = '{self.run_id}' AND checked_at = {self._at}"

    def must_hold(self) -> str:
        """A query that fails where a check of severity "error" does not hold. It ends a script, and what that script
        inserted is rolled back: the results are in the message, for :func:`told` to read.
        """
        each = "CONCAT(check_name, '=', CAST(value AS STRING), '/', CAST(expected AS STRING), ';')"
        said = f"ERROR(CONCAT('{FAILED_WITH}', STRING_AGG({each}, ' ' ORDER BY passed)))"
        return self.made(f"IF(COUNTIF(NOT passed AND severity = '{ERROR}') = 0, 1, {said})")

    @property
    def _insert(self) -> str:
        listed = ", ".join(column.name for column in columns("quality_checks"))
        return f"INSERT INTO {self.names.table('quality_checks')} ({listed})"

    @property
    def _at(self) -> str:
        return f"TIMESTAMP '{self.at:%Y-%m-%d %H:%M:%S.%f}'"

    def _number(self, sql: str) -> str:
        return f"CAST({sql} AS {self.names.numeric})"


def told(message: str, checks: Sequence[Check]) -> list[Result]:
    """The results in a message of :meth:`Kept.must_hold`; none where it tells of something else."""
    by_name = {check.name: check for check in checks}
    # A message may be told twice, by the script and by the statement in it.
    results = {}
    for name, value, expected in SAID.findall(message.partition(FAILED_WITH)[2]):
        check, numbers = by_name[name], (Decimal(value), Decimal(expected))
        passed = HOLDS[check.relation](*numbers)
        results[name] = Result(name, check.rule, check.severity, passed, numbers[0], check.relation, numbers[1])
    return list(results.values())
