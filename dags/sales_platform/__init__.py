"""Modules that the DAG files share. Airflow searches the files beside this package for DAGs, not the package itself
(.airflowignore).
"""

import sys
from pathlib import Path

JOB_ARCHIVE = Path(__file__).with_name("sales_job.zip")
"""The job's package as the stack ships it to Composer; the DAGs read its catalog of tables."""

# On a machine there is no archive: PYTHONPATH holds the job's folder. Last, so that Airflow's own packages go before.
if JOB_ARCHIVE.exists() and str(JOB_ARCHIVE) not in sys.path:
    sys.path.append(str(JOB_ARCHIVE))
