"""The views of the catalog: one query each, in BigQuery's SQL. The stack makes them in BigQuery; the local warehouse
translates them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

SOURCE = re.compile(r"\$\{(\w+)\}")
"""How a query names a table or view that it reads."""

MEASURE = re.compile(r"\$\{measures\.(\w+)\}")
"""How a query names a measure, such as the profit margin, whose SQL ``measures.json`` declares."""


@dataclass(frozen=True)
class View:
    """A view: its columns' types by their names, its query (measures written out), and the tables and views that this
    reads.
    """

    name: str
    types: dict[str, str]
    sql: str
    sources: tuple[str, ...]

    def query(self) -> str:
        """The query over tables of the same names."""
        return SOURCE.sub(r"\1", self.sql)


@cache
def measures() -> dict[str, str]:
    """The SQL of each measure, over columns of the names that it has."""
    text = (resources.files("sales_job.tables") / "measures.json").read_text("utf-8")
    return {name: str(measure["sql"]) for name, measure in json.loads(text).items()}


@cache
def views() -> tuple[View, ...]:
    """Every view, each behind the views that it reads."""
    folder = resources.files("sales_job.tables") / "views"
    names = sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))
    found = {}
    for name in names:
        declared = json.loads((folder / f"{name}.json").read_text("utf-8"))
        text = (folder / f"{name}.sql").read_text("utf-8").strip()
        sql = MEASURE.sub(lambda match: measures()[match[1]], text)
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
