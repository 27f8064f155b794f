"""Which field of a file means which column, by the names that exports of many tills and languages use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from sales_job.lake.data_package import OPTIONAL_SALES, Resource

NAMES: Mapping[str, Mapping[str, str]] = {
    "sales": {
        "transaction_id": (
            "transactionid transaction invoice invoiceno invoiceid invoicenumber orderid order ordernumber orderno "
            "ticket ticketnumber ticketno receipt receiptid receiptno receiptnumber billno billnumber saleid salesid "
            "txnid trxid checkno belegnummer belegnr bonnr bonnummer rechnungsnummer rechnungsnr bestellnummer "
            "auftragsnummer factura numerofactura nrofactura nofactura pedido commande facture numfacture scontrino"
        ),
        "product_id": (
            "productid productcode productkey productno productnumber sku lineitemsku stockcode itemid itemcode itemno "
            "itemnumber articleid articlenumber artikelnummer artikelnr artikel article produktid produktnummer "
            "codigoproducto idproducto codeproduit ean barcode upc product item produkt producto produit prodotto "
            "productname itemname description"
        ),
        "store_id": (
            "storeid store storeno storecode storenumber storekey shopid shop branchid branch outletid outlet filiale "
            "filialnummer filialnr markt tienda idtienda sucursal magasin negozio locationid location warehouse "
            "warehouseid"
        ),
        "quantity": (
            "quantity qty units unitssold quantitysold orderquantity orderqty quantityordered lineitemquantity menge "
            "anzahl stueck stuck cantidad quantite quantita pieces count"
        ),
        "unit_price": (
            "unitprice price priceeach priceperunit itemprice lineitemprice salesprice sellingprice preis einzelpreis "
            "stueckpreis stuckpreis precio preciounitario prix prixunitaire prezzo prezzounitario"
        ),
        "transaction_date": (
            "transactiondate invoicedate orderdate saledate salesdate purchasedate date datum verkaufsdatum "
            "belegdatum rechnungsdatum fecha fechaventa datevente datetime dateandtime timestamp createdat "
            "orderdatetime data day"
        ),
        "customer_id": (
            "customerid customer customerno customernumber customerkey clientid client memberid userid buyerid kunde "
            "kundennummer kundennr kundenid cliente idcliente idclient cardid"
        ),
        "line_number": "linenumber lineno line orderline lineitem orderitemid orderlinenumber rowid position",
    },
    "products": {
        "product_id": (
            "productid productcode productkey productno productnumber sku stockcode itemid itemcode itemno itemnumber "
            "articleid articlenumber artikelnummer artikelnr produktid produktnummer codigoproducto idproducto "
            "codeproduit ean barcode upc id"
        ),
        "product_name": (
            "productname name product itemname item description bezeichnung artikelbezeichnung artikel produkt "
            "descripcion nombre designation libelle title"
        ),
        "category": (
            "category categoryname productcategory productcategoryname kategorie warengruppe categoria categorie "
            "department group productgroup producttype type"
        ),
        "cost_price": (
            "costprice cost unitcost costperunit productcost purchaseprice einkaufspreis ek ekpreis einstandspreis "
            "costo coste preciocosto coutunitaire prixachat standardcost"
        ),
        "subcategory": "subcategory subcategoryname productsubcategory unterkategorie",
        "brand": "brand brandname marke marca marque",
        "unit_price": "unitprice price listprice retailprice verkaufspreis vk precio prix",
        "supplier_id": "supplierid supplier vendorid vendor lieferant",
        "stock_quantity": "stockquantity stock stockqty instock unitsinstock onhand qtyonhand bestand lagerbestand",
    },
    "stores": {
        "store_id": (
            "storeid storeno storecode storenumber storekey shopid branchid outletid filialnummer filialnr filiale "
            "idtienda locationid warehouseid id"
        ),
        "store_name": "storename name shopname branchname outletname filialname store shop branch nombre nom tienda",
        "store_location": (
            "storelocation location address fulladdress standort adresse ubicacion direccion adresse city ort stadt "
            "ciudad ville town region"
        ),
        "city": "city ort stadt ciudad ville town",
        "state": "state bundesland province provincia",
        "zip_code": "zipcode zip postalcode postcode plz",
        "country": "country land pais pays",
        "store_type": "storetype type",
    },
}
"""Names by table and column, the likeliest first; without accents, blanks and signs."""

RETURNS = (
    "return returns returned refund refunds refunded isreturn isrefund retoure ruckgabe erstattung gutschrift "
    "devolucion reembolso retour remboursement reso rimborso"
)
"""What says of a line that it is a return: values of a field, or a field's name."""

