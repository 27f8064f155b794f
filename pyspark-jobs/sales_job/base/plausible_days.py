"""The days that a sales line may be of: those that BigQuery can partition a table by. The DAG's quality gate imports
them too, so this module needs the standard library only.
"""

from __future__ import annotations

import datetime as dt

FIRST_DAY = dt.date(1960, 1, 1)
LAST_DAY = dt.date(2159, 12, 31)
