"""``datapackage.json``: how somebody else's files are written. A Data Package (specs.frictionlessdata.io), with
properties of our own: ``column`` of a field; ``constants``, ``arrival``, ``timezone`` and ``returns`` of a resource.

What is not understood is refused: a file that is read otherwise than it was described would be loaded wrong.
"""

from __future__ import annotations

import codecs
import json
import zoneinfo
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sales_job.base.errors import ConfigurationError
from sales_job.base.sales_columns import OPTIONAL_COLUMNS, READ_COLUMNS
from sales_job.lake import arrival_names
from sales_job.lake.arrival_names import Judgement, beginning_of, judge_by_patterns, name_fits
from sales_job.lake.file_system import Entry, Files
from sales_job.lake.header import column_name
from sales_job.tables import reference_columns

NAME = "datapackage.json"

SALES_FOLDER = "sales_data/"
"""Where the sales files of a lake without a descriptor are."""

OPTIONAL_SALES = ("customer_id", *OPTIONAL_COLUMNS)

DESCRIPTIVE = frozenset([
    "$schema", "bytes", "contributors", "created", "description", "example", "format", "hash", "homepage", "id",
    "image", "keywords", "licenses", "mediatype", "name", "profile", "rdfType", "scheme", "sources", "title", "type",
    "version",
])  # fmt: skip
"""Properties of the standard that tell nothing of how a file is read."""

RESOURCE = frozenset(["path", "encoding", "dialect", "schema", "constants", "arrival", "timezone", "returns"])
DIALECT = frozenset([
    "delimiter", "quoteChar", "doubleQuote", "header", "commentChar", "skipInitialSpace", "headerRow", "headerRows",
    "lineTerminator", "caseSensitiveHeader", "csvddfVersion", "csv",
])  # fmt: skip
FIELD = frozenset([
    "format", "type", "decimalChar", "groupChar", "bareNumber", "trueValues", "falseValues", "column", "constraints",
])  # fmt: skip
SCHEMA = frozenset(["fields", "missingValues", "primaryKey", "foreignKeys", "fieldsMatch"])


@dataclass(frozen=True)
class Field:
    """A column of the files: ``name`` as in the file; how its texts are written."""

    name: str
    column: str | None
    format: str = "default"
    decimal_char: str = "."
    group_char: str = ""
    bare_number: bool = True
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")


@dataclass(frozen=True)
class Returns:
    """Which lines are returns where the quantity has no sign: those with one of ``values`` in the field ``field``."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True)
class Resource:
    """The files of ``sales``, ``products`` or ``stores``."""

    name: str
    paths: tuple[str, ...]
    encoding: str | None = None
    csv: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of Python's CSV reader."""
    comment: str = ""
    header: bool = True
    header_row: int = 1
    fields: tuple[Field, ...] = ()
    missing_values: frozenset[str] = frozenset([""])
    constants: Mapping[str, str] = field(default_factory=dict)
    arrival: str | None = None
    timezone: zoneinfo.ZoneInfo | None = None
    returns: Returns | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the job reads of such a file."""
        return (
            READ_COLUMNS if self.name == "sales" else tuple(c.name for c in reference_columns.table(self.name).columns)
        )

    @property
    def required(self) -> list[str]:
        """Those that must be there."""
        if self.name == "sales":
            return [column for column in READ_COLUMNS if column not in OPTIONAL_SALES]
        return reference_columns.table(self.name).required

    def judge(self, path: str) -> Judgement | None:
        """What a file is, by its path below the lake; None where it is none of this resource's."""
        return judge_by_patterns(path, self.paths, self.arrival)

    def find(self, files: Files) -> list[tuple[str, Entry]]:
        """Its files, by their paths."""
        return sorted({found for path in self.paths for found in _glob(files, "", path.split("/"))})


def judge(package: Mapping[str, Resource], path: str) -> Judgement | None:
    """What a file of a lake is; None: it is none of the sales data.

    Args:
        package: the resources of the lake's descriptor; none where it has no descriptor.
        path: below the lake.
    """
    if package:
        return package["sales"].judge(path)
    below = path.removeprefix(SALES_FOLDER)
    return None if below == path else arrival_names.judge(below)


def beginnings(package: Mapping[str, Resource], day: str) -> list[str]:
    """How the paths of all sales files of a day begin."""
    return sorted(map(beginning_of, package["sales"].paths)) if package else [f"{SALES_FOLDER}dt={day}/"]


