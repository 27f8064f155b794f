"""Which column means what, and how dates and numbers are written, with the evidence that decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

NAMES = {
    "transaction_id": (
        "transactionid transaction invoice invoiceno invoiceid invoicenumber orderid order ordernumber orderno ticket "
        "ticketnumber ticketno receipt receiptid receiptno billno billnumber saleid salesid txnid trxid checkno "
        "belegnummer belegnr bonnr bonnummer rechnungsnummer rechnungsnr bestellnummer auftragsnummer factura "
        "numerofactura nrofactura pedido commande facture numfacture scontrino"
    ),
    "product_id": (
        "productid productcode sku stockcode itemid itemcode itemno itemnumber articleid articlenumber artikelnummer "
        "artikelnr artikel article produktid produktnummer codigoproducto idproducto codeproduit ean barcode upc "
        "product item produkt producto produit prodotto productname itemname description"
    ),
    "store_id": (
        "storeid store storeno storecode storenumber shopid shop branchid branch outletid outlet filiale filialnummer "
        "filialnr markt tienda idtienda sucursal magasin negozio locationid location warehouse warehouseid"
    ),
    "quantity": "quantity qty units unitssold quantitysold menge anzahl stueck cantidad quantite quantita pieces count",
    "unit_price": (
        "unitprice price priceeach priceperunit itemprice salesprice sellingprice preis einzelpreis stueckpreis "
        "precio preciounitario prix prixunitaire prezzo prezzounitario"
    ),
    "transaction_date": (
        "transactiondate invoicedate orderdate saledate salesdate purchasedate date datum verkaufsdatum belegdatum "
        "rechnungsdatum fecha fechaventa datevente datetime dateandtime timestamp createdat orderdatetime data day"
    ),
    "customer_id": (
        "customerid customer customerno customernumber clientid client memberid userid buyerid kunde kundennummer "
        "kundennr kundenid cliente idcliente idclient cardid"
    ),
}
"""Names that exports of many tills and languages use, the likeliest first; without accents, blanks and signs."""


@dataclass(frozen=True)
class Reading:
    """How a column is written, as properties of the descriptor, and the value that shows it.

    ``question``: the option that decides where the values fit two readings, else None. ``zoned``: times have a zone.
    """

    properties: Mapping[str, object]
    evidence: str
    question: str | None = None
    zoned: bool = False


def plain_name(text: str) -> str:
    """A name without accents, signs and case."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]", "", decomposed.lower())


def propose(fields: Sequence[str]) -> dict[str, str]:
    """The field that each column of ours is found in, by names."""
    plain = {plain_name(field): field for field in reversed(fields)}
    found: dict[str, str] = {}
    for column, names in NAMES.items():
        match = next(
            (plain[name] for name in names.split() if name in plain and plain[name] not in found.values()), None
        )
        if match is not None:
            found[column] = match
    return found


def read_number(connection: duckdb.DuckDBPyConnection, column: str, decimal: str | None) -> Reading:
    """How the numbers of a column are written.

    Args:
        decimal: the decimal sign, if it is known.
    """
    row = connection.execute(
        f"""WITH cores AS (SELECT min(line) AS line, trim({column}) AS v,
                regexp_extract(v, '[0-9.,][0-9., \u00a0]*') AS core
              FROM rows WHERE trim(coalesce({column}, '')) <> '' GROUP BY v)
            SELECT arg_min(v, line) FILTER (WHERE comma), min(line) FILTER (WHERE comma),
              arg_min(v, line) FILTER (WHERE point), min(line) FILTER (WHERE point),
              bool_or(contains(core, ',')), bool_or(contains(core, '.')),
              bool_or(regexp_matches(core, '[0-9][ \u00a0][0-9]')),
              bool_or(NOT regexp_full_match(v, '[-+]?[0-9., \u00a0]+')),
              arg_min(v, line) FILTER (WHERE contains(core, ',') OR contains(core, '.'))
            FROM (SELECT *, regexp_matches(core, '^[0-9]*(\\.[0-9]{{3}})*,([0-9]{{1,2}}|[0-9]{{4,}})$')
                OR regexp_matches(core, '\\.[0-9]{{3}},') AS comma,
              regexp_matches(core, '^[0-9]*(,[0-9]{{3}})*\\.([0-9]{{1,2}}|[0-9]{{4,}})$')
                OR regexp_matches(core, ',[0-9]{{3}}\\.') OR regexp_matches(core, '^0\\.') AS point FROM cores)"""
    ).fetchone()
    assert row is not None
    comma, comma_line, point, point_line, commas, points, blanks, decorated, example = row
    properties: dict[str, object] = {"bareNumber": False} if decorated else {}
    question = None
    if decimal is not None:
        evidence, sign = f"--decimal {decimal}", "," if decimal == "comma" else "."
    elif comma and not point:
        evidence, sign = f"'{comma}' in line {comma_line}: decimal comma", ","
    elif point and not comma:
        evidence, sign = f"'{point}' in line {point_line}: decimal point", "."
    elif comma and point:
        evidence, sign = f"'{comma}' in line {comma_line}, but '{point}' in line {point_line}", "."
        question = "--decimal comma|point"
    elif example:
        evidence, sign = f"'{example}' may be thousands or decimals", "."
        question = "--decimal comma|point"
    else:
        evidence, sign = "whole numbers", "."
    if sign == ",":
        properties["decimalChar"] = ","
    group = "." if sign == "," and points else "," if sign == "." and commas else " " if blanks else ""
    if group:
        properties["groupChar"] = group
    return Reading(properties, evidence, question)


