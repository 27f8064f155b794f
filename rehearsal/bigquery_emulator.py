"""Starts bqemulator, with what it lacks of BigQuery's answers. Its options are environment variables (``BQEMU_*``).

Changed here, on the emulator's side alone:

- DuckDB's spatial extension is not loaded: it would be downloaded, and nothing here is GEOGRAPHY.
- A load job tells bytes and files, which the Spark connector reads.
- Columns have the type names that the API answers with, whatever name they were made with (INT64 is INTEGER).
- An upload may name its type ``*/*``, as the Python client does.
- A script takes query parameters, which the emulator binds for single statements only.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bqemulator.cli import main
from bqemulator.jobs import executor
from bqemulator.storage.engine import DuckDBEngine

LOADED = ("outputBytes", "inputFileBytes", "inputFiles", "badRecords")

API_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}


def _literal(parameter: dict[str, Any]) -> str:
    kind, value = parameter["parameterType"]["type"], parameter["parameterValue"].get("value")
    if value is None:
        return f"CAST(NULL AS {kind})"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"CAST('{text}' AS {kind})"


def with_parameters(sql: str, parameters: list[dict[str, Any]]) -> str:
    """A script with its named parameters as literals; text in quotes stays as it is."""
    values = {parameter["name"]: _literal(parameter) for parameter in parameters}
    pattern = re.compile(r"('(?:[^'\\]|\\.)*'|`[^`]*`)|@(\w+)")
    return pattern.sub(lambda match: match[1] or values[match[2]], sql)


def _adapt() -> None:
    DuckDBEngine._load_spatial = lambda self: None
    load, body = executor.execute_load_job, executor._run_query_body

    async def execute_load_job(*args: Any, **options: Any) -> Any:
        job = await load(*args, **options)
        # What a client asked for, in the log.
        print(json.dumps({"load": job.configuration["load"]}), flush=True)
        for key in LOADED:
            job.statistics["load"].setdefault(key, "0")
        return job

    async def run_query_body(*, bq_sql: str, query_params: Any, is_scripted: bool, **options: Any) -> Any:
        if is_scripted and query_params:
            bq_sql = with_parameters(bq_sql, query_params)
        return await body(bq_sql=bq_sql, query_params=query_params, is_scripted=is_scripted, **options)

    executor.execute_load_job, executor._run_query_body = execute_load_job, run_query_body
    # The routes take their functions when they are loaded.
    from bqemulator.api.routes import tables, upload

    parse = tables._parse_schema_fields

    def parse_schema_fields(fields: list[dict[str, Any]]) -> Any:
        return parse([{**field, "type": API_TYPES.get(field.get("type"), field.get("type"))} for field in fields])

    tables._parse_schema_fields = parse_schema_fields
    upload._PERMITTED_MEDIA_CONTENT_TYPES = (*upload._PERMITTED_MEDIA_CONTENT_TYPES, "*/*")


if __name__ == "__main__":
    _adapt()
    main(["start"])
