"""Publishes the two days of ``test/job/support/publications.py`` in a BigQuery emulator by the job's own class, the
second one spoiled first; prints what is in the tables then. Run by the emulators' Python, with PySpark on its path.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs"), str(ROOT / "test/job/support")]

from google.auth.credentials import AnonymousCredentials  # noqa: E402
from google.cloud import bigquery  # noqa: E402

from rehearsal.emulators import bigquery as emulator  # noqa: E402
from sales_job.tables import catalog  # noqa: E402

PROJECT, DATASET = "local-project", "sales"
COST = {"bytes_billed": 10_485_760, "slot_seconds": 1.5, "worker_seconds": 4200.25, "cost_usd": 0.412}


def main(folder: Path) -> None:
    with emulator(folder, PROJECT, folder / "bigquery.log") as url:
        os.environ["BIGQUERY_EMULATOR_HOST"] = url
        from publications import FRIDAY, THURSDAY, Day, Rows, friday, money, publication, run_row, thursday

        from sales_job.base.arguments import Cloud
        from sales_job.base.errors import JobError
        from sales_job.base.google_api import GoogleApi
        from sales_job.publication import line_figures
        from sales_job.warehouse.bigquery import BigQueryWarehouse
        from sales_job.warehouse.bigquery_api import BigQueryApi
        from sales_job.warehouse.bigquery_tables import fields

        client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials())
        client.create_dataset(DATASET)
        api = BigQueryApi(GoogleApi(lambda: "token"), PROJECT, "US")
        for table in catalog.published():
            api.create_table(f"{PROJECT}.{DATASET}.{table.name}", fields(table))
        cloud = Cloud(PROJECT, "", "", "", "", "", "", "", DATASET, "")

        def stage(version: str, staged: Rows) -> BigQueryWarehouse:
            warehouse = BigQueryWarehouse(api, cloud, "", version)
            warehouse.prepare(warehouse.changes())
            with ThreadPoolExecutor(4) as pool:
                warehouse.staged.create(pool)
            for table in catalog.staged():
                rows = [dict(zip(table.column_names, row, strict=True)) for row in staged.get(table.name, [])]
                warehouse.staged.load(table.name, rows)
            return warehouse

        def publish(run_id: str, day: Day, version: str) -> str:
            warehouse = stage(version, day.staged)
            try:
                warehouse.publish(publication(run_id, day))
            except JobError as error:
                return str(error)
            return "done"

        def rows(sql: str) -> list[list[Any]]:
            return [list(row.values()) for row in client.query(sql).result()]

        def figures(refill: bool) -> dict[str, list[list[Any]]]:
            """What the warehouse computes of both days' lines while Thursday alone is published."""
            lines = [line for day in (thursday(), friday()) for line in day.staged["sales_lines"]]
            warehouse = stage(f"refill-{refill}", {"sales_lines": lines})
            found = {}
            for name, one in line_figures.statements(warehouse._naming, [THURSDAY], refill).items():
                warehouse.staged.insert(name, one)
                found[name] = rows(f"SELECT * FROM {warehouse._naming.staged(name)} ORDER BY 1, 2")
            return found

        spoiled = friday()
        date, store, _, *others = spoiled.staged["daily_figures"][0]
        spoiled.staged["daily_figures"][0] = (date, store, money("3.01"), *others)
        outcome = [publish("thursday", thursday(), "v-1"), publish("spoiled", spoiled, "v-2")]
        between = rows(f"SELECT transaction_date, daily_revenue FROM {DATASET}.daily_sales_summary")
        # The next run removes what the failed one left, and gives its publication up.
        following = BigQueryWarehouse(api, cloud, "", "v-3")
        following.settle(["v-2", "v-killed"])
        following.discard(["v-2"])
        left = sorted(table.table_id for table in client.list_tables(DATASET) if table.table_id.startswith("staged_"))
        computed = [figures(refill) for refill in (False, True)]
        outcome.append(publish("friday", friday(), "v-3"))
        outcome.append(publish("killed", friday(), "v-killed"))
        following.add_cost("friday", run_row("friday", FRIDAY)["started_at"], COST)
        result = {
            "outcome": outcome,
            "between": between,
            "left": left,
            "computed": computed,
            "runs": rows(f"SELECT run_id, {', '.join(COST)} FROM {DATASET}.etl_runs ORDER BY run_id"),
            "kept": rows(
                f"SELECT run_id, COUNT(*), COUNTIF(passed) FROM {DATASET}.quality_checks GROUP BY run_id ORDER BY 1"
            ),
            "failed": rows(
                f"SELECT check_name, value, expected FROM {DATASET}.quality_checks WHERE NOT passed ORDER BY check_name"
            ),
        }
        print(json.dumps(result, default=str))


main(Path(sys.argv[1]))