def parse(text: bytes) -> dict[str, Resource]:
    """The resources of a descriptor by name.

    Raises:
        ConfigurationError: it is not JSON, or has something that is not understood.
    """
    try:
        whole = json.loads(text.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigurationError(f"{NAME}: is not JSON ({error}): correct it") from None
    _known(NAME, whole, {"resources"})
    found: dict[str, Resource] = {}
    for part in _of(NAME, whole, "resources", list, []):
        name = _of(NAME, part, "name", str, "")
        if name not in ("sales", "products", "stores") or name in found:
            raise ConfigurationError(
                f"{NAME}: resource '{name}': the resources are sales, products and stores, each once"
            )
        found[name] = _resource(f"{NAME}: resource {name}", part)
    if "sales" not in found:
        raise ConfigurationError(f"{NAME}: has no resource sales: add it")
    return found


def _resource(where: str, part: Mapping[str, Any]) -> Resource:
    _known(where, part, RESOURCE)
    paths = part.get("path", [])
    paths = [paths] if isinstance(paths, str) else paths
    if not paths or any(not isinstance(p, str) or p.startswith("/") or ".." in p or "://" in p for p in paths):
        raise ConfigurationError(f"{where}: path must be a path below the lake, or a list of them")
    encoding = part.get("encoding")
    try:
        codecs.lookup(encoding or "utf-8")
        zone = zoneinfo.ZoneInfo(part["timezone"]) if "timezone" in part else None
    except (LookupError, ValueError, TypeError):
        raise ConfigurationError(f"{where}: encoding '{encoding}' or timezone is not known") from None
    arrival = _of(where, part, "arrival", str, None)
    if arrival is not None and not all(arrival.count(p) == 1 for p in ("{yyyy}", "{MM}", "{dd}")):
        raise ConfigurationError(f"{where}: arrival '{arrival}' must hold {{yyyy}}, {{MM}} and {{dd}} once each")
    schema = _of(where, part, "schema", dict, {})
    _known(f"{where}: schema", schema, SCHEMA)
    resource = Resource(
        name=part["name"],
        paths=tuple(paths),
        encoding=None if encoding is None or codecs.lookup(encoding).name == "utf-8" else encoding,
        **_dialect(f"{where}: dialect", _of(where, part, "dialect", dict, {})),
        missing_values=frozenset(_of(where, schema, "missingValues", list, [""])) | {""},
        constants={name: str(value) for name, value in _of(where, part, "constants", dict, {}).items()},
        arrival=arrival,
        timezone=zone,
        returns=_returns(f"{where}: returns", part),
    )
    fields = tuple(_field(f"{where}: field", f, resource.columns) for f in _of(where, schema, "fields", list, []))
    brought = [field.column for field in fields if field.column] + list(resource.constants)
    for column in brought:
        if brought.count(column) > 1:
            raise ConfigurationError(f"{where}: column {column} is brought twice: name one field or constant")
        if column not in resource.columns:
            raise ConfigurationError(f"{where}: column {column} is none of {', '.join(resource.columns)}")
    return Resource(**{**resource.__dict__, "fields": fields})


def _returns(where: str, part: Mapping[str, Any]) -> Returns | None:
    given = _of(where, part, "returns", dict, None)
    if given is None:
        return None
    _known(where, given, {"field", "values"})
    field, values = given.get("field"), given.get("values")
    # In JSON, true is no text that a file has, but an int for Python.
    plain = isinstance(values, list) and all(type(value) in (str, int) for value in values)
    if part["name"] != "sales" or not isinstance(field, str) or not (values and plain):
        raise ConfigurationError(f"{where}: needs a field of sales and its values, a list of texts")
    return Returns(field.strip(), frozenset(str(value).strip() for value in values))


def _dialect(where: str, part: Mapping[str, Any]) -> dict[str, Any]:
    _known(where, part, DIALECT)
    # The form that frictionless writes has the CSV reader's own properties one level below.
    part = {**part, **_of(where, part, "csv", dict, {})}
    _known(where, part, DIALECT)
    rows = part.get("headerRows", [part.get("headerRow", 1)])
    if len(rows) != 1 or not isinstance(rows[0], int):
        raise ConfigurationError(f"{where}: headerRows {rows}: one row with the header is read")
    reader = {
        "delimiter": part.get("delimiter", ","),
        "quotechar": part.get("quoteChar", '"'),
        "doublequote": part.get("doubleQuote", True),
        "skipinitialspace": part.get("skipInitialSpace", False),
    }
    for name in ("delimiter", "quotechar"):
        if not isinstance(reader[name], str) or len(reader[name]) != 1:
            raise ConfigurationError(f"{where}: {name} {reader[name]!r} is not one character")
    return {
        "csv": reader,
        "comment": part.get("commentChar", ""),
        "header": part.get("header", True),
        "header_row": rows[0],
    }


def _field(where: str, part: Mapping[str, Any], columns: Collection[str]) -> Field:
    _known(where, part, FIELD)
    name = _of(where, part, "name", str, None)
    if name is None:
        raise ConfigurationError(f"{where}: has no name")
    own = column_name(name)
    pattern = str(part.get("format", "default")).removeprefix("fmt:")
    column = part.get("column", own if own in columns else None)
    if column == "transaction_date" and pattern == "any":
        raise ConfigurationError(f"{where} {name}: format 'any' would be guessed: write a pattern such as %d/%m/%Y")
    return Field(
        name=name,
        column=column,
        format=pattern,
        decimal_char=part.get("decimalChar", "."),
        group_char=part.get("groupChar", ""),
        bare_number=part.get("bareNumber", True),
        true_values=tuple(part.get("trueValues", Field.true_values)),
        false_values=tuple(part.get("falseValues", Field.false_values)),
    )


def _known(where: str, part: Any, known: Collection[str]) -> None:
    if not isinstance(part, dict):
        raise ConfigurationError(f"{where}: is not an object")
    for name in part:
        if name not in known and name not in DESCRIPTIVE:
            raise ConfigurationError(f"{where}: property '{name}' is not understood: remove it")


def _of(where: str, part: Mapping[str, Any], name: str, kind: type, default: Any) -> Any:
    value = part.get(name, default)
    if value is not default and not isinstance(value, kind):
        raise ConfigurationError(f"{where}: {name} is not a {kind.__name__}")
    return value


def _glob(files: Files, folder: str, parts: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """Files below a folder that match the parts of a pattern; ``**`` stands for any folders."""
    first, *rest = parts
    for entry in files.list(folder):
        path = f"{folder}/{entry.name}" if folder else entry.name
        if first == "**":
            if entry.is_folder:
                yield from _glob(files, path, parts)
            if rest and name_fits(entry.name, rest[0]):
                yield from [(path, entry)] if len(rest) == 1 else _glob(files, path, rest[1:])
        elif name_fits(entry.name, first):
            if rest and entry.is_folder:
                yield from _glob(files, path, rest)
            elif not rest and not entry.is_folder:
                yield path, entry
