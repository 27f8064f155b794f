"""The operator that refreshes a materialized view."""

from __future__ import annotations

from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator
from google.api_core.exceptions import GoogleAPICallError

GOES_ON = "already being refreshed"
"""BigQuery's words for a refresh that another one makes superfluous."""


class RefreshOperator(BigQueryInsertJobOperator):
    """Calls ``BQ.REFRESH_MATERIALIZED_VIEW``. A refresh that goes on already is as good."""

    def execute(self, context: Any) -> Any:
        """Returns the id of the query job."""
        try:
            return super().execute(context)
        except (AirflowException, GoogleAPICallError) as error:
            if GOES_ON not in str(error):
                raise
            self.log.info("%s", error)
            return self.job_id
