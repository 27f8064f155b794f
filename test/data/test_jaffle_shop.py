"""Data that this project did not write: jafgen's years of a sandwich chain, through the importer and the job."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]

HAND_MADE = {
    "stores": "id,name,opened_at,tax_rate\nS-1,Philadelphia,2018-09-01T00:00:00,0.06\n",
    "products": "sku,name,type,price,description\nJAF-1,toastie,jaffle,1100,a\nBEV-1,tea,beverage,450,b\n",
    "supplies": "id,name,cost,perishable,sku\nA,knife,7,False,JAF-1\nB,bread,33,True,JAF-1\nC,cup,9,False,BEV-1\n",
    "orders": (
        "id,customer,ordered_at,store_id,subtotal,tax_paid,order_total\n"
        "O-1,C-1,2018-09-01T14:03:00,S-1,2650,159,2809\n"
        "O-2,C-2,2018-09-01T23:59:59,S-1,450,27,477\n"
        "O-3,C-1,2018-09-02T08:00:00,S-1,1100,66,1166\n"
    ),
    "items": "id,order_id,sku\n1,O-1,JAF-1\n2,O-1,BEV-1\n3,O-1,JAF-1\n4,O-2,BEV-1\n5,O-3,JAF-1\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"raw_{name}.csv").write_text(text)
    return folder


def run_import(source: Path, lake: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(ROOT / "scripts/sample_data/import_jaffle_shop.py"),
        "--from",
        str(source),
        "--lake",
        str(lake),
    ]
    return subprocess.run(command, capture_output=True, text=True)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_three_orders_by_hand(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    done = run_import(write(tmp_path / "source", HAND_MADE), lake)
    assert (done.returncode, done.stderr) == (0, "")
    header = "transaction_id,product_id,store_id,quantity,unit_price,transaction_date,customer_id\n"
    assert (lake / "sales_data/dt=2018-09-01/sales.csv").read_text() == (
        f"{header}O-1,JAF-1,S-1,2,11.00,2018-09-01,C-1\n"
        "O-1,BEV-1,S-1,1,4.50,2018-09-01,C-1\n"
        "O-2,BEV-1,S-1,1,4.50,2018-09-01,C-2\n"
    )
    assert (lake / "sales_data/dt=2018-09-02/sales.csv").read_text() == (
        f"{header}O-3,JAF-1,S-1,1,11.00,2018-09-02,C-1\n"
    )
    products = read(lake / "reference_data/products.csv")
    assert [(p["product_id"], p["category"], p["unit_price"], p["cost_price"], p["brand"]) for p in products] == [
        ("JAF-1", "jaffle", "11.00", "0.40", ""),
        ("BEV-1", "beverage", "4.50", "0.09", ""),
    ]
    (store,) = read(lake / "reference_data/stores.csv")
    assert (store["store_id"], store["store_name"], store["opening_date"]) == ("S-1", "Philadelphia", "2018-09-01")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("supplies", None, "raw_supplies.csv is missing"),
        ("orders", "id,customer\n", "raw_orders.csv: the header lacks ordered_at, store_id"),
        (
            "products",
            "sku,name,type,price\nJAF-1,toastie,jaffle,11.00\n",
            "raw_products.csv JAF-1: '11.00' is not an amount",
        ),
        ("items", "id,order_id,sku\n1,O-1,JAF-9\n", "raw_items.csv 1: product 'JAF-9' is not in raw_products.csv"),
        ("items", "id,order_id,sku\n1,O-9,JAF-1\n", "raw_items.csv: order 'O-9' is not in raw_orders.csv"),
    ],
)
def test_wrong_input_is_named_and_leaves_nothing(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    files = {**HAND_MADE, name: text or ""}
    source = write(tmp_path / "source", files)
    if text is None:
        (source / f"raw_{name}.csv").unlink()
    done = run_import(source, tmp_path / "lake")
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_year_reconciles_to_the_cent(tmp_path: Path) -> None:
    subprocess.run([str(Path(sys.executable).with_name("jafgen")), "1"], cwd=tmp_path, check=True, capture_output=True)
    source, lake, warehouse = tmp_path / "jaffle-data", tmp_path / "lake", tmp_path / "warehouse"
    assert run_import(source, lake).returncode == 0
    job = [sys.executable, str(ROOT / "pyspark-jobs/sales_analytics_direct.py")]
    done = subprocess.run(
        [*job, "--lake", str(lake), "--warehouse", str(warehouse)],
        capture_output=True, text=True, env=dict(os.environ), timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["rows_duplicate"], summary["rows_quarantined"]) == (0, 0)
    assert (summary["unmatched_products"], summary["unmatched_stores"]) == (0, 0)

    # The orders know their own totals; they were not used to make the lake.
    revenue: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    customers: dict[tuple[str, str], set[str]] = defaultdict(set)
    orders: Counter[tuple[str, str]] = Counter()
    for order in read(source / "raw_orders.csv"):
        key = order["ordered_at"][:10], order["store_id"]
        if order["subtotal"] != "0":  # an order without items is not a sale
            revenue[key] += Decimal(order["subtotal"]) / 100
            customers[key].add(order["customer"])
            orders[key] += 1
    with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
        daily = connection.execute(
            "SELECT transaction_date::VARCHAR, store_id, daily_revenue, daily_transactions, unique_customers, "
            "daily_quantity FROM daily_sales_summary"
        ).fetchall()
    assert len(orders) > 300
    assert {row[:2]: row[2] for row in daily} == dict(revenue)
    assert {row[:2]: row[3] for row in daily} == dict(orders)
    assert {row[:2]: row[4] for row in daily} == {key: len(people) for key, people in customers.items()}
    assert sum(row[5] for row in daily) == len(read(source / "raw_items.csv"))
