"""Random small lakes with all the awkward forms that tills and exports have delivered."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from sales_job.base.sales_columns import READ_COLUMNS, SALES_COLUMNS

FLAT = ""
ARRIVALS = ("2025-03-01", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-05", "2027-08-15")
"""Some are earlier than the days of their lines, some hundreds of days later."""

BLANKS = ("", " ", "\t", "\u00a0", " \u2003", "\u3000\t", "\x85", "\u2028")

texts = st.sampled_from
transactions = texts([*(f"T{n}" for n in range(1, 7)), "T, 7", 'T"8"', "T\n9", "Ü-10", "T 11", "null", "#12", "12"])
products = texts(["P1", "P2", "P3", "P1,5", "p1", "01", "1", "P,9", "unknown"])
stores = texts(["S1", "S2", "S3", "Süd", "nowhere"])
customers = texts(["", "", "C1", "C2", "C3", "c1", "NULL", '"C"'])
line_numbers = texts(["", "", "1", "2", "02", "b"])
days = texts(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"] * 3 + ["2024-02-29", "1960-01-01", "2159-12-31"])
# The product of the largest quantity and the largest price would leave no room for a second such line in a total.
quantities = texts(["1", "2", "3", "40", "0.25", "1.5", "0.001", "-1", "-2", "-0.75"])
amounts = st.one_of(
    st.tuples(quantities, texts(["0", "0.1", "2.5", "3.3333", "19.99", "120", "0.0001"])),
    st.tuples(texts(["7", "250", "-7", "0.125"]), texts(["99999999999999.9999", "12345678901234"])),
    st.tuples(texts(["999999999999999", "100000000000000", "-999999999999999.999"]), texts(["1", "0.07"])),
)

BAD = {
    "transaction_id": ["", " ", "\u3000"],
    "product_id": ["", "\t\u00a0"],
    "store_id": ["", " \x85 "],
    "quantity": [
        "", "0", "00", "-0", "0.000", "+", "-", ".", "1.2345", "0.0001", "1,5", "1e3", "two", "1 000", "\uff11", "NaN",
        "1000000000000000", "-1000000000000000", "1_0", "--1", "- 1", "1-", "1.5.0",
    ],
    "unit_price": [
        "", "-0.01", "1.99999", "1,99", "$1", "1e2", ".", "NaN", "++1", "1.5f", "0x1", "100000000000000",
        "1.-5", "1.+5", "1.5 0", "1.2.3", "-0", "1.\uff15", "1. 5", " ", "1_0", "1.00001",
    ],
    "transaction_date": [
        "", "2026-02-30", "2026-2-3", "02.01.2026", "20260102", "2026-01-02T00:00Z", "2026-01-02T24:00",
        "0000-01-01", "2026-W01-1",
        "2026-01- 2", "today", "1900-02-29", "+2026-01-1", "\uff12026-01-01",
        "2026-01-1T", "+026-01-01", "2026-1-011", "2026/01/01", "2026-00-10", "2026-01-00", "20260-1-01",
        "0001-01-01", "1959-12-31", "2160-01-01", "9999-12-31",
    ],
}  # fmt: skip


@st.composite
def good_lines(draw: st.DrawFn) -> dict[str, str]:
    quantity, price = draw(amounts)
    values = (draw(transactions), draw(products), draw(stores), quantity, price, draw(days), draw(customers))
    return dict(zip(READ_COLUMNS, (*values, draw(line_numbers)), strict=True))


@st.composite
def written(draw: st.DrawFn, line: dict[str, str]) -> dict[str, str]:
    """A line as one of the ways to write it, seldom a bad one."""
    kind = draw(texts(["plain", "plain", "numbers", "blanks", "bad", "empty"]))
    line = dict(line)
    if kind == "numbers":
        whole, _, decimals = line["unit_price"].partition(".")
        line["unit_price"] = f"0{whole}." + decimals.ljust(draw(st.integers(1, 4)), "0")
        line["unit_price"] = draw(texts(["", "+"])) + line["unit_price"] + draw(texts(["", "00000"]))
        line["quantity"] = _otherwise(draw, line["quantity"])
        line["transaction_date"] += draw(texts(["", " 08:26", "T23:59:59.5", " 7:05:00"]))
    elif kind == "blanks":
        for name in draw(st.sets(texts(READ_COLUMNS), min_size=1)):
            line[name] = draw(texts(BLANKS)) + line[name] + draw(texts(BLANKS))
    elif kind == "bad":
        for name in draw(st.sets(texts(sorted(BAD)), min_size=1, max_size=2)):
            line[name] = draw(texts(BAD[name]))
    elif kind == "empty":
        line = dict.fromkeys(READ_COLUMNS, "")
    return line


def _otherwise(draw: st.DrawFn, quantity: str) -> str:
    """A quantity in one of the other ways to write it."""
    sign, digits = ("-", quantity[1:]) if quantity.startswith("-") else (draw(texts(["", "+"])), quantity)
    if "." in digits:
        return sign + draw(texts([digits, f"0{digits}", f"{digits}00000", digits.removeprefix("0")]))
    return sign + draw(texts(["00", ""])) + digits + draw(texts(["", ".", ".00", ".000000"]))


@dataclass(frozen=True)
class SalesFile:
    """A file of one arrival."""

    name: str
    content: bytes


@st.composite
def sales_files(draw: st.DrawFn, pool: list[dict[str, str]], number: int) -> SalesFile:
    rows = [draw(written(line)) for line in draw(st.lists(texts(pool), min_size=draw(texts([5, 0])), max_size=12))]
    known = draw(texts([SALES_COLUMNS, SALES_COLUMNS, READ_COLUMNS]))
    columns = [*draw(st.permutations(known)), *draw(texts([[], [], ["note"], ["", "till", ""]]))]
    columns = columns[::-1] if draw(st.booleans()) else columns
    out = io.StringIO()
    ending = draw(texts(["\n", "\r\n"]))
    writer = csv.writer(out, lineterminator=ending, quoting=draw(texts([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])))
    header = [f" {name} " if name and draw(st.booleans()) else name for name in columns]
    writer.writerow([name.replace("_", draw(texts(["_", " ", "-", ". "]))) for name in header])
    for row in rows:
        fields = [row.get(name, 'a "note",\nlonger') for name in columns]
        # Empty fields at the end of a line may be missing.
        short = draw(st.booleans()) and fields[-1] == "" and any(fields)
        surplus = draw(texts([[], [], [], [], [""], ["", " "], ["more"], ["", "x"]]))
        writer.writerow(fields[:-1] if short else [*fields, *surplus])
        # No lines: empty ones, those of blanks, and repeated headers.
        if draw(texts([False] * 9 + [True])):
            writer.writerow(columns)
        out.write(draw(texts(["", "", "", "", ending, f" \t{ending}", f'""{ending}'])))
    text = out.getvalue()
    text = text if draw(st.booleans()) else text.removesuffix(ending)
    content = text.encode("utf-8-sig" if draw(st.booleans()) else "utf-8")
    name = draw(texts(["a.csv", "odd name+%41.csv", "Köln.csv", "packed.csv.gz"]))
    packed = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
    return SalesFile(f"{number}-{name}", packed)


@dataclass(frozen=True)
class Step:
    """Arrivals that come (or come again, changed), and the run that takes them: an interval, or everything."""

    delivered: dict[str, list[SalesFile]]
    interval: tuple[str, str] | None

    def deliver(self, lake: Path) -> None:
        """Writes the arrivals into a lake, in place of their earlier files."""
        sales = lake / "sales_data"
        for arrival, files in self.delivered.items():
            folder = sales if arrival == FLAT else sales / f"dt={arrival}"
            for old in folder.glob("*.csv*") if folder.is_dir() else ():
                old.unlink()
            folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                (folder / file.name).write_bytes(file.content)

    def takes(self, lake: Path) -> set[str]:
        """The arrivals of the lake that the run takes."""
        found = {path.parent.name.removeprefix("dt=") for path in (lake / "sales_data").glob("dt=*/*")}
        if self.interval:
            return {day for day in found if self.interval[0] <= day < self.interval[1]}
        return found | ({FLAT} if any((lake / "sales_data").glob("*.csv*")) else set())


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Arrivals in any order, alone or several in one run, and then some of them again: changed or as they were."""
    pool = draw(st.lists(good_lines(), min_size=12, max_size=20))

    def files() -> list[SalesFile]:
        count = draw(st.integers(1, 3))
        return [draw(sales_files(pool, number)) for number in range(count)]

    order = draw(st.permutations([FLAT, *ARRIVALS]))[: draw(st.integers(3, 6))]
    contents = {arrival: files() for arrival in order}
    again = draw(texts(order))
    runs = [*_runs(draw(st.booleans()), order), [again]]
    steps = []
    for position, run in enumerate(runs):
        if position == len(runs) - 1 and draw(st.booleans()):
            contents[again] = files()
        taken = sorted(run)
        interval = None if FLAT in taken else (taken[0], _next(taken[-1]))
        steps.append(Step({arrival: contents[arrival] for arrival in run}, interval))
    return steps


def _next(day: str) -> str:
    return str(dt.date.fromisoformat(day) + dt.timedelta(days=1))


def _runs(in_pairs: bool, order: list[str]) -> list[list[str]]:
    return [order[at : at + 2] for at in range(0, len(order), 2)] if in_pairs else [[arrival] for arrival in order]


def empty(lake: Path) -> None:
    """Removes all sales of a lake."""
    shutil.rmtree(lake / "sales_data", ignore_errors=True)
