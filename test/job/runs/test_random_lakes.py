"""Random lakes: after every run, in whatever order arrivals come, the tables are those of plain Python from scratch.

``JOB_EXAMPLES=100 pytest test/job/runs/test_random_lakes.py`` looks further than the few examples of every day, and
then shrinks what it finds.
"""

import os

import pytest
from against_oracle import assert_counts, assert_equal
from harness import Sandbox
from hypothesis import HealthCheck, Phase, given, note, settings
from lakes import Step, histories
from oracle import Result, compute
from pyspark.sql import SparkSession

from database_utils import Database

EXAMPLES = int(os.environ.get("JOB_EXAMPLES", "2"))
SEARCHING = EXAMPLES > 2
ANY_SHARE = ("--max-bad-ratio", "1")

random_lakes = settings(
    max_examples=EXAMPLES,
    derandomize=not SEARCHING,
    phases=[Phase.generate, Phase.shrink] if SEARCHING else [Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def take(sandbox: Sandbox, step: Step) -> Result:
    """Delivers and runs one step, and holds its counts and the tables against the oracle's."""
    before = compute(sandbox.lake)
    step.deliver(sandbox.lake)
    takes = step.takes(sandbox.lake)
    expected = compute(sandbox.lake, takes)
    interval = ("--start", step.interval[0], "--end", step.interval[1]) if step.interval else ()
    done = sandbox.run(*interval, *ANY_SHARE)
    touched = set().union(*[before.days[arrival] | expected.days[arrival] for arrival in takes])
    assert_counts(done, expected)
    assert done["dates"] == [str(day) for day in sorted(touched)]
    assert_equal(sandbox, expected)
    return expected


@given(history=histories())
@random_lakes
def test_after_every_run_the_tables_are_those_of_plain_python(
    history: list[Step], spark: SparkSession, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sandbox = Sandbox(tmp_path_factory.mktemp("random"), spark, database)
    note(f"the lake is kept in {sandbox.lake}")
    sandbox.products(
        [
            ("P1", "Soap", "Home", "1.10"),
            ("P2", " Green \u00a0", "", "0.000001"),
            ("P1,5", 'Big "tea"', "Food", ""),
            ("01", "Cup", "Home", "999999999999.999999"),
            ("P,9", "\u3000", "Food", "0"),
        ]
    )
    sandbox.stores([("S1", "Main Street", ""), ("S2", " Harbor\t", "Boston, MA"), ("Süd", "Süd", "Köln")])
    for step in history:
        take(sandbox, step)
    # All at once, into a warehouse that knows nothing of the steps.
    expected = compute(sandbox.lake)
    assert_counts(sandbox.run(*ANY_SHARE, warehouse="backfill"), expected)
    assert_equal(sandbox, expected, "backfill")
    # Other costs and names reach every day by a rebuild.
    sandbox.products([("P1", "Hand soap", "Bath", "2"), ("unknown", "Known", "now", "3.5")])
    sandbox.run("--rebuild", *ANY_SHARE)
    assert_equal(sandbox, compute(sandbox.lake))
