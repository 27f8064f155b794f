"""Keys of customers: as the standard says, kept in one place, and shown nowhere."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import logging
import re
import stat
import sys
from pathlib import Path

import duckdb
import pytest
from harness import Sandbox, job
from oracle import CUSTOMER_KEY
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

sys.path.append(str(Path(__file__).resolve().parents[3] / "scripts/local"))

from write_report import local_document

from sales_job.base.errors import ConfigurationError
from sales_job.lines.customer_key import CustomerKey, keyed
from sales_job.lines.figures import COSTS
from sales_job.lines.merge_lines import KEY
from sales_job.targets import local
from sales_job.warehouse import duckdb_lines


def keys_by_duckdb(folder: Path, key: CustomerKey, *texts: str | None) -> list[str | None]:
    """The keys of lines in a file of the line store."""
    # Signs of patterns and names of columns in the folders above are only signs.
    file = folder / "customer_id=[9] 'o'" / "transaction_date=2026-01-02/version=V/part.parquet"
    file.parent.mkdir(parents=True)
    kinds = {name: "VARCHAR" for name in KEY if name != "transaction_date"} | dict.fromkeys(COSTS, "BIGINT")
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE lines ({columns}, first_arrival STRUCT(day_offset INT, carried_over BOOLEAN))"
        )
        named = [(number, text) for number, text in enumerate(texts)]
        connection.executemany("INSERT INTO lines BY NAME SELECT ? AS transaction_id, ? AS customer_id", named)
        connection.table("lines").write_parquet(str(file))
        duckdb_lines.read(connection, [file], False, key)
        query = f"SELECT transaction_date, customer_key FROM ({duckdb_lines.SALES_LINES}) ORDER BY transaction_id"
        rows = connection.execute(query).fetchall()
    assert {day for day, _ in rows} == {dt.date(2026, 1, 2)}
    return [customer_key for _, customer_key in rows]


def keys_of(spark: SparkSession, key: CustomerKey, *texts: str | None) -> list[str | None]:
    key.open(spark)
    frame = spark.createDataFrame([(number, text) for number, text in enumerate(texts)], "number int, text string")
    return [row.key for row in frame.select("number", F.expr(keyed("text")).alias("key")).orderBy("number").collect()]


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        # RFC 4231, test cases 1, 2 and 6, whose key is longer than a block.
        (b"\x0b" * 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            b"\xaa" * 131,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_keys_are_those_of_the_standard(
    spark: SparkSession, tmp_path: Path, key: bytes, text: str, expected: str
) -> None:
    assert keys_of(spark, CustomerKey(key), text) == [expected]
    assert keys_by_duckdb(tmp_path, CustomerKey(key), text) == [expected]


def test_keys_are_those_of_python(spark: SparkSession, tmp_path: Path) -> None:
    texts = ["C1", "C2", "K\u00f6hler \u20ac", "x" * 200, " "]
    expected = [hmac.new(CUSTOMER_KEY, text.encode(), "sha256").hexdigest() for text in texts]
    assert keys_of(spark, CustomerKey(CUSTOMER_KEY), *texts, None) == [*expected, None]
    # Two lines of one customer have one key.
    twice = [*texts, None, texts[0]]
    assert keys_by_duckdb(tmp_path, CustomerKey(CUSTOMER_KEY), *twice) == [*expected, None, expected[0]]


def test_a_key_is_shown_nowhere(spark: SparkSession, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = CustomerKey(CUSTOMER_KEY)
    key.open(spark)
    frame = spark.createDataFrame([("C1",)], "customer_id string").select(F.expr(keyed("customer_id")).alias("key"))
    frame.collect()
    execution = frame._jdf.queryExecution()
    modes = spark.sparkContext._jvm.org.apache.spark.sql.execution.ExplainMode  # type: ignore[union-attr]
    plans = [execution.explainString(modes.fromString(mode)) for mode in ("extended", "codegen", "cost", "formatted")]
    shown = " ".join([repr(key), str(key), key.id, *plans, execution.toString(), caplog.text]).lower()
    assert "scalar-subquery" in shown
    for byte in (0, 0x36, 0x5C):
        # Spark writes bytes in hexadecimal digits; eight bytes are enough to see.
        assert bytes(one ^ byte for one in CUSTOMER_KEY[8:16]).hex() not in shown


def test_another_key_has_another_name() -> None:
    names = {CustomerKey(bytes([number] * 32)).id for number in range(9)}
    assert len(names) == 9
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_the_first_run_makes_the_key_and_later_ones_keep_it(tmp_path: Path) -> None:
    # A run was killed while it wrote the file.
    (tmp_path / "customer_key.new").write_text("0123")
    made = local.customer_key(tmp_path)
    file = tmp_path / "customer_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch("[0-9a-f]{64}\n", file.read_text())
    assert local.customer_key(tmp_path).digits == made.digits == file.read_text().strip()
    (tmp_path / "other").mkdir()
    assert local.customer_key(tmp_path / "other").digits != made.digits


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "G" * 64, "AB" * 32])
def test_a_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "customer_key").write_text(text)
    with pytest.raises(ConfigurationError) as error:
        local.customer_key(tmp_path)
    assert str(error.value).startswith(
        f"{tmp_path}/customer_key: holds no 64 hexadecimal digits in lower case: restore"
    )


def test_another_key_reaches_every_line(sandbox: Sandbox) -> None:
    """As after a file was lost: the next run of any day gives all customers new keys, and counts each once."""
    for day in ("02", "03"):
        sandbox.sales(
            f"dt=2026-01-{day}/a.csv", [f"T{day},P1,S1,1,2.00,2026-01-{day},C1", f"T{day},P1,S1,1,2,2026-01-01,C2"]
        )
        sandbox.day(f"2026-01-{day}")
    lost = sandbox.folder / "warehouse/customer_key"
    lost.write_text("ab" * 32)
    done = sandbox.day("2026-01-03")
    assert done["dates"] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    expected = {hmac.new(bytes.fromhex("ab" * 32), name, "sha256").hexdigest() for name in (b"C1", b"C2")}
    assert {key for (key,) in sandbox.query("SELECT customer_key FROM sales_lines")} == expected
    stores = "SELECT customer_key, store_id, line_count FROM customer_stores"
    assert {row[0] for row in sandbox.query(stores)} == expected
    assert sandbox.query("SELECT unique_customers FROM store_performance") == [(2,)]
    # After that a day costs a day again.
    assert sandbox.day("2026-01-03")["dates"] == ["2026-01-01", "2026-01-03"]


@pytest.mark.processes
def test_no_customer_is_in_a_table_a_log_the_summary_or_the_report(sandbox: Sandbox) -> None:
    """Bad lines, which are kept as they came, aside."""
    customers = [f"zq{number}@example.org" for number in range(40)]
    lines = [
        f"T{number},P{number % 2 + 1},S1,{quantity},2.50,2026-01-0{number % 5 + 1},{customer}"
        for number, customer in enumerate(customers)
        for quantity in (1, -1, 2)
    ]
    bad = "T900,P1,S1,many,1.00,2026-01-01,zq0@example.org"
    sandbox.sales("dt=2026-01-05/a.csv", [*lines, *lines[:7], bad])
    sandbox.sales("dt=2026-01-06/a.csv", [*lines[:30], "T901,P1,S2,1,1,2026-01-02,ZQ0@example.org", bad])
    warehouse = sandbox.folder / "own"
    options = ["--lake", str(sandbox.lake), "--warehouse", str(warehouse)]
    days = ["--start", "2026-01-05", "--end", "2026-01-06"]
    runs = [job(*options, *days), job(*options), job(*options, "--max-bad-ratio", "0"), job(*options, "--rebuild")]
    assert [run.code for run in runs] == [0, 0, 3, 0], [run.stderr for run in runs]
    texts = [text for run in runs for text in (run.stdout, run.stderr)]
    tables = [name for (name,) in sandbox.query("SELECT table_name FROM duckdb_tables()", "own")]
    assert {"sales_lines", "customer_stores", "quality_checks"} <= set(tables)
    texts += [str(sandbox.query(f"FROM {name}", "own")) for name in tables if name != "quarantined_sales"]
    texts += [str(row) for row in sandbox.query("SELECT * EXCLUDE (customer_id) FROM quarantined_sales", "own")]
    document = local_document(warehouse / "warehouse.duckdb")
    assert document["quality"]["quarantined"]
    assert document["sales"]["loyalty"]["segments"]["segment"]
    texts.append(json.dumps(document, ensure_ascii=False))
    assert all("zq" not in text.lower() for text in texts)
    key = (warehouse / "customer_key").read_text().strip()
    assert all(key not in text for text in texts)
    # The two that differ by case are counted without being named.
    counted = "SELECT rule, value FROM quality_checks WHERE check_name = 'ids_alike' AND NOT passed"
    assert ("no two ids differ by case, invisible characters or Unicode form alone: two customers", 1) in sandbox.query(
        counted, "own"
    )
