"""Scans of the tables by Knowledge Catalog: started after a run, and read when they have ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.google.cloud.hooks.dataplex import DataplexHook

from sales_platform.google.connection import CONNECTION
from sales_platform.settings import CloudSettings

DONE, FAILED, CANCELLED = "SUCCEEDED", "FAILED", "CANCELLED"


def start(settings: CloudSettings, scans: Sequence[str]) -> list[str]:
    """Asks for each scan, and does not wait: a scan takes minutes.

    Returns:
        the names of the scans' jobs, ``projects/P/locations/L/dataScans/SCAN/jobs/JOB``.
    """
    hook = DataplexHook(gcp_conn_id=CONNECTION)
    where = {"project_id": settings.pyspark_project_id, "region": settings.region}
    return [str(hook.run_data_scan(data_scan_id=scan, **where).job.name) for scan in scans]


def faults(settings: CloudSettings, jobs: Sequence[str]) -> list[str] | None:
    """The rules that do not hold, each with its scan, and scans that could not run; None until all jobs have ended."""
    hook = DataplexHook(gcp_conn_id=CONNECTION)
    found: list[str] = []
    for name in jobs:
        *_, scan, _, job_id = name.split("/")
        job = hook.get_data_scan_job(
            project_id=settings.pyspark_project_id, region=settings.region, data_scan_id=scan, job_id=job_id
        )
        if job.state.name in (FAILED, CANCELLED):
            found.append(f"{scan}: could not run: {job.message or job.state.name.lower()}")
        elif job.state.name != DONE:
            return None
        else:
            found += [f"{scan}: {_rule(one.rule)}" for one in job.data_quality_result.rules if not one.passed]
    return found


def _rule(rule: Any) -> str:
    return f"{rule.name} ({rule.description})" if rule.description else str(rule.name)
