"""``npm run inspect``: what it understands of other people's files, and the lake that it writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from harness import JOB, Sandbox

from sales_job.base.errors import ConfigurationError

sys.path.insert(0, str(JOB.parent))

from scripts.inspect.main import main

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
        "5 lines: 3 good, 1 of them duplicates, 2 bad",
        "1 lines: quantity is negative, such as '-1' in line 4",
        "1 lines: product_id is missing",
        "1 lines equal the one before them",
        # 2 x 1234.50 + 3.50
        "2 days from 2011-02-01 to 2011-02-13, revenue 2,472.5000",
        f"npm run etl -- --lake {lake}",
    ):
        assert part in said
    sandbox.lake = lake
    done = sandbox.run("--max-bad-ratio", "1")
    assert (done["rows_read"], done["rows_loaded"], done["rows_duplicate"], done["rows_quarantined"]) == (5, 2, 1, 2)
    assert done["revenue_added"] == 2472.5


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{n},Käse größer,Süd,1,1,2026-01-02,Müller\n" for n in range(50))
    (tmp_path / "x.csv").write_bytes((HEAD + rows).encode(encoding))
    assert main([str(tmp_path / "x.csv")]) == 0
    said = capsys.readouterr().out
    assert "50 lines: 50 good" in said
    assert "Käse größer" in said
