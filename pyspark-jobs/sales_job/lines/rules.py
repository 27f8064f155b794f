"""What makes a sales line good, and the reason where it is not. Pure column expressions, no user-defined functions."""

from __future__ import annotations

from decimal import Decimal

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
"""Unicode's white space: what is trimmed from both ends of every field."""

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
    """Types every line and says what is wrong with it.

    Args:
        texts: the seven columns of {SALES_COLUMNS} as texts, as a reader of files gives them, and any others, which
            are kept.

    Returns:
        The same rows. The seven columns become typed (NULL where the text does not parse), ``price_units`` is the price
        in ten-thousandths, a whole number; ``reason`` is NULL for a good line, else every rule that it breaks, joined
        by "; "; ``raw`` holds the seven texts of a bad line as they came, and is NULL for a good one.
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
    ).withColumn(
        "unit_price", (F.col("price_units").cast("decimal(18,0)") * F.lit(Decimal("0.0001"))).cast("decimal(18,4)")
    )
    problems = [_missing(name, F.col(name)) for name in ("transaction_id", "product_id", "store_id")]
    for name, rule in (
        ("quantity", "is not a whole number of at least 1 (15 digits at most)"),
        ("unit_price", "is not a plain decimal of at least 0 (14 digits and 4 decimals at most)"),
        ("transaction_date", f"is not a date from {FIRST_DAY} to {LAST_DAY} written yyyy-MM-dd"),
    ):
        problems.append(_missing(name, F.col(f"_{name}")))
        problems.append(F.when(F.col(f"_{name}").isNotNull() & F.col(name).isNull(), F.lit(f"{name} {rule}")))
    good = F.lit(True)
    for name in ("transaction_id", "product_id", "store_id", "quantity", "price_units", "transaction_date"):
        good = good & F.col(name).isNotNull()
    return (
        typed.withColumn("reason", F.when(~good, F.concat_ws("; ", *problems)))
        .withColumn("raw", F.when(~good, F.col("raw")))
        # Asked for by bad lines alone: a file's name in every row would cost more than reading it.
        .withColumn("source", F.when(~good, F.input_file_name()))
        .drop("_quantity", "_unit_price", "_transaction_date")
    )


def _missing(name: str, value: Column) -> Column:
    return F.when(value.isNull(), F.lit(f"{name} is missing"))


def _quantity(text: Column) -> Column:
    """A whole number of at most 15 digits; NULL where the text is none."""
    whole = text.cast("bigint")
    # What a number is written back as is what came, but for leading zeros: those go the long way of a pattern.
    plain = (whole.cast("string") == text) & whole.between(0, 10**15 - 1)
    return F.when(plain, whole).when(text.rlike(QUANTITY), text.cast("decimal(38,0)").cast("bigint"))


def _price_units(text: Column) -> Column:
    """A plain decimal in ten-thousandths; NULL where the text is none."""
    point = F.locate(".", text)
    fraction = text.substr(point + 1, F.lit(5))
    # "1" before four digits makes a number of five; a sign, a blank or a letter among them does not.
    decimals = F.concat(F.lit("1"), F.rpad(fraction, 4, "0")).cast("bigint")
    before = F.when(point == 0, text).otherwise(text.substr(F.lit(1), point - 1))
    whole = before.cast("bigint")
    plain = (whole.cast("string") == before) & whole.between(0, 10**14 - 1)
    with_decimals = (point > 0) & F.length(fraction).between(1, 4) & decimals.between(10_000, 19_999)
    slow = F.when(text.rlike(PRICE), (text.cast("decimal(18,4)") * 10_000).cast("bigint"))
    return (
        F.when(plain & (point == 0), whole * 10_000)
        .when(plain & with_decimals, whole * 10_000 + decimals - 10_000)
        .otherwise(slow)
    )


def _date(text: Column) -> Column:
    """A plausible day written yyyy-MM-dd; NULL for any other text."""
    shaped = (F.length(text) == 10) & (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
    # Texts of this shape sort as their days do.
    plausible = text.between(str(FIRST_DAY), str(LAST_DAY)) & F.substring(text, 10, 1).between("0", "9")
    return F.when(shaped & plausible, text.cast("date"))
