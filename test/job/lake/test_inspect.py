"""``npm run inspect``: what it understands of other people's files, and the lake that it writes."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from harness import JOB, Sandbox

from sales_job.base.errors import ConfigurationError
from sales_job.base.sales_columns import SALES_COLUMNS

sys.path.insert(0, str(JOB.parent))

from scripts.inspect.main import main
from scripts.inspect.reading import load, trimmed
from scripts.inspect.verdict import judge

GERMAN = (
    "Kasse 7;;;;;;\nRechnungsnummer;Artikel;Filiale;Menge;Einzelpreis;Datum;Kunde\n"
    '1;"Süß;1";F1;2;1.234,50;13.02.2011 08:26;K1\n2;B;F1;-1;3,5;01.02.2011 09:00;\n'
    "2;B;F1;1;3,5;01.02.2011 09:00;\n2;B;F1;1;3,5;01.02.2011 09:00;\n3;;F1;1;3,5;01.02.2011 09:00;\n"
)


def test_a_german_export_becomes_a_lake_that_the_job_takes(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "Umsätze[1].csv"
    file.write_bytes(GERMAN.encode("cp1252"))
    lake = tmp_path / "written"
    assert main([str(file), "--out", str(lake)]) == 0
    said = capsys.readouterr().out
    for part in (
        "encoding cp1252, separated by ';', quoted by \", header in row 2",
        "unit_price: '1.234,50' in line 3: decimal comma",
        "transaction_date: '13.02.2011 08:26' in line 3: day first",
        "5 lines: 4 good, 1 of them duplicates, 1 returns, 1 bad",
        "1 lines: product_id is missing, such as line 7",
        "1 lines equal the one before them",
        # 2 x 1234.50 - 3.50 + 3.50
        "2 days from 2011-02-01 to 2011-02-13, revenue 2,469.0000",
        f"npm run etl -- --lake {lake}",
    ):
        assert part in said
    sandbox.lake = lake
    done = sandbox.run("--max-bad-ratio", "1")
    assert (done["rows_read"], done["rows_loaded"], done["rows_duplicate"], done["rows_quarantined"]) == (5, 3, 1, 1)
    assert done["revenue_added"] == 2469


HEAD = "transaction_id,product_id,store_id,quantity,unit_price,transaction_date,customer_id\n"


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("1,P,S,1,1.5,31/01/2026,C\n", [], "'31/01/2026' in line 2: day first"),
        ("1,P,S,1,1.5,01/31/2026 8:05 PM,C\n", [], "'01/31/2026 8:05 PM' in line 2: month first"),
        ("1,P,S,1,1.5,01/02/2026,C\n", ["--dates", "day-first"], "from 2026-02-01 to 2026-02-01"),
        ("1,P,S,1,1.5,01/02/2026,C\n", ["--dates", "month-first"], "from 2026-01-02 to 2026-01-02"),
        ("1,P,S,1,1.234,2026-01-02,C\n", ["--decimal", "point"], "revenue 1.2340"),
        ("1,P,S,1,1.234,2026-01-02,C\n", ["--decimal", "comma"], "revenue 1,234.0000"),
        ("1,P,S,1,$1.50,2026-01-02,C\n", [], "revenue 1.5000"),
        ("1,P,S,2,\"1,234.50\",20260102,C\n", [], "revenue 2,469.0000"),
        ("1,P,S,1,1.5,2026-01-02T08:26:00,C\n", [], "1 lines: 1 good"),
        ("1,P,S,1,1.5,2026-01-31T23:30:00Z,C\n", ["--timezone", "Europe/Berlin"], "from 2026-02-01 to 2026-02-01"),
        ("1,P,S,1,1,2026-01-02,C\n" * 40 + "1,P,S,1,1,5,2026-01-02,C\n", [], "1 lines: fields are more than"),
    ],
)  # fmt: skip
def test_forms_and_their_evidence(
    text: str, options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(HEAD + text)
    assert main([str(tmp_path / "x.csv"), *options]) == 0
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (HEAD + "1,P,S,1,1.5,01/02/2026,C\n", [], "may be day or month first: --dates day-first|month-first"),
        (
            HEAD + "1,P,S,1,1.234,2026-01-02,C\n", [],
            "'1.234' in line 2 may be thousands or decimals: --decimal comma|point",
        ),
        (HEAD + "1,P,S,1,1.5,2026-01-02T08:26:00Z,C\n", [], "--timezone ZONE"),
        (
            HEAD.replace("store_id", "area") + "1,P,S,1,1,2026-01-02,C\n", [],
            "which field is store_id? --column store_id=FIELD, or --constant store_id=VALUE",
        ),
        (HEAD + "1,P,S,1,1,2026-01-02,C\n", ["--column", "colour=x"], "--column colour=x: write --column COLUMN=..."),
        (HEAD + "1,P,S,1,1,2026-01-02,C\n", ["--returns", "kind=R"], "--returns kind=R: write FIELD=VALUE,... with"),
        (HEAD + "1,P,S,1,1,2026-01-02,C\n", ["--returns", "store_id="], "--returns store_id=: write FIELD=VALUE"),
    ],
)  # fmt: skip
def test_what_it_cannot_know_is_asked_and_never_guessed(
    content: str, options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(ConfigurationError) as error:
        main([str(tmp_path / "x.csv"), *options])
    assert message in str(error.value)


LINES = [
    "1,P,S,1,1.50,2026-01-02,C",
    # Equal to the first one: signs, zeros, white space and times change nothing.
    "1, P ,S,+1.0,01.5000,2026-01-02 08:26,C",
    # Returns.
    "2,P,S,-1,1.50,2026-01-02,C",
    "2,P,S,-.25,1.50,2026-01-02,",
    "3,P,S,0.2500,2,2026-01-03,",
    "3,P,S,000000000000000000000.125000,.5,2026-01-03,",
    "3,P,S,999999999999999.999,0,2026-01-03,",
    # Neither is a line.
    ",,\u00a0,,,,",
    "Transaction ID,product-id,store_id,quantity,unit_price,transaction_date,customer_id",
    # Bad ones.
    ",P,S,1,1,2026-01-03,",
    "4,\u2003,,1,1,2026-01-03,",
    *[
        f"5,P,S,{text},1,2026-01-03,"
        for text in ("0", "0.000", "-0", "0.0005", "two", "1e3", "1000000000000000", "", "-")
    ],
    '5,P,S,"1,5",1,2026-01-03,',
    *[f"6,P,S,1,{text},2026-01-03," for text in ("-1", "1.23456", "100000000000000", "", "$5")],
    *[f"7,P,S,1,1,{text}," for text in ("2026-02-30", "1959-12-31", "2160-01-01", "03/01/2026", "2026-01-03T08:26Z")],
    "7,P,S,1,1,,",
    "8,P,S,0,-1,never,C",
    "9",
    '"9\n9",P,S,1,1,2026-01-03,"C\n"',
    "9,P,S,1,1,2026-01-03,C,more",
]


def test_reasons_and_counts_are_those_of_the_job(sandbox: Sandbox, tmp_path: Path) -> None:
    file = sandbox.sales("dt=2026-01-03/x.csv", LINES)
    done = sandbox.run("--max-bad-ratio", "1")
    reasons = sandbox.query("SELECT reason, count(*) FROM quarantined_sales GROUP BY ALL")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with duckdb.connect() as database:
        loaded = load(database, file, None, scratch)
        texts = ", ".join(f"{trimmed(f'c{number}')} AS {name}" for number, name in enumerate(SALES_COLUMNS))
        database.execute(f"CREATE TABLE rows AS SELECT 0 AS file, line, {texts} FROM {loaded.table}")
        verdict = judge(database, SALES_COLUMNS, {})
    found = {reason: count for reason, count, _, _ in verdict.bad}
    found["fields are more than the header has: a value with an unquoted separator"] = loaded.surplus
    assert found == dict(reasons)
    # 1.50 - 1.50 - 0.375 + 0.50 + 0.0625
    assert verdict.revenue == Decimal("0.1875")
    assert done["revenue_added"] == 0.1875
    assert (verdict.lines + loaded.surplus, verdict.good, verdict.duplicates, verdict.returns) == (34, 7, 1, 2)
    assert (done["rows_read"], done["rows_loaded"], done["rows_duplicate"]) == (34, 6, 1)


def test_lines_that_differ_by_their_number_are_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"1,P,S,1,1.5,2026-01-02,C,{number}\n" for number in ("1", "2", "2", ""))
    (tmp_path / "x.csv").write_text(HEAD.strip() + ",Line No\n" + rows)
    assert main([str(tmp_path / "x.csv")]) == 0
    said = capsys.readouterr().out
    assert "4 lines: 4 good, 1 of them duplicates, 0 returns, 0 bad" in said
    assert "revenue 4.5000" in said


RETURNS = f"Kind,{HEAD}Sale,1,P,S,2,1.5,2026-01-02,C\nRefund,1,P,S,1,1.5,2026-01-02,C\nVoid,2,P,S,1,1,2026-01-02,C\n"


def test_returns_by_a_field(sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(RETURNS)
    assert main([str(file)]) == 0
    said = capsys.readouterr().out
    assert "3 lines: 3 good, 0 of them duplicates, 0 returns, 0 bad" in said
    assert "no line is a return, but Kind holds 'Refund': --returns \"Kind=Refund\"" in said
    assert main([str(file), "--returns", "Kind=Refund,Void", "--out", str(tmp_path / "written")]) == 0
    said = capsys.readouterr().out
    assert "3 lines: 3 good, 0 of them duplicates, 2 returns, 0 bad" in said
    # 2 x 1.50 - 1.50 - 1
    assert "revenue 0.5000" in said
    assert "--returns" not in said
    sandbox.lake = tmp_path / "written"
    assert sandbox.run()["revenue_added"] == 0.5
    assert sandbox.query("SELECT returned_quantity, returned_revenue FROM daily_sales_summary") == [(2, Decimal("2.5"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{n},Käse größer,Süd,1,1,2026-01-02,Müller\n" for n in range(50))
    (tmp_path / "x.csv").write_bytes((HEAD + rows).encode(encoding))
    assert main([str(tmp_path / "x.csv")]) == 0
    said = capsys.readouterr().out
    assert "50 lines: 50 good" in said
    assert "Käse größer" in said


def test_products_and_stores_go_into_the_lake_too(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    for day in (1, 2):
        line = f"{day},A1,F1,2,3,{day:02}.05.2026\n"
        (folder / f"sales_2026-05-{day:02}.csv").write_text(f"Bonnr,Artikelnr,Filiale,Menge,Preis,Datum\n{line}")
    (folder / "artikel.csv").write_text("SKU;Bezeichnung;Warengruppe;EK\nA1;Käse;Frisch;1,25\n")
    (folder / "filialen.csv").write_text("Filialnummer,Filialname,Ort\nF1,Markt,Köln\n")
    (folder / "notes.txt").write_text("nothing\nof\nthis\n")
    lake = tmp_path / "written"
    with pytest.raises(ConfigurationError, match="may be day or month first"):
        main([str(folder), "--out", str(lake)])
    assert main([str(folder), "--dates", "day-first", "--out", str(lake)]) == 0
    said = capsys.readouterr()
    assert "products: 1 rows" in said.out
    assert "stores: 1 rows" in said.out
    assert "2 lines: 2 good" in said.out
    assert "left out: " in said.err
    sandbox.lake = lake
    # Each file is the arrival of its name's day.
    assert sandbox.day("2026-05-02")["gross_profit_added"] == 3.5
    assert sandbox.query("SELECT store_name, store_location FROM store_performance") == [("Markt", "Köln")]


def test_answers_in_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(HEAD.replace("store_id", "area") + "1,P,S,1,1.234,01/02/2026,C\n")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    answers = {"store_id": "area", "unit_price": "point", "transaction_date": "day-first"}
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return list(answers.values())[len(asked) - 1]

    monkeypatch.setattr("builtins.input", answer)
    assert main([str(tmp_path / "x.csv")]) == 0
    assert [prompt.strip() for prompt in asked] == [
        "FIELD or =VALUE:", "comma|point:", "day-first|month-first:",
    ]  # fmt: skip
    said = capsys.readouterr().out
    assert "answered by: --column store_id=area --decimal point --dates day-first" in said
    assert "from 2026-02-01 to 2026-02-01, revenue 1.2340" in said
