"""`npm run stream`, as the script calls it: messages of a file that grows, and the lines of an arrival."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import JOB
from sales_rows import inserts, tables

from sales_job.warehouse.duckdb import DuckDbWarehouse

ROOT = JOB.parent
sys.path[:0] = [str(ROOT)]

from rehearsal.report_page import document  # noqa: E402

DAY = dt.date(2026, 3, 31)


def stream(folder: Path, *options: str) -> tuple[int, list[str], str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/local/stream.py"), "--warehouse", str(folder), *options],
        capture_output=True, text=True, env={"PYTHONPATH": str(JOB)},
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    made = DuckDbWarehouse(tmp_path)
    made.prepare(made.changes())
    return tmp_path


def message(**changes: Any) -> str:
    texts = {"transaction_id": "T1", "product_id": "P1", "store_id": "S1", "quantity": "2", "unit_price": "2.50"}
    return json.dumps({**texts, "transaction_date": str(DAY), **changes}) + "\n"


def test_a_file_of_messages_may_grow(warehouse: Path) -> None:
    file = warehouse / "messages.jsonl"
    file.write_text(message() + message(quantity=3) + message(colour="red") + "[]\n{\n")
    code, lines, errors = stream(warehouse, "--messages", str(file))
    assert (code, lines) == (
        0,
        [
            "  2026-03-31 is open: 5.00 revenue, 1 transactions in 1 stores",
            '{"status": "done", "messages": 1, "refused": 4, "quarantined": 0, "open_days": ["2026-03-31"]}',
        ],
    )
    assert [line.split(": ", 2)[1:] for line in errors.splitlines()][:2] == [
        ["line 2", "quantity is not a text: it is refused"],
        ["line 3", "has the field 'colour', which is none of transaction_id, product_id, store_id, quantity, "
         "unit_price, transaction_date, customer_id, line_number: it is refused"],
    ]  # fmt: skip
    with file.open("a") as more:
        # Once more, a bad one, and another line.
        more.write(message() + message(quantity="two") + message(transaction_id="T2", quantity="-1"))
    _, lines, _ = stream(warehouse, "--messages", str(file))
    assert json.loads(lines[-1]) == {
        "status": "done",
        "messages": 3,
        "refused": 4,
        "quarantined": 1,
        "open_days": ["2026-03-31"],
    }
    # 5.00 less what came back.
    assert lines[0] == "  2026-03-31 is open: 2.50 revenue, 1 transactions in 1 stores"


def test_the_day_of_a_lake_arrives_and_its_run_closes_it(warehouse: Path) -> None:
    """The sample's last day: 134 lines, as `wc -l` counts them without the header."""
    sample = ROOT / "sample_data"
    code, lines, _ = stream(warehouse, "--lake", str(sample), "--day", str(DAY))
    count = len((sample / f"sales_data/dt={DAY}/sales.csv").read_text().splitlines()) - 1
    assert code == 0
    assert f"{count} of {count} messages" in lines
    assert json.loads(lines[-1])["messages"] == count
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        ((before,),) = connection.execute(
            f"SELECT COUNT(DISTINCT source) FROM sales_today WHERE transaction_date = DATE '{DAY}'"
        ).fetchall()
        rows = tables([
            {"transaction_date": DAY, "transaction_id": "T", "product_id": "P1", "store_id": "S1", "customer_key": None,
             "quantity": 1, "unit_price": 1, "amount": 1, "profit": 0}
        ])  # fmt: skip
        for statement in inserts({name: rows[name] for name in ("sales_lines", "daily_sales_summary")}):
            connection.execute(statement)
        connection.execute("INSERT INTO arrivals VALUES (?)", [str(DAY)])
    assert before == 1
    # Lines of other days are in the file too, late ones: their days have no arrival here and stay open.
    _, lines, _ = stream(warehouse)
    assert str(DAY) not in json.loads(lines[-1])["open_days"]


def test_the_report_is_written_after_each_part_and_loads_itself_again_until_the_last(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts/local"))
    import stream as command

    pages = []
    monkeypatch.setattr(command, "write", lambda path, content: pages.append((path.name, content)))
    (warehouse / "template").write_text("<REPORT_DOCUMENT>")
    options = ["--lake", str(ROOT / "sample_data"), "--day", str(DAY)]
    given = ["--warehouse", str(warehouse), *options, "--out", "day.html", "--template", str(warehouse / "template")]
    monkeypatch.setattr(sys, "argv", ["stream.py", *given])
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"missing": "no stack"}'))
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        # A page needs a day of the tables.
        connection.execute(
            "INSERT INTO daily_sales_summary BY NAME SELECT DATE '2026-03-24' AS transaction_date, 'S1' AS store_id, "
            "8 AS daily_revenue, 1 AS daily_quantity, 1 AS daily_transactions, 0 AS unique_customers, "
            "2 AS gross_profit, 0 AS returned_quantity, 0 AS returned_revenue"
        )
        connection.execute("INSERT INTO arrivals VALUES ('2026-03-24')")
    assert command.main() == 0
    shown = [document(content, "<REPORT_DOCUMENT>") for name, content in pages if name == "day.html"]
    assert [page.get("reload_seconds") for page in shown] == [3] * 9 + [None]
    assert shown[-1]["cost"] == {"missing": "no stack"}
    revenue = [sum(page["sales"]["today"]["revenue"]["limbs"][0]) for page in shown]
    assert len(set(revenue)) == 10
    today = shown[-1]["sales"]["today"]
    # Late lines of earlier days are in the file too; the day itself is a week after the only day of the tables.
    assert (max(today["day"]), today["compared"][-1]) == (7, 0)
    # No id of a customer, which the messages have.
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        found = connection.execute("SELECT DISTINCT customer_id FROM streamed_sales WHERE customer_id <> ''").fetchall()
    assert len(found) > 20
    assert not [one for (one,) in found if one in json.dumps(shown)]


def test_what_cannot_be_read_is_named(tmp_path: Path, warehouse: Path) -> None:
    code, _, errors = stream(tmp_path / "none")
    assert code == 2
    assert errors.endswith("has no warehouse.duckdb: run `npm run etl` on it first\n")
    code, _, errors = stream(warehouse, "--lake", str(ROOT / "sample_data"), "--day", "2020-01-01")
    assert code == 2
    assert "has no sales file: name a day that has one" in errors
    code, _, errors = stream(warehouse, "--day", "2026-03-31")
    assert code == 2
    assert "give --lake and --day together" in errors
