"""What the job says of a file of products or stores: the rows it would load, or why it would refuse them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sales_job.base.errors import JobError
from sales_job.lake import data_package, file_integrity
from sales_job.lake.translate import decode, translate
from sales_job.tables import reference_columns


def check(paths: Sequence[Path], described: Mapping[str, Any]) -> None:
    """Prints the verdict."""
    # It imports the job's Spark and database libraries, which takes a second.
    from sales_job.reference import reference_data

    (path,) = paths
    table = str(described["name"])
    sales = {"name": "sales", "path": "sales/*"}
    resource = data_package.parse(json.dumps({"resources": [sales, described]}).encode())[table]
    try:
        data = file_integrity.unpacked(path.name, path.read_bytes())
        text = translate(path.name, decode(path.name, data, resource), resource)
        said: list[str] = []
        rows = reference_data.parse(path.name, text, reference_columns.table(table), said.append)
    except JobError as error:
        print(f"\n{table}: the job would refuse this file: {error}")
        return
    print(f"\n{table}: {len(rows)} rows")
    for warning in said:
        print(f"  {warning}")
