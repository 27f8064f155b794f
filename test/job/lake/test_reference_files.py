"""Reference files as spreadsheets leave them, and lakes that are none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sales_job.base.errors import ConfigurationError, InputRefused
from sales_job.lake.file_system import LocalFiles
from sales_job.lake.lake import Lake
from sales_job.reference.reference_data import parse
from sales_job.tables import reference_columns

PRODUCTS = reference_columns.table("products")
HEADER = "product_id,product_name,category,cost_price"


def read(text: str) -> tuple[list[tuple[object, ...]], list[str]]:
    """The required columns of the rows, and the warnings."""
    warnings: list[str] = []
    places = [[column.name for column in PRODUCTS.columns].index(name) for name in PRODUCTS.required]
    rows = parse("products.csv", text, PRODUCTS, warnings.append)
    return [tuple(row[place] for place in places) for row in rows], warnings


SOAP = ("P1", "Soap", "Home", Decimal("1.10"))


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\nP1,Soap,Home,1.10\n,,,\n , ,,\n",
        f"{HEADER}\nP1,Soap,Home,1.10,,\n",
        f"{HEADER}\n{HEADER}\nP1,Soap,Home,1.10\n",
        f"{HEADER}\rP1,Soap,Home,1.10\r",
        f"{HEADER}\r\n\nP1,Soap,Home,1.10",
        "Cost Price,PRODUCT-ID,x,Category,x,product.name\n1.10,P1,,Home,,Soap\n",
    ],
)
def test_rows_that_are_read(text: str) -> None:
    assert read(text) == ([SOAP], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEADER}\nP1,Soap, hard,Home,1.10\n", "products.csv line 2: has 5 fields, the header 4: quote the value"),
        (f'{HEADER}\nP1,"Soap,Home,1.10\nP2,Tea,Food,2\n', "products.csv: a quote in line 2 is never closed"),
        (f"{HEADER}\nP1,Soap,Home,cheap\n", "products.csv line 2: cost_price 'cheap' is not a plain decimal"),
    ],
)
def test_rows_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputRefused) as error:
        read(text)
    assert str(error.value).startswith(message)


def test_odd_values_that_no_figure_uses_are_read_as_empty() -> None:
    text = f'{HEADER},weight_kg,discontinued\nP1,Soap,Home,1.10,"0,5",N\nP2,Tea,Food,2,"1,5",TRUE\n'
    rows, warnings = read(text)
    assert rows == [SOAP, ("P2", "Tea", "Food", Decimal(2))]
    assert len(warnings) == 2
    assert "weight_kg is not a plain decimal" in warnings[0]
    assert "in 2 rows, read as empty, such as in products.csv line 2: '0,5'" in warnings[0]
    assert warnings[1].endswith(
        "discontinued is not Y or N in 1 rows, read as empty, such as in products.csv line 3: 'TRUE'"
    )


def test_utf_16_from_a_spreadsheet(tmp_path: Path) -> None:
    folder = tmp_path / "reference_data"
    folder.mkdir()
    (folder / "products.csv").write_bytes(f"{HEADER}\r\nP1,Süß,Home,1.10\r\n".encode("utf-16"))
    lake = Lake(LocalFiles(str(tmp_path)), print)
    file = lake.reference("products")
    assert file is not None
    assert read(lake.read(file))[0][0][1] == "Süß"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere", "this lake does not exist"),
        ("lake/sales_data", "holds sales files itself: name the folder above"),
        ("lake/sales_data/dt=2026-01-06", "holds sales files itself: name the folder above"),
        ("lake/sales_data/dt=2026-01-06/a.csv", "is not a lake: name a folder that holds sales_data/"),
        ("empty", "is not a lake: name a folder that holds sales_data/"),
    ],
)
def test_what_is_not_a_lake(tmp_path: Path, place: str, message: str) -> None:
    folder = tmp_path / "lake/sales_data/dt=2026-01-06"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError) as error:
        Lake(LocalFiles(str(tmp_path / place)), print)
    assert str(error.value).startswith(f"--lake {tmp_path / place}: {message}")
