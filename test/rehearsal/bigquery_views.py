"""Makes the catalog's views over random rows in a BigQuery emulator; prints the rows of each, and those of plain
Python; and the documents of the report, without a limit of bytes and with one that nothing fits into. Run by the
emulators' Python, with further statements as JSON on standard input.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs"), str(ROOT / "test/job/support")]

from google.auth.credentials import AnonymousCredentials  # noqa: E402
from google.cloud import bigquery  # noqa: E402
from odd_lines import messages  # noqa: E402
from sales_rows import inserts, random_lines, tables  # noqa: E402
from views_oracle import VIEWS  # noqa: E402

from rehearsal.compare import view_query  # noqa: E402
from rehearsal.emulators import bigquery as emulator  # noqa: E402
from sales_job.base.sales_columns import READ_COLUMNS  # noqa: E402
from sales_job.report.document import read_document  # noqa: E402
from sales_job.report.queries import Query  # noqa: E402
from sales_job.tables import catalog  # noqa: E402
from sales_job.tables.view_catalog import SOURCE, views  # noqa: E402

PROJECT, DATASET = "local-project", "sales"


MESSAGES = [(str(number), *texts) for number, texts in enumerate(messages())]


def insert_messages() -> Iterator[str]:
    """Statements that insert the messages, one a second: JSON writes a text as BigQuery reads one."""
    names = ", ".join(("publish_time", "message_id", *READ_COLUMNS))

    def row(message: tuple[str | None, ...]) -> str:
        texts = ("NULL" if text is None else json.dumps(text, ensure_ascii=False) for text in message)
        at = dt.datetime(2026, 4, 3, 4, tzinfo=dt.UTC) + dt.timedelta(seconds=int(message[0] or 0))
        return f"(TIMESTAMP '{at:%Y-%m-%d %H:%M:%S}', {', '.join(texts)})"

    for start in range(0, len(MESSAGES), 100):
        rows = map(row, MESSAGES[start : start + 100])
        yield f"INSERT INTO {DATASET}.streamed_sales ({names}) VALUES {', '.join(rows)}"


def plain(value: Any) -> str | None:
    """A value as text, without trailing zeros."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return None if value is None else str(value)


def main(folder: Path) -> None:
    given = tables(random_lines(7, 500))
    with emulator(folder, PROJECT, folder / "bigquery.log") as url:
        client = bigquery.Client(
            project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": url}
        )
        client.create_dataset(DATASET)
        for table in (*catalog.published(), *catalog.streamed()):
            columns = [bigquery.SchemaField(column.name, column.type, column.mode) for column in table.columns]
            client.create_table(bigquery.Table(f"{PROJECT}.{DATASET}.{table.name}", columns))
        dataset = f"{PROJECT}.{DATASET}"
        config = bigquery.QueryJobConfig(default_dataset=dataset)
        for statement in json.load(sys.stdin):
            client.query(statement, job_config=config).result()
        for statement in (*inserts(given, f"{DATASET}."), *insert_messages()):
            client.query(statement).result()
        found = {}
        for view in views():
            made = bigquery.Table(f"{PROJECT}.{DATASET}.{view.name}")
            made.view_query = SOURCE.sub(rf"{PROJECT}.{DATASET}.\1", view.sql)
            client.create_table(made)
            rows = client.query(view_query(view, f"{PROJECT}.{DATASET}")).result()
            found[view.name] = sorted([list(map(plain, row.values())) for row in rows], key=str)

        def select(asked: Query) -> Any:
            return client.query(asked.sql, job_config=config).result()

        documents = [read_document(select), read_document(select, 0)]
    expected = {name: sorted([list(map(plain, row)) for row in rows(given)], key=str) for name, rows in VIEWS.items()}
    print(json.dumps({"found": found, "expected": expected, "documents": documents}))


main(Path(sys.argv[1]))
