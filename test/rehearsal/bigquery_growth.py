"""Brings a dataset of an earlier version to the catalog's columns, in a BigQuery emulator, by the job's own class;
prints what came of it. Run by the emulators' Python, with PySpark on its path.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs")]

from google.auth.credentials import AnonymousCredentials  # noqa: E402
from google.cloud import bigquery  # noqa: E402

from rehearsal.emulators import bigquery as emulator  # noqa: E402
from sales_job.base.errors import ConfigurationError  # noqa: E402
from sales_job.tables import catalog  # noqa: E402

PROJECT, DATASET = "local-project", "sales"
NEW_COLUMN = "store_location"
"""A column of store_performance that the earlier version did not have."""


def main(folder: Path) -> None:
    with emulator(folder, PROJECT, folder / "bigquery.log") as url:
        os.environ["BIGQUERY_EMULATOR_HOST"] = url
        from sales_job.base.arguments import Cloud
        from sales_job.base.google_api import GoogleApi
        from sales_job.warehouse.bigquery import BigQueryWarehouse
        from sales_job.warehouse.bigquery_api import BigQueryApi
        from sales_job.warehouse.bigquery_tables import fields

        client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials())
        client.create_dataset(DATASET)
        api = BigQueryApi(GoogleApi(lambda: "token"), PROJECT, "US")
        warehouse = BigQueryWarehouse(api, Cloud(PROJECT, "", "", "", "", "", "", "", DATASET, ""), "", "v-1")

        def attempt() -> str:
            try:
                warehouse.prepare(warehouse.changes())
            except ConfigurationError as error:
                return str(error)
            return "done"

        def columns(table: str) -> list[tuple[str, str, str]]:
            schema = client.get_table(f"{PROJECT}.{DATASET}.{table}").schema
            return [(field.name, field.field_type, field.mode) for field in schema]

        result: dict[str, Any] = {"without tables": attempt()}
        for table in catalog.published():
            columns_before = [
                field for field in fields(table) if (table.name, field["name"]) != ("store_performance", NEW_COLUMN)
            ]
            api.create_table(f"{PROJECT}.{DATASET}.{table.name}", columns_before)
        client.query(
            f"INSERT INTO {DATASET}.store_performance (store_id, total_revenue, total_items_sold, unique_products, "
            "unique_customers, gross_profit) VALUES ('S1', 1, 1, 1, 1, 1)"
        ).result()
        result["grown"] = attempt()
        result["columns"] = columns("store_performance")
        # The emulator adds a column to the table's description alone, so the query names the others.
        query = (
            f"SELECT store_id, total_items_sold, returned_quantity, returned_revenue FROM {DATASET}.store_performance"
        )
        result["rows"] = [list(row.values()) for row in client.query(query).result()]
        result["state"] = {table.name: columns(table.name) for table in catalog.state()}
        result["again"] = [str(change) for change in warehouse.changes()]
        table = client.get_table(f"{PROJECT}.{DATASET}.line_versions")
        table.schema = [*table.schema, bigquery.SchemaField("note", "STRING")]
        client.update_table(table, ["schema"])
        result["removed"] = attempt()
        print(json.dumps(result, default=str))


main(Path(sys.argv[1]))
