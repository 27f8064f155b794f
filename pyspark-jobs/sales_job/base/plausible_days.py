"""The days that a sales line may be of: those that BigQuery can partition a table by. The DAG's quality gate imports
them too, so this module needs the standard library only.
"""

from __future__ import annotations

import datetime as dt

from sales_job.base.sales_rules import RULES

FIRST_DAY = dt.date.fromisoformat(RULES["first_day"])
LAST_DAY = dt.date.fromisoformat(RULES["last_day"])
