"""The log queries of the runbooks, applied to lines that the DAG and the job really write, as Cloud Logging keeps them.

Dataproc's agent does not parse what a driver prints: each line is the text of ``jsonPayload.message`` of an entry
without a severity of its own, whatever the line says. Composer keeps a task's log as ``textPayload``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from log_metrics import STRING, unquoted

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = ROOT / "docs/runbooks"
TERM = re.compile(r"(NOT )?([\w.]+)(:|=~|=|>=)(?:" + STRING + r"|(\w+))")
Entry = dict[str, str]
"""Values by field; a field that is not there has none."""


def job_queries() -> list[tuple[str, str]]:
    """Every query of a job's log, with its page."""
    found = []
    for page in sorted(RUNBOOKS.glob("*.md")):
        text = page.read_text().replace("\\\n", " ")
        queries = re.findall(r"gcloud logging read '([^']+)'", text)
        found += [(page.name, query) for query in queries if "cloud_dataproc_job" in query]
    return found


def term_holds(term: re.Match[str], entry: Entry) -> bool:
    """One comparison; a field that is not there makes it false, as in Cloud Logging."""
    negated, field, operator, quoted, plain = term.groups()
    value, wanted = entry.get(field), unquoted(quoted) if quoted is not None else plain
    if value is None:
        held = False
    elif operator == ":":
        held = wanted.lower() in value.lower()
    elif operator == "=~":
        held = re.search(wanted, value) is not None
    elif operator == "=":
        held = value == wanted
    else:
        raise AssertionError(f"{operator}: compare with what an entry has")
    return held != bool(negated)


def matches(query: str, entry: Entry) -> bool:
    """A query of terms, AND, OR and parentheses."""
    terms: list[bool] = []

    def keep(term: re.Match[str]) -> str:
        terms.append(term_holds(term, entry))
        return f"T{len(terms) - 1}"

    rest = " ".join(TERM.sub(keep, query).split())
    names = {f"T{index}": value for index, value in enumerate(terms)}
    words = rest.replace("AND", "and").replace("OR", "or")
    assert re.fullmatch(r"[T\d\s()]*(?:(?:and|or)[T\d\s()]*)*", words), rest
    # Terms side by side are joined by AND.
    words = re.sub(r"(T\d+|\))\s+(?=T\d+|\()", r"\1 and ", words)
    return bool(eval(words, {"__builtins__": {}}, names))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a job prints and logs that is refused: a lake without reference data."""
    folder = tmp_path_factory.mktemp("lake")
    (folder / "sales_data").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [
            *(ROOT / ".venv/job/bin/python", "pyspark-jobs/sales_analytics_direct.py"),
            *("--lake", str(folder / "missing"), "--warehouse", str(folder / "warehouse")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert done.returncode == 2
    return [*done.stderr.splitlines(), *done.stdout.splitlines()]


def entry(line: str) -> Entry:
    """A line of a driver, as an entry."""
    return {"resource.type": "cloud_dataproc_job", "jsonPayload.message": line}


def test_the_pages_have_queries_of_jobs() -> None:
    assert {page for page, _ in job_queries()} >= {"job-failed.md", "refused-input.md"}


@pytest.mark.parametrize(("page", "query"), job_queries())
def test_a_query_finds_why_a_job_ended(page: str, query: str, printed: list[str]) -> None:
    found = [line for line in printed if matches(query, entry(line))]
    assert [line for line in found if line.startswith("error: ")] != [], page


@pytest.mark.parametrize(("page", "query"), job_queries())
def test_a_query_finds_a_logged_error_and_leaves_out_the_rest(page: str, query: str) -> None:
    fields = {"time": "2026-03-03T06:00:00Z", "logger": "sales_job"}
    error, info = (json.dumps({"severity": severity, **fields, "message": "m"}) for severity in ("ERROR", "INFO"))
    assert matches(query, entry(error))
    assert not matches(query, entry(info))
    assert not matches(query, entry("26/03/03 06:00:00 INFO SparkContext: Running Spark version 3.5.3"))
    # As the agent would keep it: the line's own severity is not the entry's.
    assert not matches(query, {"resource.type": "cloud_dataproc_job", "severity": "ERROR", "jsonPayload.message": "x"})
