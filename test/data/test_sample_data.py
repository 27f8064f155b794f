"""The sample data equals its script's output and its README; the job's tables on it equal those of plain Python."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "pyspark-jobs")]

from oracle import Result, compute, first_fault, records  # noqa: E402

from sales_job.base.sales_columns import READ_COLUMNS, SALES_COLUMNS  # noqa: E402
from sales_job.tables import reference_columns  # noqa: E402
from sales_job.warehouse.duckdb_views import translate  # noqa: E402

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def expected() -> Result:
    return compute(SAMPLE)


def test_the_script_makes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "scripts/sample_data/make_sample_data.py"), "--out", str(tmp_path)], check=True
    )
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.rglob("*.csv*")}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize(
    ("pattern", "columns"),
    [
        ("sales_data/**/*.csv*", SALES_COLUMNS),
        *[
            (
                f"reference_data/{table.name}.csv",
                tuple(column.name for column in table.columns if column.warn_if_missing),
            )
            for table in reference_columns.tables()
        ],
    ],
)
def test_the_headers_are_what_the_job_reads(pattern: str, columns: tuple[str, ...]) -> None:
    files = sorted(SAMPLE.glob(pattern))
    assert files
    for file in files:
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8-sig")
        # By name: one day's file has them in another order, one has a column more.
        assert set(columns) - set(text.splitlines()[0].split(",")) == set(), file


def test_the_readme_explains_the_columns_of_a_sales_file() -> None:
    listed = re.findall(r"^\| `(\w+)` +\|", (SAMPLE / "README.md").read_text(), re.MULTILINE)
    assert tuple(listed) == READ_COLUMNS


def test_the_readme_tells_the_figures(expected: Result) -> None:
    late = sum(
        row["transaction_date"] < path.parent.name.removeprefix("dt=")
        for path in SAMPLE.glob("sales_data/dt=*/*")
        for row in records(path)
        if first_fault(row) is None
    )
    figures = {
        "lines read": expected.rows_read,
        "lines loaded": len(expected.lines),
        "returns among them": sum(not line.is_sale for line in expected.lines),
        "lines of a weighed product": sum(line.product_id == "P044" for line in expected.lines),
        "duplicate lines": expected.duplicates,
        "bad lines, quarantined": expected.bad.total(),
        "transactions": len({line.transaction_id for line in expected.lines if line.is_sale}),
        "customers": len({line.customer_id for line in expected.lines if line.is_sale} - {""}),
        "lines of guests": sum(line.customer_id == "" for line in expected.lines),
        "lines that arrive after their day": late,
        "loaded lines without a product row": expected.unmatched_products,
        "loaded lines without a store row": expected.unmatched_stores,
        "revenue": sum(row[4] for row in expected.daily),
        "returned revenue": sum(row[10] for row in expected.daily),
        "gross profit": sum(row[8] for row in expected.daily),
        "rows of `daily_sales_summary`": len(expected.daily),
    }
    table = re.findall(r"^\| (.+?) +\| ([\d,.]+) +\|$", (SAMPLE / "README.md").read_text(), re.MULTILINE)
    assert dict(table) == {name: f"{value:,}" for name, value in figures.items()}


def test_it_has_what_its_readme_describes(expected: Result) -> None:
    days = {line.transaction_date for line in expected.lines}
    assert (min(days), max(days), len(days)) == (date(2026, 1, 1), date(2026, 3, 31), 90)
    weekday = [sum(line.transaction_date.weekday() == day for line in expected.lines) for day in range(7)]
    assert weekday.index(max(weekday)) == 5
    folders = sorted(path.name for path in (SAMPLE / "sales_data").glob("dt=*"))
    assert (folders[0], folders[-1], len(folders)) == ("dt=2026-03-02", "dt=2026-03-31", 30)
    for folder in folders:
        rows = [row for path in (SAMPLE / "sales_data" / folder).iterdir() for row in records(path)]
        bad = sum(first_fault(row) is not None for row in rows)
        assert 0 < bad <= 2
        assert bad / len(rows) < 0.05
    products = list(records(SAMPLE / "reference_data/products.csv"))
    assert (len(products), len({row["category"] for row in products})) == (60, 6)
    stores = list(records(SAMPLE / "reference_data/stores.csv"))
    assert (len(stores), len({row["region"] for row in stores})) == (8, 4)
    by_store = {row[0]: row[3] for row in expected.stores}
    assert by_store["S01"] > 3 * by_store["S08"]


def test_it_has_returns_weights_and_an_item_scanned_twice(expected: Result) -> None:
    returns = [line for line in expected.lines if not line.is_sale]
    assert 0.02 < len(returns) / len(expected.lines) < 0.03
    corrections = [line for line in returns if not line.transaction_id.startswith("R")]
    assert 0.2 < len(corrections) / len(returns) < 0.3
    # Every return is of a sale before it, at its price, of at most its quantity.
    sold = {line[1:3] + line[4:5] + line[6:7]: Decimal(0) for line in expected.lines if line.is_sale}
    for line in expected.lines:
        sold[line[1:3] + line[4:5] + line[6:7]] += line.quantity
    assert min(sold.values()) >= 0
    assert {line.product_id for line in expected.lines if line.quantity % 1} == {"P044"}
    same = [line for line in expected.lines if line._replace(line_number="1") in expected.lines]
    assert sorted(line.line_number for line in same if line.line_number != "1") == ["2"]


def sample_queries() -> list[tuple[str, str]]:
    """The catalog's sample queries of what a run fills; not of the forecast, and of messages."""
    files = sorted((ROOT / "pyspark-jobs/sales_job/tables").glob("*/*.json"))
    samples = {path.stem: json.loads(path.read_text()).get("sample") for path in files}
    return [
        (name, translate("\n".join(lines)))
        for name, lines in samples.items()
        if lines and name not in ("revenue_forecast", "forecast_accuracy", "streamed_quarantine")
    ]


