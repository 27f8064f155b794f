"""Fills daily_sales_summary in a BigQuery emulator and runs the forecast's script after each of a few changes; prints
both tables after each. Run by the emulators' Python, with a folder and the steps as JSON on standard input: lists of
statements.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs")]

from google.auth.credentials import AnonymousCredentials  # noqa: E402
from google.cloud import bigquery  # noqa: E402

from rehearsal.emulators import bigquery as emulator  # noqa: E402
from sales_job.forecast.bigquery import TABLES, script  # noqa: E402
from sales_job.tables import catalog  # noqa: E402

PROJECT, DATASET = "local-project", "sales"


def main(folder: Path) -> None:
    steps: list[list[str]] = json.load(sys.stdin)
    with emulator(folder, PROJECT, folder / "bigquery.log") as url:
        client = bigquery.Client(
            project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": url}
        )
        client.create_dataset(DATASET)
        for table in ("daily_sales_summary", *TABLES):
            columns = [
                bigquery.SchemaField(column.name, column.type, column.mode)
                for column in catalog.table("published", table).columns
            ]
            client.create_table(bigquery.Table(f"{PROJECT}.{DATASET}.{table}", columns))
        found = []
        for statements in steps:
            for statement in (*statements, script(f"{PROJECT}.{DATASET}")):
                client.query(statement).result()
            found.append(
                {
                    table: [[None if value is None else str(value) for value in row.values()] for row in rows]
                    for table in TABLES
                    for rows in [client.query(f"SELECT * FROM `{PROJECT}.{DATASET}.{table}` ORDER BY 1, 2").result()]
                }
            )
    print(json.dumps(found))


main(Path(sys.argv[1]))
