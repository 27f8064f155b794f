"""Small files in the shapes of public data sets, and plain Python that says what their lines are."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

Line = tuple[str, str, str, Decimal, Decimal, dt.date, str]

CHOICE = random.Random(7)


@dataclass(frozen=True)
class Shape:
    """A file, the options of ``inspect`` that its user gives, and its rows as texts of our columns by plain Python."""

    file: str
    content: bytes
    options: Sequence[str]
    rows: Callable[[], Iterator[Sequence[str]]]

    def lines(self) -> tuple[set[Line], int, int]:
        """Its good lines, each once; how many repeat another; how many are bad."""
        found: set[Line] = set()
        repeated = bad = 0
        for transaction, product, store, quantity, price, day, customer in self.rows():
            try:
                date = dt.date.fromisoformat(day)
                line = (transaction, product, store, Decimal(quantity), Decimal(price), date, customer)
            except (InvalidOperation, ValueError):
                bad += 1
                continue
            if not (transaction and product and store) or line[3] == 0 or line[4] < 0:
                bad += 1
            elif line in found:
                repeated += 1
            else:
                found.add(line)
        return found, repeated, bad


def text(rows: Sequence[Sequence[object]], delimiter: str = ",", end: str = "\r\n") -> str:
    """A CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def day(value: str, form: str) -> str:
    return str(dt.datetime.strptime(value, form).date())  # noqa: DTZ007


def online_retail(returns: bool) -> Shape:
    """Invoices of a wholesaler: month first, invoices of returns begin with C, a debt as a negative price."""
    header = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
    rows: list[list[object]] = []
    for i in range(120):
        back = returns and i % 17 == 0
        rows.append([
            f"{'C' if back else ''}{536365 + i // 3}", CHOICE.choice(["85123A", "71053", "POST", "22752 "]),
            CHOICE.choice(["WHITE HOLDER", "", 'HEARTS, "SMALL"; BLUE']), (-1 if back else 1) * CHOICE.randint(1, 600),
            f"12/{1 + i % 28}/2010 {8 + i % 10}:{i % 60:02}", CHOICE.choice(["2.55", "0", "0.001", "11062.06", "18"]),
            CHOICE.choice(["17850", ""]), CHOICE.choice(["United Kingdom", "EIRE"]),
        ])  # fmt: skip
    rows += [rows[9], rows[20], ["A563185", "B", "Adjust", 1, "12/12/2010 14:51", "-11062.06", "", "EIRE"]]
    content = text([header, *rows], ";")

    def parse() -> Iterator[Sequence[str]]:
        for r in csv.DictReader(io.StringIO(content), delimiter=";"):
            moment = day(r["InvoiceDate"], "%m/%d/%Y %H:%M")
            yield (
                r["InvoiceNo"], r["StockCode"].strip(), r["Country"], r["Quantity"], r["UnitPrice"], moment,
                r["CustomerID"],
            )  # fmt: skip

    return Shape("Online Retail.csv", content.encode(), ["--column", "store_id=Country"], parse)


def superstore() -> Shape:
    """Amounts of whole lines instead of prices, in Windows' code page."""
    header = [
        "Row ID",
        "Order ID",
        "Order Date",
        "Ship Date",
        "Customer ID",
        "Region",
        "Product ID",
        "Sales",
        "Quantity",
    ]
    rows = [
        [i, f"CA-{i}", f"{1 + i % 12}/{1 + i % 28}/2016", "11/11/2016", f"CGß{i % 5}", "Süd", f"FUR-{i % 3}",
         CHOICE.choice(["261.96", "957.5775", "22.368"]), 1 + i % 9]
        for i in range(60)
    ]  # fmt: skip
    content = text([header, *rows])

    def parse() -> Iterator[Sequence[str]]:
        for r in csv.DictReader(io.StringIO(content)):
            moment = day(r["Order Date"], "%m/%d/%Y")
            yield r["Order ID"], r["Product ID"], r["Region"], "1", r["Sales"], moment, r["Customer ID"]

    options = ["--column", "unit_price=Sales", "--constant", "quantity=1", "--column", "store_id=Region"]
    return Shape("Superstore.csv", content.encode("cp1252"), options, parse)


