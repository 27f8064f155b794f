"""Files as they come: names that some layer takes for a pattern or a scheme, and contents of every kind. No line is
lost, none is loaded wrong.
"""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from harness import Sandbox
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from database_utils import Database
from sales_job.base.errors import InputRefused
from sales_job.base.sales_columns import SALES_COLUMNS

HEADER = ",".join(SALES_COLUMNS)
ANY_SHARE = ("--max-bad-ratio", "1")

NAMES = (
    "sales[1].csv",
    "sales1.csv",
    "sales{a,b}.csv",
    "salesa.csv",
    "what?.csv",
    "whatx.csv",
    "all*.csv",
    "all.csv",
    "back\\slash.csv",
    "backslash.csv",
    "sales_2026-01-06T10:00:00.csv",
    "a%20b.csv",
    "a b.csv",
    "plus+#&=;!'(),$@~^`|<>.csv",
    "Köln äöü.csv",
    "emoji 🛒.csv",
    "line\nbreak.csv",
    'quote".csv',
    "UPPER.CSV",
    "packed.CSV.GZ",
    "Packed.csv.gz",
    " leading blank.csv",
    "-.csv",
    f"{'long' * 60}.csv",
)


def test_every_name_is_one_file(sandbox: Sandbox) -> None:
    for number, name in enumerate(NAMES):
        # A bad line names its file; line T<n> is in no other.
        path = sandbox.sales(f"dt=2026-01-06/{name.replace('.CSV.GZ', '.csv.gz')}", [
            f"T{number},P1,S1,1,1,2026-01-06,C1", f"B{number},P1,S1,none,1,2026-01-06,C1",
        ])  # fmt: skip
        path.rename(path.with_name(name))
    flat = sandbox.sales("flat[2].csv", ["T100,P1,S1,1,1,2026-01-06,C1"])
    done = sandbox.run(*ANY_SHARE)
    assert (done["rows_read"], done["rows_loaded"], done["files_passed_over"]) == (
        2 * len(NAMES) + 1,
        len(NAMES) + 1,
        0,
    )
    kept = sandbox.query("SELECT transaction_id, source_file FROM quarantined_sales")
    assert sorted(kept) == sorted((f"B{n}", f"sales_data/dt=2026-01-06/{name}") for n, name in enumerate(NAMES))
    # Nothing of the job is left in the lake, and no stand-in in the warehouse.
    assert sorted(path.name for path in flat.parent.iterdir()) == ["dt=2026-01-06", "flat[2].csv"]
    assert not list((sandbox.folder / "warehouse").rglob("_stand_ins"))


def test_lakes_and_warehouses_of_any_name(sandbox: Sandbox) -> None:
    sandbox.sales("dt=2026-01-06/a.csv", ["T1,P1,S1,1,1,2026-01-06,C1", "B1,P1,S1,0,1,2026-01-06,C1"])
    hostile = sandbox.folder / "my[1] {lake}* Ü"
    sandbox.lake.rename(hostile)
    sandbox.lake = hostile
    for _ in range(2):
        assert sandbox.run(*ANY_SHARE, warehouse="ware[house]* {1}")["rows_read"] == 2
    assert sandbox.query("SELECT source_file FROM quarantined_sales", "ware[house]* {1}") == [
        ("sales_data/dt=2026-01-06/a.csv",)
    ]


A, B, C = (f"T{n},P1,S1,1,1,2026-01-06,C1" for n in (1, 2, 3))
MORE = "fields are more than the header has"

