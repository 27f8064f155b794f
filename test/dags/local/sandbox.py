"""A lake and a warehouse, and the DAGs that `npm run dag` runs on them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[3]
JOB_PYTHON = str(ROOT / ".venv/job/bin/python")
HEADER = "transaction_id,product_id,store_id,quantity,unit_price,transaction_date,customer_id"
PRODUCTS = (
    "product_id,product_name,category,subcategory,brand,unit_price,cost_price,supplier_id,weight_kg,dimensions_cm,"
    "color,material,launch_date,discontinued\n"
    "P1,Soap,Home,,,2.00,1.10,,,,,,,N\n"
    "P2,Green tea,Food,,,5.00,2.00,,,,,,,N\n"
)
STORES = (
    "store_id,store_name,store_type,address,city,state,zip_code,country,region,manager_name,manager_email,phone,"
    "opening_date,store_size_sqft,parking_spaces,24_hour_store,store_location\n"
    'S1,Main Street,,,,,,,,,,,,,,N,"Austin, TX"\n'
)


TABLES = """
import duckdb, json, sys
warehouse = duckdb.connect(sys.argv[1], read_only=True)
tables = ("daily_sales_summary", "product_performance", "store_performance")
print(json.dumps({n: warehouse.execute(f"SELECT * FROM {n} ORDER BY ALL").fetchall() for n in tables}, default=str))
"""


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    lines: list[str]

    @property
    def summary(self) -> dict[str, Any]:
        """The last line, which is JSON."""
        summary: dict[str, Any] = json.loads(self.lines[-1])
        return summary


def user_environment() -> dict[str, str]:
    """The environment of a command that a user starts: it sets what Airflow needs, and gets no help from this one."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}


def job_environment() -> dict[str, str]:
    """The environment of programs that the DAGs run in the job's Python."""
    return {**user_environment(), "PYTHONPATH": f"{ROOT / 'dags'}:{ROOT / 'pyspark-jobs'}"}


class Sandbox:
    """A lake with one day of sales, and a warehouse that does not exist yet, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.lake, self.warehouse = folder / "lake", folder / "warehouse"

    def fill(self) -> Self:
        """Writes the lake: one line comes twice, one is bad and one late.

        A run with more than one bad line in twenty would be refused, so good lines fill the file.
        """
        self.write("reference_data/products.csv", PRODUCTS)
        self.write("reference_data/stores.csv", STORES)
        lines = [
            "T1,P1,S1,3,2.00,2026-03-03,C1",
            "T1,P2,S1,1,5.00,2026-03-03,C1",
            "T1,P2,S1,1,5.00,2026-03-03,C1",
            "T2,P1,S1,two,2.00,2026-03-03,C2",
            "T3,P1,S1,1,2.00,2026-03-02,",
            *(f"F{n},P2,S1,1,1.00,2026-03-03," for n in range(40)),
        ]
        self.write("sales_data/dt=2026-03-03/day.csv", "\n".join([HEADER, *lines]) + "\n")
        return self

    def write(self, name: str, text: str) -> None:
        """Writes a file of the lake."""
        path = self.lake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _run(self, *options: str) -> Finished:
        command = ["node", str(ROOT / "scripts/dag.mjs"), "--warehouse", str(self.warehouse), *options]
        done = subprocess.run(command, capture_output=True, text=True, env=user_environment())
        return Finished(done.returncode, done.stdout.splitlines())

    def daily(self, date: str, *options: str) -> Finished:
        """Runs the daily DAG for one day."""
        return self._run("--lake", str(self.lake), "--date", date, *options)

    def operate(self, dag: str) -> Finished:
        """Runs one of the other DAGs."""
        return self._run("--dag", dag)

    def program(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a module of the DAGs in the job's environment, as their tasks do, on this warehouse."""
        command = [JOB_PYTHON, "-m", module, str(self.warehouse), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=job_environment())

    def tables(self) -> dict[str, list[list[Any]]]:
        """The rows of the three summaries, sorted."""
        command = [JOB_PYTHON, "-c", TABLES, str(self.warehouse / "warehouse.duckdb")]
        tables: dict[str, list[list[Any]]] = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
        return tables

    def copy(self, folder: Path) -> Self:
        """The same, with everything that runs have left, in another folder."""
        # PostgreSQL's files belong to another user than this one.
        subprocess.run(["cp", "-a", f"{self.lake.parent}/.", folder], check=True)
        return type(self)(folder)

    def notifications(self) -> list[dict[str, Any]]:
        """Every notification so far."""
        return [json.loads(line) for line in (self.warehouse / "notifications.jsonl").read_text().splitlines()]


@dataclass(frozen=True)
class FirstDay:
    """A warehouse that has taken one day, and how the run ended; a test that changes it takes a copy."""

    sandbox: Sandbox
    run: Finished
