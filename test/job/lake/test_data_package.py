"""``datapackage.json``: files as other programs write them, and descriptions that are refused."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import JOB, Sandbox

from sales_job.base.errors import ConfigurationError
from sales_job.lake import data_package
from sales_job.lake.data_package import parse
from sales_job.lake.translate import translate

D = Decimal


def sales(**properties: Any) -> dict[str, Any]:
    return {"name": "sales", "path": "exports/*.csv", **properties}


def package(*resources: dict[str, Any]) -> bytes:
    return json.dumps({"name": "lake", "resources": list(resources)}).encode()


GERMAN = sales(
    encoding="cp1252",
    dialect={"delimiter": ";", "headerRow": 2, "commentChar": "#"},
    schema={
        "fields": [
            {"name": "Bon", "type": "string", "column": "transaction_id"},
            {"name": "Artikel", "column": "product_id"},
            {"name": "Menge", "column": "quantity"},
            {"name": "Preis", "column": "unit_price", "decimalChar": ",", "groupChar": ".", "bareNumber": False},
            {"name": "Datum", "column": "transaction_date", "type": "datetime", "format": "%d.%m.%Y %H:%M"},
            {"name": "Kunde", "column": "customer_id"},
        ],
        "missingValues": ["", "NULL"],
    },
    constants={"store_id": "S1"},
    arrival="sales_{yyyy}-{MM}-{dd}.csv",
)
EXPORT = (
    "Umsätze im Mai;;;\nBon;Artikel;Menge;Preis;Datum;Kunde;Rest\n"
    "1;P1;2;1.234,50 €;01.05.2026 08:26;K1;x\n2;Süß;1;€ 3,5;13.05.2026 23:59;NULL;\n"
    "# total;;;\n3;P1;1;3.5;13.05.2026 23:59;K;\n4;P1;1;1;2026-05-13;K;\n5;P1;1;1;13.05.2026 10:00;K;;more\n"
)


def test_a_german_export_without_products(sandbox: Sandbox) -> None:
    sandbox.write("datapackage.json", package(GERMAN))
    sandbox.write("exports/sales_2026-05-31.csv", EXPORT.encode("cp1252"))
    sandbox.write("exports/notes.csv", "nothing")
    done = sandbox.run("--max-bad-ratio", "1")
    counts = (done["rows_read"], done["rows_loaded"], done["rows_quarantined"], done["files_passed_over"])
    assert counts == (5, 2, 3, 1)
    # 2 x 1234.50; 1 x 3.50. Without the resources there are no names and no profit.
    assert sandbox.tables()["daily_sales_summary"] == [
        (dt.date(2026, 5, 1), "S1", None, None, D(2469), 2, 1, 1, D(0), D(0), D(0)),
        (dt.date(2026, 5, 13), "S1", None, None, D("3.5"), 1, 1, 0, D(0), D(0), D(0)),
    ]
    bad = sandbox.query(
        "SELECT transaction_id, unit_price, transaction_date, source_file, arrival FROM quarantined_sales"
    )
    name = "exports/sales_2026-05-31.csv"
    assert sorted(bad) == [
        ("3", "3.5 (unlike datapackage.json)", "2026-05-13", name, "2026-05-31"),
        ("4", "1", "2026-05-13 (unlike datapackage.json)", name, "2026-05-31"),
        ("5", "1", "2026-05-13", name, "2026-05-31"),
    ]
    assert sandbox.day("2026-06-01")["rows_read"] == 0


def one(text: str, **properties: Any) -> list[list[str]]:
    resource = parse(package(sales(**properties)))["sales"]
    return [line.split(",") for line in translate("x.csv", text, resource).splitlines()[1:]]


HEAD = "transaction_id,product_id,store_id,quantity,unit_price,transaction_date,customer_id\n"


@pytest.mark.parametrize(
    ("how", "texts"),
    [
        (
            {"decimalChar": ",", "groupChar": "."},
            {"1.234,5": "1234.5", "12,34": "12.34", "1.23": "1.23 (unlike datapackage.json)", "1,2,3": "1,2,3"},
        ),
        ({"groupChar": ","}, {"1,234.5": "1234.5", "12,34": "12,34", "1,00,000": "100000", "1,234": "1234"}),
        ({"groupChar": " ", "decimalChar": ","}, {"1\u00a0234,5": "1234.5", "1\u202f234": "1234"}),
        (
            {"bareNumber": False},
            {
                "$12.50": "12.50",
                "12.50 EUR": "12.50",
                "EUR": "EUR",
                "Rs.500": "500",
                "(12.50)": "-12.50",
                "12.50-": "-12.50",
                "-$5": "-5",
                "\u22125": "-5",
                "-5-": "-5-",
                "3 for 10": "3 for 10",
                "12.-": "12",
            },
        ),
        ({"decimalChar": ",", "groupChar": "'", "bareNumber": False}, {"1'234,50 Fr.": "1234.50", "12,-": "12"}),
        ({}, {"12.5": "12.5", "12,5": "12,5", "1e3": "1e3"}),
    ],
)
def test_numbers(how: dict[str, Any], texts: dict[str, str]) -> None:
    schema = {"fields": [{"name": "unit_price", **how}]}
    dialect = {"delimiter": ";"}
    for text, expected in texts.items():
        content = HEAD.replace(",", ";") + f"1;P;S;1;{text};2026-01-01;C\n"
        resource = parse(package(sales(schema=schema, dialect=dialect)))["sales"]
        line = translate("x.csv", content, resource).splitlines()[1]
        assert line.replace('"', "") == f"1,P,S,1,{expected},2026-01-01,C,"


@pytest.mark.parametrize(
    ("form", "zone", "text", "expected"),
    [
        ("%d/%m/%Y", None, "01/02/2023", "2023-02-01"),
        ("%m/%d/%y %I:%M %p", None, "01/02/23 11:30 PM", "2023-01-02"),
        ("%d/%m/%Y", None, "2023-02-01", "2023-02-01 (unlike datapackage.json)"),
        ("default", "Europe/Berlin", "2026-01-31T23:30:00Z", "2026-02-01"),
        ("default", None, "2026-01-31T23:30:00Z", "2026-01-31T23:30:00Z"),
        ("default", None, "2026-01-31 23:30", "2026-01-31"),
        ("default", None, "2026-01-31 8:30", "2026-01-31"),
        ("default", "Europe/Berlin", "2026-01-31 23:30:00 UTC", "2026-02-01"),
        ("default", "Europe/Berlin", "2026-01-31 23:30:00.5 -0500", "2026-02-01"),
        ("%d/%m/%Y %H:%M %Z", "Europe/Berlin", "31/01/2026 23:30 GMT", "2026-02-01"),
    ],
)
def test_dates(form: str, zone: str | None, text: str, expected: str) -> None:
    properties = {"schema": {"fields": [{"name": "transaction_date", "format": form}]}}
    more = {"timezone": zone} if zone else {}
    assert one(f"{HEAD}1,P,S,1,1,{text},C\n", **properties, **more) == [["1", "P", "S", "1", "1", expected, "C", ""]]


@pytest.mark.parametrize(
    ("kind", "quantity", "expected"),
    [
        ("sale", "2", "2"),
        ("refund", "2", "-2"),
        (" Void ", "+0.250", "-0.250"),
        ("3", ".5", "-.5"),
        ("Refund", "2", "2"),
        # It has the sign.
        ("refund", "-2", "-2"),
        # Bad lines keep their text.
        ("refund", "", ""),
        ("refund", "two", "two"),
        ("refund", "1.2.3", "1.2.3"),
    ],
)
def test_returns_by_a_field(kind: str, quantity: str, expected: str) -> None:
    text = f"Kind;{HEAD.replace(',', ';')}{kind};1;P;S;{quantity};1;2026-01-01;C\n"
    returns = {"field": "Kind", "values": ["refund", "Void", 3]}
    ((*_, found, _, _, _, _),) = one(text, dialect={"delimiter": ";"}, returns=returns)
    assert found == expected


def test_returns_in_a_form_of_numbers() -> None:
    """A decimal comma, and a line that is too short to have the field."""
    schema = {"fields": [{"name": "quantity", "decimalChar": ",", "groupChar": "."}]}
    text = HEAD.strip().replace(",", ";") + ";kind\n1;P;S;1.250,5;1;2026-01-01;C;R\n1;P;S;2;1;2026-01-01;C\n"
    lines = one(text, dialect={"delimiter": ";"}, schema=schema, returns={"field": "kind", "values": ["R"]})
    assert [line[3] for line in lines] == ["-1250.5", "2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (package(), "has no resource sales"),
        (package({"name": "orders", "path": "x"}), "resource 'orders'"),
        (package(sales(compression="gz")), "property 'compression' is not understood"),
        (package(sales(dialect={"nullSequence": "NA"})), "property 'nullSequence' is not understood"),
        (package(sales(dialect={"delimiter": ";;"})), "is not one character"),
        (package(sales(path="../x")), "path must be a path below the lake"),
        (package(sales(path="https://x/y.csv")), "path must be a path below the lake"),
        (package(sales(encoding="klingon")), "encoding 'klingon'"),
        (package(sales(arrival="sales_{yyyy}.csv")), "must hold {yyyy}, {MM} and {dd}"),
        (package(sales(constants={"colour": "red"})), "column colour is none of"),
        (package(sales(returns={"field": "kind"})), "returns: needs a field of sales and its values"),
        (package(sales(returns={"field": "kind", "values": []})), "returns: needs a field of sales and its values"),
        (package(sales(returns={"field": "kind", "values": [True]})), "returns: needs a field of sales and its values"),
        (package(sales(returns={"field": "kind", "values": "R"})), "returns: needs a field of sales and its values"),
        (package(sales(returns={"values": ["R"]})), "returns: needs a field of sales and its values"),
        (package(sales(returns={"field": "k", "values": ["R"], "sign": "-"})), "property 'sign' is not understood"),
        (
            package(sales(), {"name": "stores", "path": "s", "returns": {"field": "k", "values": ["R"]}}),
            "returns: needs a field of sales",
        ),
        (
            package(sales(schema={"fields": [{"name": "a", "column": "store_id"}, {"name": "store_id"}]})),
            "column store_id is brought twice",
        ),
        (
            package(sales(schema={"fields": [{"name": "transaction_date", "format": "any"}]})),
            "would be guessed",
        ),
    ],
)
def test_descriptions_that_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse(content)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([{"name": "price", "column": "unit_price"}], "x.csv: lacks the field 'price' of datapackage.json"),
        ([{"name": "store_id", "column": "customer_id"}], "x.csv: no field of it brings store_id"),
    ],
)
def test_files_that_are_otherwise_than_described(fields: list[dict[str, str]], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        one(f"{HEAD}1,P,S,1,1,2026-01-01,C\n", schema={"fields": fields})


def test_returns_by_a_field_that_the_file_lacks_or_has_twice() -> None:
    returns = {"field": "kind", "values": ["R"]}
    with pytest.raises(ConfigurationError, match=r"x\.csv: lacks the field 'kind' of returns in datapackage\.json"):
        one(f"{HEAD}1,P,S,1,1,2026-01-01,C\n", returns=returns)
    with pytest.raises(ConfigurationError, match=r"x\.csv: has twice the field 'kind' of returns"):
        one(f"kind,kind,{HEAD}", returns=returns)


def test_the_descriptor_that_frictionless_writes() -> None:
    """As ``frictionless describe`` 5 writes it, with a name of ours for the resource."""
    written = Path(__file__).parent / "frictionless/datapackage.json"
    resource = parse(written.read_bytes())["sales"]
    assert (resource.csv["delimiter"], resource.paths) == (";", ("sales.csv",))


def test_returns_in_a_package_that_frictionless_wrote() -> None:
    """``Package.to_json`` of frictionless 5, which read these rows: 2, 1 and 0.250 at 3.50, 3.50 and 8.00."""
    folder = Path(__file__).parent / "frictionless/returns"
    resource = parse((folder / "datapackage.json").read_bytes())["sales"]
    assert translate("sales.csv", (folder / "sales.csv").read_text(), resource).splitlines()[1:] == [
        "1,P1,S1,2,3.50,2026-01-02,,",
        "2,P1,S1,-1,3.50,2026-01-03,,",
        "3,P2,S1,0.250,8.00,2026-01-03,,",
    ]


def test_the_schema_for_editors_has_what_is_understood() -> None:
    schema = json.loads((JOB / "sales_job/lake/datapackage.schema.json").read_text())
    resource = schema["properties"]["resources"]["items"]["properties"]
    described = resource["schema"]["properties"]
    assert resource.keys() - {"name"} == data_package.RESOURCE
    assert resource["dialect"]["properties"].keys() == data_package.DIALECT
    assert described.keys() == data_package.SCHEMA
    assert described["fields"]["items"]["properties"].keys() - {"name", "type"} == data_package.FIELD - {"type"}


def test_rows_above_the_header_are_counted_with_the_empty_ones() -> None:
    assert one(f"Sales\n\n{HEAD}1,P,S,1,1,2026-01-01,C\n", dialect={"headerRow": 3}) == [
        ["1", "P", "S", "1", "1", "2026-01-01", "C", ""]
    ]