CONTENTS: dict[str, tuple[str | bytes, list[str], list[str]]] = {
    # Content, the transactions that count, and the reasons of those that do not.
    "header LF, lines CR": (f"{HEADER}\n{A}\r{B}\r{C}\r", ["T1", "T2", "T3"], []),
    "header CRLF, lines CR": (f"{HEADER}\r\n{A}\r{B}\r{C}", ["T1", "T2", "T3"], []),
    "header CRLF, lines LF": (f"{HEADER}\r\n{A}\n{B}\n{C}\n", ["T1", "T2", "T3"], []),
    "header CR, lines LF": (f"{HEADER}\r{A}\n{B}\n{C}\n", ["T1", "T2", "T3"], []),
    "all CR": (f"{HEADER}\r{A}\r{B}\r", ["T1", "T2"], []),
    "CR, then LF": (f"{HEADER}\r{A}\r{B}\n{C}", ["T1", "T2", "T3"], []),
    "CRLF, LF and CR": (f"{HEADER}\r\n{A}\n{B}\r{C}\r\n", ["T1", "T2", "T3"], []),
    "header LF, lines CRLF": (f"{HEADER}\n{A}\r\n{B}\r\n", ["T1", "T2"], []),
    "a carriage return in quotes": (
        f"note,{HEADER}\n\"a\rb\",{A}\n\"c\r\nd\",{B}\ne,{C}\n", ["T1", "T2", "T3"], []
    ),
    "UTF-16, little end first": (b"\xff\xfe" + f"{HEADER}\r\n{A}\r\n{B}".encode("utf-16-le"), ["T1", "T2"], []),
    "UTF-16, big end first": (b"\xfe\xff" + f"{HEADER}\n{A}\r{B}".encode("utf-16-be"), ["T1", "T2"], []),
    "a byte order mark": (f"\ufeff{HEADER}\n{A}\n", ["T1"], []),
    "header names by rule": (
        f"{A}\n{B}\n".replace("", "", 1) and "Transaction ID,PRODUCT-ID, Store.Id ,Quantity,unit  price,"
        f"Transaction - Date,CUSTOMER_ID\n{A}\n", ["T1"], []
    ),
    "unknown columns of one name": (f"x,{HEADER},x,,\n1,{A},2,,\n", ["T1"], []),
    "empty lines before the header": (f"\n\n{HEADER}\n{A}\n", ["T1"], []),
    "lines of commas, blanks and nothing": (
        f"{HEADER}\n{A}\n,,,,,,\n\n  \n , ,\t,,,,\n\"\",,\n{B}\n,,,,,,,,,,\n", ["T1", "T2"], []
    ),
    "repeated headers": (
        f"{HEADER}\n{A}\n{HEADER}\n{B}\n\ufeff{HEADER.upper()}\n{C}\n", ["T1", "T2", "T3"], []
    ),
    "an unquoted comma in the last number": (
        "transaction_id,product_id,store_id,transaction_date,customer_id,quantity,unit_price\n"
        "T1,P1,S1,2026-01-06,C1,1,1,234.50\nT2,P1,S1,2026-01-06,C1,1,2\n", ["T2"], [MORE]
    ),
    "surplus that is empty": (f"{HEADER}\n{A},\n{B},,, ,\n{C}\n", ["T1", "T2", "T3"], []),
    "surplus behind an empty one": (f"{HEADER}\n{A},,,x\n{B}\n", ["T2"], [MORE]),
    "surplus behind quotes": (
        f'note,{HEADER}\n"a, ""b"", c",{A}\n"a, ""b"", c",{B},more\n5" pipe,{C}\n', ["T1", "T3"], [MORE]
    ),
    "two files glued together": (
        f"{HEADER}\n{A}\n{B}" + f"\ufeff{HEADER}\n{C}\n", ["T1", "T3"], [MORE]
    ),
    "fewer fields": (f"{HEADER}\nT1,P1,S1,1,1,2026-01-06\nT2,P1,S1,1,1\n", ["T1"], ["transaction_date is missing"]),
    "two stray quotes": (
        f'{HEADER}\n{A}\nT2,P1,S1,1,1,2026-01-06,"C1\nT8,P1,S1,1,1,2026-01-06,C1\nT9,P1,S1,1,1,2026-01-06,C1"\n{C}\n',
        ["T1", "T3"], ["customer_id holds a line break"],
    ),
    "a very long field": (f"note,{HEADER}\n{'x' * 300_000},{A}\n", ["T1"], []),
}  # fmt: skip


