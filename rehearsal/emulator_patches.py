"""Changes to bqemulator, where it lacks an answer of BigQuery. Nothing else in a rehearsal touches its private names.

The emulator's version is pinned in requirements/emulators.txt; a newer one may make a patch superfluous. The SQL and
the clients are those that BigQuery gets.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bqemulator.jobs import executor
from bqemulator.storage.engine import DuckDBEngine

STATISTICS = ("outputBytes", "inputFileBytes", "inputFiles", "badRecords")
API_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}


def patch() -> None:
    """Applies every patch; call it before the emulator loads its routes."""
    skip_spatial_extension()
    report_and_log_load_jobs()
    bind_parameters_of_scripts()
    forecast_the_last_days_again()
    name_types_as_the_api_does()
    accept_uploads_of_any_type()
    refuse_known_job_ids()


def skip_spatial_extension() -> None:
    """The engine installs DuckDB's spatial extension from the network. No column here is GEOGRAPHY."""
    DuckDBEngine._load_spatial = lambda self: None  # type: ignore[method-assign]


def report_and_log_load_jobs() -> None:
    """The Spark connector reads the statistics of a load job, which the emulator leaves out.

    The log gets the configuration of each load job, for the tests.
    """
    load = executor.execute_load_job

    async def execute_load_job(*args: Any, **options: Any) -> Any:
        job = await load(*args, **options)
        print(json.dumps({"load": job.configuration["load"]}), flush=True)
        for key in STATISTICS:
            job.statistics["load"].setdefault(key, "0")
        return job

    executor.execute_load_job = execute_load_job


def bind_parameters_of_scripts() -> None:
    """The emulator binds query parameters of single statements only; the job publishes by a script with parameters."""
    body = executor._run_query_body

    async def run_query_body(*, bq_sql: str, query_params: Any, is_scripted: bool, **options: Any) -> Any:
        if is_scripted and query_params:
            bq_sql = with_parameters(bq_sql, query_params)
        return await body(bq_sql=bq_sql, query_params=query_params, is_scripted=is_scripted, **options)

    executor._run_query_body = run_query_body


FORECAST = re.compile(r"AI\.FORECAST\(\s*\((SELECT[^()]*)\),[^()]*\)")
"""A call of AI.FORECAST, with the query of the history."""

LAST_DAYS_AGAIN = """(
  SELECT
    past.store_id,
    TIMESTAMP(DATE_ADD(past.transaction_date, INTERVAL 28 DAY)) AS forecast_timestamp,
    CAST(past.revenue AS FLOAT64) AS forecast_value,
    CAST(past.revenue AS FLOAT64) * 0.75 AS prediction_interval_lower_bound,
    CAST(past.revenue AS FLOAT64) * 1.25 AS prediction_interval_upper_bound
  FROM (\\1) AS past
  CROSS JOIN (SELECT MAX(transaction_date) AS last_day FROM (\\1)) AS known
  WHERE past.transaction_date > DATE_SUB(known.last_day, INTERVAL 28 DAY)
)"""


def forecast_the_last_days_again() -> None:
    """The emulator has no AI.FORECAST. The last 28 days, a quarter up and down, stand for what the model would say."""
    body = executor._run_query_body

    async def run_query_body(*, bq_sql: str, **options: Any) -> Any:
        return await body(bq_sql=FORECAST.sub(LAST_DAYS_AGAIN, bq_sql), **options)

    executor._run_query_body = run_query_body


def name_types_as_the_api_does() -> None:
    """BigQuery answers with INTEGER for a column that was created as INT64; the emulator answers as it was asked."""
    from bqemulator.api.routes import tables

    parse = tables._parse_schema_fields

    def parse_schema_fields(raw_fields: list[dict[str, Any]]) -> tuple[Any, ...]:
        return parse([{**field, "type": API_TYPES.get(field["type"], field["type"])} for field in raw_fields])

    tables._parse_schema_fields = parse_schema_fields


def accept_uploads_of_any_type() -> None:
    """The Python client uploads rows with the media type ``*/*``, which the emulator refuses."""
    from bqemulator.api.routes import upload

    permitted: Any = upload._PERMITTED_MEDIA_CONTENT_TYPES
    upload._PERMITTED_MEDIA_CONTENT_TYPES = (*permitted, "*/*")


def refuse_known_job_ids() -> None:
    """BigQuery runs one job of an id, ever; the emulator would run another. The job's publications rest on it."""
    from bqemulator.api.routes import jobs
    from bqemulator.domain.errors import AlreadyExistsError

    handle = jobs._handle_query_job

    async def handle_query_job(project_id: str, job_id: str, *others: Any, ctx: Any, **options: Any) -> Any:
        if ctx.catalog.get_job(project_id, job_id) is not None:
            raise AlreadyExistsError(f"Already Exists: Job {project_id}:{job_id}")
        return await handle(project_id, job_id, *others, ctx=ctx, **options)

    jobs._handle_query_job = handle_query_job


def with_parameters(sql: str, parameters: list[dict[str, Any]]) -> str:
    """A script in which literals replace the named parameters; quoted text stays as it is."""
    values = {parameter["name"]: _literal(parameter) for parameter in parameters}
    pattern = re.compile(r"('(?:[^'\\]|\\.)*'|`[^`]*`)|@(\w+)")
    return pattern.sub(lambda match: match[1] or values[match[2]], sql)


def _literal(parameter: dict[str, Any]) -> str:
    kind, value = parameter["parameterType"]["type"], parameter["parameterValue"].get("value")
    if value is None:
        return f"CAST(NULL AS {kind})"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"CAST('{text}' AS {kind})"
