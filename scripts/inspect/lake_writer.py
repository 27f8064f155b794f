"""A lake of somebody else's files: links to them, and the ``datapackage.json`` that describes them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sales_job.base.errors import ConfigurationError
from sales_job.lake.data_package import NAME
from sales_job.lake.translate import kind_of
from scripts.inspect.forms import Form
from scripts.inspect.understanding import Understood

DAY = re.compile(
    r"(?<![0-9])(?P<y>(?:19|20)[0-9]{2})(?P<s>[-_.]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12][0-9]|3[01])(?![0-9])"
)
"""A day in a file's name."""


def arrival_pattern(files: Sequence[Path]) -> str | None:
    """The pattern of the arrival day in the names of several files; None if not every name has one."""
    days = [DAY.search(file.name) for file in files]
    signs = {day["s"] if day else None for day in days}
    if len(files) < 2 or len(signs) > 1 or None in signs:
        return None
    (sign,) = signs
    return f"*{{yyyy}}{sign}{{MM}}{sign}{{dd}}*"


def resource(
    name: str, files: Sequence[Path], form: Form, understood: Understood, timezone: str | None
) -> dict[str, Any]:
    """The resource of one table's files."""
    fields: list[dict[str, Any]] = []
    for column, field in understood.fields.items():
        kind = kind_of(column, name)
        reading = understood.readings.get(column)
        properties = dict(reading.properties) if reading else {}
        standard = "number" if kind in ("NUMERIC", "INTEGER") else "string"
        fields.append({"name": field, "column": column, "type": standard, **properties})
    described: dict[str, Any] = {
        "name": name,
        "path": f"{name}/*",
        "encoding": form.encoding,
        "dialect": {"delimiter": form.delimiter, "quoteChar": form.quote, "headerRow": form.header_row},
        "schema": {"fields": fields},
    }
    if understood.missing:
        described["schema"]["missingValues"] = ["", *understood.missing]
    if understood.constants:
        described["constants"] = understood.constants
    if understood.zoned and timezone:
        described["timezone"] = timezone
    if understood.returns:
        field, values = understood.returns
        described["returns"] = {"field": field, "values": values}
    if name == "sales" and (pattern := arrival_pattern(files)):
        described["arrival"] = pattern
    return described


def write(lake: Path, resources: Sequence[tuple[Sequence[Path], Mapping[str, Any]]]) -> None:
    """Links the files into a new lake, and writes its descriptor.

    Raises:
        ConfigurationError: the folder has something in it, or cannot be written.
    """
    try:
        if lake.exists() and (not lake.is_dir() or any(lake.iterdir())):
            raise ConfigurationError(f"--out {lake}: is not empty: name a new folder")
        for files, described in resources:
            folder = lake / str(described["name"])
            folder.mkdir(parents=True, exist_ok=True)
            names = [file.name for file in files]
            for number, file in enumerate(files):
                # Files of several folders may have one name.
                own = file.name if names.count(file.name) == 1 else f"{number:04}-{file.name}"
                _link(folder / own, file.resolve())
        package = {"name": "sales-lake", "resources": [described for _, described in resources]}
        text = json.dumps(package, indent=2, ensure_ascii=False)
        (lake / NAME).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--out {lake}: cannot be written ({error.strerror}): name another folder") from None


def _link(target: Path, file: Path) -> None:
    try:
        target.symlink_to(file)
    except OSError:
        shutil.copyfile(file, target)