YES = "1 y yes true t ja si oui x"
"""What such a field then holds."""

WORDS: Mapping[str, str] = {
    "transaction_id": r"\b(transaction|invoice|order|receipt|bill|ticket|sale)s?\b.*\b(id|no|nr|num|number|code)\b",
    "product_id": r"\b(product|item|article|sku|stock)\b.*\b(id|no|nr|number|code|key)\b",
    "store_id": r"\b(store|shop|branch|outlet)\b.*\b(id|no|nr|number|code|key)\b",
    "quantity": r"\b(quantity|qty|units|bottles|pieces|items)\b(?!.*\b(price|id)\b)",
    "unit_price": r"\b(unit|each|item|sale|selling|retail)\b.*\bprice\b|\bprice\b.*\b(unit|each)\b",
    "transaction_date": r"\b(transaction|invoice|order|sale|purchase)s?\b.*\b(date|datetime|timestamp|time)\b",
    "customer_id": r"\b(customer|client|member|user)\b.*\b(id|no|nr|number|code|key)\b",
}
"""Words in the name of a field of a sales file. They decide where exactly one field has them."""

UNLIKE = r"\b(ship|shipping|delivery|delivered|approved|estimated|total|cost|discount|line)\b"
"""Words of fields that are something else."""


def plain_name(text: str) -> str:
    """A name without accents, signs and case."""
    return re.sub(r"[^a-z0-9]", "", _plain(text))


def words_of(text: str) -> str:
    """The words of a name, with blanks between them."""
    return re.sub(r"[^a-z0-9]+", " ", _plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))).strip()


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("º", "o"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def propose(fields: Sequence[str], table: str = "sales", known: Iterable[str] | None = None) -> dict[str, str]:
    """The field that each column is found in, by names.

    Args:
        known: columns of the table; others are left out.
    """
    plain = {plain_name(field): field for field in reversed(fields)}
    found: dict[str, str] = {}
    columns = set(known if known is not None else columns_of(table))
    for column, names in NAMES[table].items():
        if column not in columns:
            continue
        match = next(
            (plain[name] for name in (plain_name(column), *names.split())
             if name in plain and plain[name] not in found.values()), None
        )  # fmt: skip
        if match is not None:
            found[column] = match
    if table == "sales":
        for column, words in WORDS.items():
            free = [field for field in fields if field not in found.values()]
            matches = [f for f in free if re.search(words, words_of(f)) and not re.search(UNLIKE, words_of(f))]
            if column not in found and len(matches) == 1:
                found[column] = matches[0]
    for column in columns - found.keys():
        # Columns without other names, such as a product's colour.
        if plain_name(column) in plain and plain[plain_name(column)] not in found.values():
            found[column] = plain[plain_name(column)]
    return found


def columns_of(table: str) -> tuple[str, ...]:
    """All columns of a table's files."""
    return Resource(table, ()).columns


def required(table: str) -> list[str]:
    """Those that a file must have."""
    return Resource(table, ()).required


def likeness(fields: Sequence[str], table: str) -> float:
    """How much a header looks like that of a table's files, from 0 to 1."""
    found = propose(fields, table)
    # A sales file often has neither store nor customer; a line of it has a day and a quantity, or a price.
    if table == "sales":
        wanted = [column for column in required(table) if column not in (*OPTIONAL_SALES, "store_id")]
    else:
        wanted = required(table)
    return sum(column in found for column in wanted) / len(wanted)


def similar(column: str, fields: Sequence[str]) -> list[str]:
    """The fields whose names share a word with the names of a column."""
    stems = {
        "quantity": "qty|quant|unit|sold|piece|meng|anzahl|count|cant",
        "unit_price": "price|preis|amount|sales|total|revenue|prix|precio|retail",
    }
    stems |= {
        "transaction_date": "date|time|day|datum|fecha",
        "product_id": "product|item|article|artikel|sku|description|name",
    }
    stems |= {
        "transaction_id": "order|invoice|bill|receipt|ticket|trans|number|id",
        "store_id": "store|shop|branch|city|region|country|location|site|seller",
    }
    stems |= {"customer_id": "customer|client|member|user|mail", "cost_price": "cost|price|ek"}
    stems |= {
        "category": "categ|group|type|class|line|department",
        "product_name": "name|descr|title|label",
        "store_name": "name|title|city",
    }
    stems |= {"store_location": "city|address|state|region|place|country"}
    pattern = stems.get(column, re.escape(column))
    return [field for field in fields if re.search(pattern, words_of(field))]