def test_every_content_is_read_right_or_named(sandbox: Sandbox) -> None:
    """All in one run, each as an arrival of its own, and each has a store of its own."""
    for number, (content, _, _) in enumerate(CONTENTS.values()):
        data = content.encode() if isinstance(content, str) else content
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        own = f",S{number},"
        data = (
            data.decode("utf-16").replace(",S1,", own).encode("utf-16") if wide else data.replace(b",S1,", own.encode())
        )
        sandbox.write(f"sales_data/dt=2026-03-{number + 1:02}/x.csv", data)
    sandbox.run(*ANY_SHARE)
    good = sandbox.query(
        "SELECT store_id, daily_transactions, daily_quantity FROM daily_sales_summary WHERE daily_revenue > 0"
    )
    bad = sandbox.query("SELECT source_file, reason FROM quarantined_sales ORDER BY ALL")
    for number, (name, (_, transactions, reasons)) in enumerate(CONTENTS.items()):
        counted = [row[1:] for row in good if row[0] == f"S{number}"]
        assert counted == [(len(transactions), len(transactions))], name
        found = [reason for file, reason in bad if file == f"sales_data/dt=2026-03-{number + 1:02}/x.csv"]
        assert len(found) == len(reasons), name
        assert all(reason.startswith(start) for reason, start in zip(found, reasons, strict=True)), (name, found)


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "gzip": ("x.csv", b"\x1f\x8b\x08\0", "x.csv: is packed by gzip: name it .csv.gz"),
    "spreadsheet": ("x.csv", b"PK\x03\x04rest", "x.csv: is a zip archive or a spreadsheet"),
    "UTF-16 without a mark": ("x.csv", HEADER.encode("utf-16-le"), "x.csv: is not text (it holds zero bytes)"),
    "semicolons": ("x.csv", HEADER.replace(",", ";").encode(), "its columns seem to be separated by ';'"),
    "tabs": ("x.csv", HEADER.replace(",", "\t").encode("utf-16"), "its columns seem to be separated by a tab"),
    "sep=": ("x.csv", f"sep=,\n{HEADER}\n".encode(), "the first line 'sep=,' is a spreadsheet's"),
    "two marks": ("x.csv", f"\ufeff\ufeff{HEADER}\n".encode(), "it has <U+FEFF>transaction_id"),
    "title": ("x.csv", f"Sales of May\n{HEADER}\n".encode(), "it has Sales of May: see `npm run inspect -- FILE`"),
    "like names": ("x.csv", HEADER.replace("store_id", "store no").encode(), "store no may be store_id"),
    "a long open quote": (
        "x.csv", f'{HEADER}\n{A}\n"'.encode() + f"{A}\n".encode() * 9000, "a quote in line 3 is never closed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_it_looks_like(sandbox: Sandbox, case: str) -> None:
    name, content, message = REFUSED[case]
    sandbox.write(f"sales_data/dt=2026-01-06/{name}", content)
    with pytest.raises(InputRefused) as error:
        sandbox.run()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_links_that_lead_nowhere(sandbox: Sandbox) -> None:
    sandbox.sales("dt=2026-01-06/a.csv", [A])
    folder = sandbox.lake / "sales_data/dt=2026-01-06"
    (folder / "README").symlink_to("nowhere")
    (sandbox.lake / "sales_data/loop").symlink_to("loop")
    done = sandbox.run()
    assert (done["rows_loaded"], done["files_passed_over"]) == (1, 2)
    (folder / "b.csv").symlink_to("b.csv")
    with pytest.raises(InputRefused, match=r"^sales_data/dt=2026-01-06/b.csv: cannot be opened \(Too many levels"):
        sandbox.run()


def test_what_is_passed_over_is_named_and_counted(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.sales("dt=2026-01-06/a.csv", [A])
    others = ("dt=2026-01-06/hour=13/b.csv", "dt=2026-1-6/c.csv", "dt=2026-01-06/d.csv.bz2", "dt=2026-01-06/._e.csv")
    for name in others:
        sandbox.write(f"sales_data/{name}", "x")
    done = sandbox.run("--start", "2026-01-06", "--end", "2026-01-07")
    assert (done["rows_loaded"], done["files_passed_over"]) == (1, 4)
    said = capsys.readouterr().err
    assert all(f"sales_data/{name}" in said for name in others)
    assert "files_passed_over" in said or sandbox.query("SELECT files_passed_over FROM etl_runs") == [(4,)]


FIELD = st.text(st.sampled_from('ab,"\n\r ;\u00a0é'), max_size=6)
ROWS = st.lists(st.lists(FIELD, min_size=1, max_size=9), max_size=6)


@st.composite
def random_files(draw: st.DrawFn) -> str:
    """A header and rows of any fields, well quoted, whose lines end in any way."""
    out = io.StringIO()
    for row in [list(SALES_COLUMNS), *draw(ROWS)]:
        csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"]))).writerow(row)
    return out.getvalue()


@given(files=st.lists(random_files(), min_size=30, max_size=30))
@settings(
    max_examples=2, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_as_many_lines_as_pythons_reader_sees(
    files: list[str], spark: SparkSession, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sandbox = Sandbox(tmp_path_factory.mktemp("random"), spark, database)
    expected: Counter[str] = Counter()
    for number, content in enumerate(files):
        name = f"sales_data/dt=2026-01-06/{number}.csv"
        sandbox.write(name, content)
        rows = list(csv.reader(io.StringIO(content, newline="")))[1:]
        expected[name] = sum(1 for row in rows if any(field.strip() for field in row))
    done = sandbox.run(*ANY_SHARE)
    kept = Counter(dict(sandbox.query("SELECT source_file, COUNT(*) FROM quarantined_sales GROUP BY ALL")))
    assert kept == +expected
    assert done["rows_read"] == expected.total()