def supermarket(weights: bool) -> Shape:
    """A title, an empty row, decimal commas, a sum below the table, in Windows' code page."""
    content = "Müller: Umsätze;;;;;;\r\nMärz 2024;;;;;;\r\n\r\n"
    content += "Belegnummer;Filiale;Artikelnummer;Menge;Einzelpreis;Verkaufsdatum;Kundennummer\r\n"
    quantities = ["1", "2", "12", *(["0,250", "1,375"] if weights else [])]
    for i in range(90):
        content += f"{10001 + i // 3};Köln-Süd;{CHOICE.choice(['4711', '0815'])};{CHOICE.choice(quantities)};"
        content += f"{CHOICE.choice(['1,99', '12,50', '1.234,00', '0,35'])};{1 + i % 28:02}.03.2024 08:{i % 60:02};\r\n"
    content += ";;;;;;\r\nSumme;;;12;4.567,89;;\r\n"

    def plain(number: str) -> str:
        return number.replace(".", "").replace(",", ".")

    def parse() -> Iterator[Sequence[str]]:
        for r in csv.reader(io.StringIO(content.split("\r\n\r\n", 1)[1]), delimiter=";"):
            if r[0] in ("Belegnummer", ""):
                continue
            moment = day(r[5], "%d.%m.%Y %H:%M") if r[5] else ""
            yield r[0], r[2], r[1], plain(r[3]), plain(r[4]), moment, r[6]

    return Shape("Umsätze März.csv", content.encode("cp1252"), [], parse)


def spreadsheet() -> Shape:
    """UTF-16 with tabs, day first, a line break in quotes."""
    rows = [
        [f"R{i // 2}", f"{1 + i % 30}/4/2023", f"00{i % 7}", 'Tea "Earl\nGrey"' if i % 5 == 0 else "Tea", 1 + i % 4,
         f"{i % 9}.{i % 100:02}", "Łódź" if i % 2 else "São Paulo", "" if i % 3 else f"ć{i % 4}"]
        for i in range(70)
    ]  # fmt: skip
    content = text(
        [["Receipt No", "Date", "Item Code", "Item", "Qty", "Price Each", "Branch", "Customer"], *rows], "\t"
    )

    def parse() -> Iterator[Sequence[str]]:
        for r in list(csv.reader(io.StringIO(content), delimiter="\t"))[1:]:
            yield r[0], r[2], r[6], r[4], r[5], day(r[1], "%d/%m/%Y"), r[7]

    return Shape("export.txt", content.encode("utf-16"), [], parse)


def liquor() -> Shape:
    """Prices with a currency and groups, long names of fields, addresses of several lines."""
    header = ["Invoice/Item Number", "Date", "Store Number", "Store Location", "Item Number", "State Bottle Cost"]
    header += ["State Bottle Retail", "Bottles Sold", "Sale (Dollars)", "Volume Sold (Liters)"]
    rows = [
        [f"S{i}", f"{1 + i % 12:02}/{1 + i % 28:02}/2015", 2191 + i % 3, "1013 MAIN\n(40.4, -91.4)", 297, "$18.09",
         CHOICE.choice(["$27.14", "$14.25", "$1,106.00"]), 1 + i % 60, "$162.84", "4.50"]
        for i in range(60)
    ]  # fmt: skip
    content = text([header, *rows], end="\n")

    def parse() -> Iterator[Sequence[str]]:
        for r in list(csv.reader(io.StringIO(content)))[1:]:
            yield r[0], r[4], r[2], r[7], r[6].strip("$").replace(",", ""), day(r[1], "%m/%d/%Y"), ""

    return Shape("Liquor_Sales.csv", content.encode(), ["--column", "unit_price=State Bottle Retail"], parse)


