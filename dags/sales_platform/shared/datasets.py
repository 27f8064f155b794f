"""Datasets that the tasks read and write: Airflow's lineage, and triggers for DAGs that run after these."""

from __future__ import annotations

from airflow.datasets import Dataset

from sales_job.tables import catalog

ARRIVALS = Dataset("sales-lake/sales_data")
REFERENCE_DATA = Dataset("sales-lake/reference_data")
ARCHIVE = Dataset("sales-archive/monthly")
TABLES = [Dataset(f"sales-warehouse/{table.name}") for table in catalog.published()]
