"""The DAG run by real Airflow, with real Spark and PostgreSQL, on lakes written here; figures worked out by hand."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_log_metrics import found

ROOT = Path(__file__).resolve().parents[2]
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


@dataclass
class Finished:
    code: int
    lines: list[str]
    errors: str

    @property
    def summary(self):
        return json.loads(self.lines[-1])


class Sandbox:
    def __init__(self, folder: Path) -> None:
        self.lake, self.warehouse = folder / "lake", folder / "warehouse"
        self.write("reference_data/products.csv", PRODUCTS)
        self.write("reference_data/stores.csv", STORES)
        # One line comes twice and one is bad; more than one bad line in twenty would be refused, so good ones fill
        # the file.
        fill = [f"F{n},P2,S1,1,1.00,2026-03-03," for n in range(40)]
        lines = [
            "T1,P1,S1,3,2.00,2026-03-03,C1",
            "T1,P2,S1,1,5.00,2026-03-03,C1",
            "T1,P2,S1,1,5.00,2026-03-03,C1",
            "T2,P1,S1,two,2.00,2026-03-03,C2",
            # Late: belongs to the day before.
            "T3,P1,S1,1,2.00,2026-03-02,",
        ]
        self.write("sales_data/dt=2026-03-03/day.csv", "\n".join([HEADER, *lines, *fill]) + "\n")

    def write(self, name: str, text: str) -> None:
        path = self.lake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def dag(self, date: str, *more: str) -> Finished:
        options = ["--lake", str(self.lake), "--warehouse", str(self.warehouse), "--date", date, *more]
        done = subprocess.run(
            ["node", str(ROOT / "scripts/dag.mjs"), *options],
            capture_output=True,
            text=True,
            # The command sets what Airflow needs; nothing of this process's may help.
            env={name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        )
        return Finished(done.returncode, done.stdout.splitlines(), done.stderr)

    def tables(self) -> dict[str, list]:
        names = ("daily_sales_summary", "product_performance", "store_performance")
        code = (
            "import duckdb, json, sys\n"
            "c = duckdb.connect(sys.argv[1], read_only=True)\n"
            "rows = {n: c.execute(f'SELECT * FROM {n} ORDER BY ALL').fetchall() for n in sys.argv[2:]}\n"
            "print(json.dumps(rows, default=str))"
        )
        command = [str(ROOT / ".venv/job/bin/python"), "-c", code, str(self.warehouse / "warehouse.duckdb"), *names]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def copy(self, folder: Path, kind: type | None = None):
        """The same with everything that runs have left, in another folder."""
        # PostgreSQL's files belong to another user than this one.
        subprocess.run(["cp", "-a", f"{self.lake.parent}/.", folder], check=True)
        return (kind or type(self))(folder)

    def told(self) -> list[dict]:
        return [json.loads(line) for line in (self.warehouse / "notifications.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def sandbox(first_day, tmp_path_factory):
    """A warehouse with one day in it; every test leaves its tables as they are."""
    return first_day.copy(tmp_path_factory.mktemp("dag"))


def test_a_day(sandbox, first_day):
    done = first_day.first
    assert done.code == 0, done.lines
    summary = done.summary
    assert summary["status"] == "done"
    assert {name: summary[name] for name in summary if name.startswith(("rows_", "unmatched_"))} == {
        "rows_read": 45,
        "rows_loaded": 43,
        "rows_duplicate": 1,
        "rows_quarantined": 1,
        "unmatched_products": 0,
        "unmatched_stores": 0,
    }
    assert (summary["revenue_added"], summary["gross_profit_added"]) == (53, -33.4)
    tables = sandbox.tables()
    # Day: 6 + 5 + 40 = 51; profit 3 x 0.90 + 3.00 + 40 x (1.00 - 2.00) = -34.30. Late day: 2.00, 0.90.
    assert tables["daily_sales_summary"] == [
        ["2026-03-02", "S1", "Main Street", "Austin, TX", "2.000000000", 1, 1, 0, "0.900000000"],
        ["2026-03-03", "S1", "Main Street", "Austin, TX", "51.000000000", 44, 41, 1, "-34.300000000"],
    ]
    assert [row[:5] for row in tables["product_performance"]] == [
        ["P1", "Soap", "Home", "8.000000000", 4],
        ["P2", "Green tea", "Food", "45.000000000", 41],
    ]


def test_what_comes_after_the_tables(sandbox):
    source = sandbox.lake / "sales_data/dt=2026-03-03/day.csv"
    copy = sandbox.warehouse / "archives/monthly/2026-03/dt=2026-03-03/day.csv"
    assert copy.read_bytes() == source.read_bytes()
    assert "53.00" in (sandbox.warehouse / "report.html").read_text()
    told = sandbox.told()[0]
    assert (told["status"], told["days"], told["rows_loaded"]) == ("done", "2026-03-03", 43)


def test_the_metrics_of_the_stack_take_the_line_that_the_run_wrote(sandbox, first_day, dev_stack):
    # Named after the logical date, the day after the one that is taken.
    log = (sandbox.warehouse / "airflow/logs/2026-03-04.log").read_text()
    (line,) = [line for line in log.splitlines() if '"event":' in line]
    assert found(dev_stack, "textPayload", line) == {
        "sales_pipeline_runs": ({"status": "done"}, None),
        "sales_rows_read": ({}, "45"),
        "sales_rows_loaded": ({}, "43"),
        "sales_rows_duplicate": ({}, "1"),
        "sales_rows_quarantined": ({}, "1"),
        "sales_revenue_added": ({}, "53.0"),
        "sales_gross_profit_added": ({}, "-33.4"),
        "sales_run_seconds": ({}, str(first_day.first.summary["seconds"])),
    }


def test_the_same_day_again_changes_nothing(sandbox):
    before = sandbox.tables()
    assert sandbox.dag("2026-03-03").code == 0
    assert sandbox.tables() == before
    assert len(list((sandbox.warehouse / "archives").rglob("*.csv"))) == 1


def test_a_day_without_arrival_is_skipped_and_told(sandbox):
    before = sandbox.tables()
    done = sandbox.dag("2026-03-05")
    assert (done.code, done.summary["status"], done.summary["rows_read"]) == (0, "no_arrival", 0)
    assert "  run_sales_job" not in done.lines
    assert sandbox.told()[-1]["status"] == "no_arrival"
    assert sandbox.tables() == before


def test_refused_input_fails_at_once_with_the_jobs_line(sandbox):
    before = sandbox.tables()
    sandbox.write("sales_data/dt=2026-03-06/cut.csv", HEADER.replace(",quantity", "") + "\n")
    done = sandbox.dag("2026-03-06")
    assert done.code == 3
    line = "sales_data/dt=2026-03-06/cut.csv: the header lacks quantity"
    assert done.lines[-2].startswith(f"error: run_sales_job: {line}")
    assert done.summary["status"] == "refused"
    assert sandbox.told()[-1]["reason"].startswith(line)
    assert sandbox.tables() == before


def test_bad_lines_are_loaded_by_a_run_that_is_told_so(sandbox):
    lines = ["T9,P1,S1,1,2.00,2026-03-07,C1", "T9,P1,S1,none,2.00,2026-03-07,C1"]
    sandbox.write("sales_data/dt=2026-03-07/half.csv", "\n".join([HEADER, *lines]) + "\n")
    done = sandbox.dag("2026-03-07", "--max-bad-ratio", "0.5")
    assert (done.code, done.summary["status"]) == (0, "done")
    assert (done.summary["rows_loaded"], done.summary["rows_quarantined"]) == (1, 1)


def test_a_missing_reference_file_is_refused_before_spark_starts(sandbox):
    path = sandbox.lake / "reference_data/stores.csv"
    path.rename(path.with_suffix(".away"))
    try:
        done = sandbox.dag("2026-03-03")
    finally:
        path.with_suffix(".away").rename(path)
    assert done.code == 3
    assert done.lines[-2].startswith("error: check_reference_data: reference_data/stores.csv is missing")
    assert "  run_sales_job" not in done.lines


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--lake", "L", "--warehouse", "W"], "error: --date is missing"),
        (["--lake", "L", "--warehouse", "W", "--date", "2026-02-30"], "error: --date '2026-02-30' is not a day"),
        (["--lake", "L", "--warehouse", "W", "--date", "2026-02-03"], "error: --lake L: there is no such folder"),
        (["--day", "2026-02-03"], "error: Unknown option '--day'"),
        (
            ["--lake", "L", "--warehouse", "W", "--date", "2026-02-03", "--max-bad-ratio", "half"],
            "error: --max-bad-ratio 'half' is not a share between 0 and 1",
        ),
        (
            ["--dag", "restore_drill", "--warehouse", "W", "--max-bad-ratio", "0.5"],
            "error: --max-bad-ratio: restore_drill takes no such option",
        ),
    ],
)
def test_wrong_arguments(tmp_path, options, line):
    done = subprocess.run(
        ["node", str(ROOT / "scripts/dag.mjs"), *options], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