def run_job(warehouse: Path, *options: str) -> dict[str, object]:
    done = subprocess.run(
        [
            sys.executable, str(ROOT / "pyspark-jobs/sales_analytics_direct.py"),
            "--lake", str(SAMPLE), "--warehouse", str(warehouse), *options,
        ],
        capture_output=True, text=True, timeout=300, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return summary


def test_the_job_makes_the_tables_of_plain_python(expected: Result, tmp_path: Path) -> None:
    # First only the last ten arrival days, then everything: what was taken before must not count twice.
    first = run_job(tmp_path, "--start", "2026-03-22", "--end", "2026-04-01")
    summary = run_job(tmp_path)
    # The amounts that the runs added sum to the totals.
    for name, column in (("revenue_added", 4), ("gross_profit_added", 8)):
        parts = [Decimal(str(run.pop(name))) for run in (first, summary)]
        assert min(parts) > 0
        # The summary rounds each to four decimals.
        assert abs(sum(parts) - sum(row[column] for row in expected.daily)) <= Decimal("0.0001")
    counts = {key: value for key, value in summary.items() if key not in ("dates", "seconds", "run_id")}
    assert counts == {
        "status": "done",
        "rows_read": expected.rows_read,
        "rows_loaded": len(expected.lines),
        "rows_duplicate": expected.duplicates,
        "rows_quarantined": expected.bad.total(),
        "unmatched_products": expected.unmatched_products,
        "unmatched_stores": expected.unmatched_stores,
        "files_passed_over": 0,
        "warnings": [],
    }
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        tables = [
            connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()
            for name in ("daily_sales_summary", "product_performance", "store_performance")
        ]
        reasons = connection.execute("SELECT split_part(reason, ' ', 1), count(*) FROM quarantined_sales GROUP BY 1")
        assert dict(reasons.fetchall()) == dict(expected.bad)
        assert [name for name, sample in sample_queries() if not connection.execute(sample).fetchall()] == []
    assert tables == [expected.daily, expected.products, expected.stores]