TIMES = (
    (r"", ""),
    (r"[ T]\d{1,2}:\d{2}", "%H:%M"),
    (r"[ T]\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"[ T]\d{1,2}:\d{2}:\d{2}\.\d{1,6}", "%H:%M:%S.%f"),
    (r" \d{1,2}:\d{2} ?[AaPp][Mm]", "%I:%M %p"),
    (r" \d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]", "%I:%M:%S %p"),
    (r"[ T]\d{1,2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})", "%H:%M:%S%z"),
)
DATE = r"^(\d{1,4})([/.\- ])(\d{1,2}|[A-Za-z]{3,9})[/.\- ](\d{2,4})(.*)$"


def read_date(connection: duckdb.DuckDBPyConnection, column: str, order: str | None) -> Reading:
    """How the dates of a column are written.

    Args:
        order: day-first or month-first, if it is known.
    """
    row = connection.execute(
        f"""WITH parts AS (SELECT min(line) AS line, trim({column}) AS v,
                regexp_extract(v, ?, ['a', 'sep', 'b', 'c', 'rest']) AS p
              FROM rows WHERE trim(coalesce({column}, '')) <> '' GROUP BY v)
            SELECT mode(p.sep), mode(length(p.a)), mode(length(p.c)), mode(regexp_replace(p.rest, '[0-9]', '9', 'g')),
              mode(p.b) FILTER (WHERE regexp_matches(p.b, '[A-Za-z]')),
              max(TRY_CAST(p.a AS INT)) FILTER (WHERE length(p.a) < 3), arg_max(v, TRY_CAST(p.a AS INT)),
              arg_max(line, TRY_CAST(p.a AS INT)),
              max(TRY_CAST(p.b AS INT)), arg_max(v, TRY_CAST(p.b AS INT)), arg_max(line, TRY_CAST(p.b AS INT)),
              arg_min(v, line), bool_and(regexp_full_match(v, '[0-9]{{8}}')), mode(p.rest)
            FROM parts""",
        [DATE],
    ).fetchone()
    assert row is not None
    sep, first, last, _, month, a, a_value, a_line, b, b_value, b_line, example, digits, rest = row
    if digits:
        return Reading({"type": "date", "format": "%Y%m%d"}, f"'{example}': year, month, day")
    time = next((form for shape, form in TIMES if re.fullmatch(shape, rest or "")), None)
    if not sep or time is None:
        return Reading({}, f"'{example}' is not a date of a known form", "--column transaction_date=FIELD")
    kind = "datetime" if time else "date"
    zoned = "%z" in time
    joint = (rest or " ")[0] + time if time else ""
    if first == 4:
        if sep == "-" and time not in ("%I:%M %p", "%I:%M:%S %p"):
            return Reading({"type": kind}, f"'{example}': year, month, day", zoned=zoned)
        form = {"type": kind, "format": f"%Y{sep}%m{sep}%d{joint}"}
        return Reading(form, f"'{example}': year, month, day", zoned=zoned)
    year = "%Y" if last == 4 else "%y"
    day_first = {"type": kind, "format": f"%d{sep}%m{sep}{year}{joint}"}
    month_first = {"type": kind, "format": f"%m{sep}%d{sep}{year}{joint}"}
    if month:
        name = "%b" if len(month) == 3 else "%B"
        return Reading({"type": kind, "format": f"%d{sep}{name}{sep}{year}{joint}"}, f"'{example}': month by name")
    if order is not None:
        return Reading(day_first if order == "day-first" else month_first, f"--dates {order}", zoned=zoned)
    if (a or 0) > 12 >= (b or 0):
        return Reading(day_first, f"'{a_value}' in line {a_line}: day first", zoned=zoned)
    if (b or 0) > 12 >= (a or 0):
        return Reading(month_first, f"'{b_value}' in line {b_line}: month first", zoned=zoned)
    return Reading({}, f"'{example}' may be day or month first", "--dates day-first|month-first")