def coffee_shop() -> Shape:
    """Bars between the fields, and a time of its own."""
    header = ["transaction_id", "transaction_date", "transaction_time", "transaction_qty", "store_id", "product_id"]
    rows = [
        [i, f"{1 + i % 6}/{1 + i % 30}/2023", "07:06:11", 1 + i % 3, 5, 20 + i % 9, CHOICE.choice(["3", "3.1", "4.25"])]
        for i in range(80)
    ]
    content = text([[*header, "unit_price"], *rows], "|", "\n")

    def parse() -> Iterator[Sequence[str]]:
        for r in list(csv.reader(io.StringIO(content), delimiter="|"))[1:]:
            yield r[0], r[5], r[4], r[3], r[6], day(r[1], "%m/%d/%Y"), ""

    return Shape("coffee-shop-sales.csv", content.encode(), [], parse)


def ventas() -> Shape:
    """A spreadsheet's first line sep=, groups by blanks, a currency, years of two digits, words for nothing."""
    content = "sep=;\r\nNº factura;Código producto;Tienda;Cantidad;Precio unitario;Fecha;Cliente\r\n"
    for i in range(60):
        price = CHOICE.choice(["1 234,56 €", "9,95 €", "0,10 €"])
        content += f"F{i // 2};A{i % 5};Málaga;{1 + i % 4};{price};{1 + i % 28:02}/06/24 10:{i:02};"
        content += CHOICE.choice(["NULL", "c1", "N/A"]) + "\r\n"

    def parse() -> Iterator[Sequence[str]]:
        for r in list(csv.reader(io.StringIO(content), delimiter=";"))[2:]:
            price = r[4].removesuffix(" €").replace(" ", "").replace(",", ".")
            customer = "" if r[6] in ("NULL", "N/A") else r[6]
            yield r[0], r[1], r[2], r[3], price, day(r[5], "%d/%m/%y %H:%M"), customer

    return Shape("ventas.csv", content.encode(), [], parse)


def adventure() -> Shape:
    """Months by name, lines that end with CR."""
    content = "OrderNumber,ProductKey,StoreKey,OrderQuantity,UnitPrice,OrderDate,CustomerKey\r"
    for i in range(60):
        month = ["Jan", "Feb", "Mar"][i % 3]
        content += f'SO{i // 2},{310 + i % 4},{1 + i % 3},{1 + i % 2},3578.27,"{month} {1 + i % 28}, 2021",{i % 6}\r'

    def parse() -> Iterator[Sequence[str]]:
        for r in list(csv.reader(io.StringIO(content, newline="")))[1:]:
            yield r[0], r[1], r[2], r[3], r[4], day(r[5], "%b %d, %Y"), r[6]

    return Shape("Sales.csv", content.encode(), [], parse)


def web_shop() -> Shape:
    """Times with a zone, and more than one way to write them."""
    zones = ["-0500", "+01:00", "UTC"]
    rows = [
        [f"#{i // 2}", 1 + i % 3, CHOICE.choice(["25.00", "9.90"]), f"TS-{i % 4}",
         f"2024-02-{1 + i % 28:02} {i % 24:02}:30:00 {zones[i % 3]}"]
        for i in range(60)
    ]  # fmt: skip
    content = text([["Order", "Lineitem quantity", "Lineitem price", "Lineitem sku", "Created at"], *rows])

    def parse() -> Iterator[Sequence[str]]:
        for r in list(csv.reader(io.StringIO(content)))[1:]:
            moment = dt.datetime.strptime(r[4].replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z")
            yield r[0], r[3], "WEB", r[1], r[2], str(moment.astimezone(ZoneInfo("Europe/Berlin")).date()), ""

    options = ["--timezone", "Europe/Berlin", "--constant", "store_id=WEB"]
    return Shape("orders_export.csv", content.encode(), options, parse)


SHAPES = {
    "online retail": online_retail(returns=True),
    "superstore": superstore(),
    "supermarket": supermarket(weights=True),
    "spreadsheet": spreadsheet(),
    "liquor": liquor(),
    "coffee shop": coffee_shop(),
    "ventas": ventas(),
    "adventure": adventure(),
    "web shop": web_shop(),
}
