"""The rules of a good sales line, and the reasons of a bad one. Pure column expressions, no user-defined functions."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY

SALES_COLUMNS = (
    "transaction_id",
    "product_id",
    "store_id",
    "quantity",
    "unit_price",
    "transaction_date",
    "customer_id",
)

BLANKS = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's white space, trimmed from both ends of every field."""

# Fifteen digits of quantity times fourteen of price, summed, stay inside BigQuery's NUMERIC (29 digits before the
# point).
QUANTITY = r"^0*[0-9]{1,15}$"
PRICE = r"^0*[0-9]{1,14}(\.[0-9]{1,4})?$"


def trimmed(name: str) -> Column:
    """A text without blanks at its ends; NULL where nothing is left."""
    column = F.col(name)
    # Nearly every text begins and ends with a printable ASCII character: comparisons of bytes instead of a search.
    last = F.substring(column.cast("binary"), -1, 1)
    clean = column.between("!", "~\x7f") & last.between(F.lit(bytearray(b"!")), F.lit(bytearray(b"~")))
    blank_free = F.btrim(column, F.lit(BLANKS))
    return F.when(clean, column).otherwise(F.when(blank_free != "", blank_free))


def classify(texts: DataFrame) -> DataFrame:
    """Parses every line and finds the rules that it breaks.

    Args:
        texts: :data:`SALES_COLUMNS` as texts, as read from files, and any other columns, which are kept.

    Returns:
        The same rows, typed: ``transaction_id``, ``product_id``, ``store_id``, ``customer_id``, ``quantity``,
        ``price_units`` (the price in ten-thousandths) and ``transaction_date``, NULL where the text does not parse.
        For a bad line ``reason`` lists the rules that it breaks, joined by "; ", ``raw`` is a struct of the seven
        texts as read, and ``source`` the URI of its file; for a good line all three are NULL.
    """
    others = [name for name in texts.columns if name not in SALES_COLUMNS]
    text = {name: F.col(f"_{name}") for name in SALES_COLUMNS}
    prepared = texts.select(
        *others,
        F.struct(*SALES_COLUMNS).alias("raw"),
        *[trimmed(name).alias(f"_{name}") for name in SALES_COLUMNS],
    )
    quantity = _quantity(text["quantity"])
    units = _price_units(text["unit_price"])
    date = _date(text["transaction_date"])
    typed = prepared.select(
        *others,
        "raw",
        text["transaction_id"].alias("transaction_id"),
        text["product_id"].alias("product_id"),
        text["store_id"].alias("store_id"),
        F.when(quantity >= 1, quantity).alias("quantity"),
        units.alias("price_units"),
        date.alias("transaction_date"),
        text["customer_id"].alias("customer_id"),
        *[text[name] for name in ("quantity", "unit_price", "transaction_date")],
    )
    problems = [_missing(name, F.col(name)) for name in ("transaction_id", "product_id", "store_id")]
    for name, column, rule in (
        ("quantity", "quantity", "is not a whole number of at least 1 (15 digits at most)"),
        ("unit_price", "price_units", "is not a plain decimal of at least 0 (14 digits and 4 decimals at most)"),
        ("transaction_date", "transaction_date", f"is not a date from {FIRST_DAY} to {LAST_DAY} written yyyy-MM-dd"),
    ):
        problems.append(_missing(name, F.col(f"_{name}")))
        problems.append(F.when(F.col(f"_{name}").isNotNull() & F.col(column).isNull(), F.lit(f"{name} {rule}")))
    good = F.lit(True)
    for name in ("transaction_id", "product_id", "store_id", "quantity", "price_units", "transaction_date"):
        good = good & F.col(name).isNotNull()
    return (
        typed.withColumn("reason", F.when(~good, F.concat_ws("; ", *problems)))
        .withColumn("raw", F.when(~good, F.col("raw")))
        # For bad lines only: a file's name in every row would cost more than reading it.
        .withColumn("source", F.when(~good, F.input_file_name()))
        .drop("_quantity", "_unit_price", "_transaction_date")
    )


def _missing(name: str, value: Column) -> Column:
    return F.when(value.isNull(), F.lit(f"{name} is missing"))


def _quantity(text: Column) -> Column:
    """A whole number of at most 15 digits; NULL for any other text."""
    return F.when(text.rlike(QUANTITY), text.cast("bigint"))


def _price_units(text: Column) -> Column:
    """A plain decimal in ten-thousandths; NULL for any other text."""
    return F.when(text.rlike(PRICE), (text.cast("decimal(18,4)") * 10_000).cast("bigint"))


def _date(text: Column) -> Column:
    """A plausible day written yyyy-MM-dd; NULL for any other text."""
    shaped = (F.length(text) == 10) & (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
    # Texts of this shape sort as their days do.
    plausible = text.between(str(FIRST_DAY), str(LAST_DAY)) & F.substring(text, 10, 1).between("0", "9")
    return F.when(shaped & plausible, text.cast("date"))
