"""The forecast that BigQuery makes itself: a script that fills ``revenue_forecast`` and ``forecast_accuracy``.

Standard library only: Airflow runs it.
"""

from __future__ import annotations

from importlib import resources

from sales_job.tables.view_catalog import SOURCE

MODEL = "TimesFM 2.5"
"""BigQuery's own model, the name that AI.FORECAST takes; the default, named so that a change of the default does not
change the tables (https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-ai-forecast).
"""

TABLES = ("forecast_accuracy", "revenue_forecast")
"""The tables that the script writes."""


def script(dataset: str) -> str:
    """The script.

    Args:
        dataset: ``project.dataset`` of the tables. A script's own statements need whole names.
    """
    text = (resources.files("sales_job.forecast") / "revenue_forecast.sql").read_text("utf-8").strip()
    return SOURCE.sub(rf"{dataset}.\1", text.replace("${model}", MODEL))
