"""What the tasks read and write, for Airflow's lineage and for DAGs that want to run after this one."""

from __future__ import annotations

from airflow.datasets import Dataset

ARRIVALS = Dataset("sales-lake/sales_data")
REFERENCE_DATA = Dataset("sales-lake/reference_data")
ARCHIVE = Dataset("sales-archive/monthly")
TABLES = [
    Dataset(f"sales-warehouse/{table}")
    for table in ("daily_sales_summary", "product_performance", "store_performance", "quarantined_sales")
]
