"""The views of the catalog: one query each, in BigQuery's SQL. The stack makes them in BigQuery; the local warehouse
translates them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sales_job.base.sales_rules import RULES

SOURCE = re.compile(r"\$\{(\w+)\}")
"""How a query names a table or view that it reads."""

PART = re.compile(r"\$\{(measures|rules|fragments)\.(\w+)\}")
"""How a query names what it shares with others: a measure, such as the profit margin, whose SQL ``measures.json``
declares; a rule of ``base/sales_rules.json``; a query of ``fragments/``.
"""


@dataclass(frozen=True)
class View:
    """A view: its columns' types by their names, its query (everything shared written out), and the tables and views
    that this reads.
    """

    name: str
    types: dict[str, str]
    sql: str
    sources: tuple[str, ...]

    def query(self) -> str:
        """The query over tables of the same names."""
        return SOURCE.sub(r"\1", self.sql)


def _rules() -> dict[str, str]:
    return {
        **RULES,
        # What is left of a text without blanks at its ends.
        "trimmed": f"(?s)[^{RULES['blanks']}](?:.*[^{RULES['blanks']}])?",
        # In BigQuery the days of the last month: a query reads no more of the lines (constructs/warehouse/views.ts).
        "first_open_day": f"DATE '{RULES['first_day']}'",
    }


@cache
def measures() -> dict[str, str]:
    """The SQL of each measure, over columns of the names that it has."""
    text = (resources.files("sales_job.tables") / "measures.json").read_text("utf-8")
    return {name: str(measure["sql"]) for name, measure in json.loads(text).items()}


@cache
def views() -> tuple[View, ...]:
    """Every view, each behind the views that it reads."""
    tables = resources.files("sales_job.tables")
    rules = _rules()

    def part(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "measures":
            return measures()[name]
        return rules[name] if kind == "rules" else read(f"fragments/{name}.sql")

    def read(path: str) -> str:
        return PART.sub(part, (tables / path).read_text("utf-8").strip())

    names = sorted(
        file.name.removesuffix(".sql") for file in (tables / "views").iterdir() if file.name.endswith(".sql")
    )
    found = {}
    for name in names:
        declared = json.loads((tables / "views" / f"{name}.json").read_text("utf-8"))
        sql = read(f"views/{name}.sql")
        types = {column["name"]: column["type"] for column in declared["columns"]}
        found[name] = View(name, types, sql, tuple(dict.fromkeys(SOURCE.findall(sql))))
    ordered: dict[str, View] = {}

    def add(view: View) -> None:
        for source in view.sources:
            if source in found:
                add(found[source])
        ordered.setdefault(view.name, view)

    for view in found.values():
        add(view)
    return tuple(ordered.values())
