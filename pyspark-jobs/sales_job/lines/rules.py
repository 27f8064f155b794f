"""The rules of a good sales line, and the reasons of a bad one. Pure column expressions, no user-defined functions."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.base.sales_columns import PRICE, QUANTITY, READ_COLUMNS, SALES_COLUMNS, TIME_OF_DAY
from sales_job.base.sales_rules import BLANKS, RULES

TEXTS = ("transaction_id", "product_id", "store_id", "customer_id", "line_number")
"""The columns that stay texts."""

MOST_CHARACTERS = 2**31 - 1
"""More than a text can have: all that follows."""


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
        texts: :data:`READ_COLUMNS` as texts, ``surplus`` and ``doubtful_file`` (:func:`csv_reader.read_texts`), and
            any other columns, which are kept; ``surplus`` is not.

    Returns:
        The same rows, typed: ``transaction_id``, ``product_id``, ``store_id``, ``customer_id``, ``line_number``,
        ``quantity_units`` (the quantity in thousandths, negative for a return), ``price_units`` (the price in
        ten-thousandths) and ``transaction_date``, NULL where the text does not parse.
        For a bad line ``reason`` lists the rules that it breaks, joined by "; ", ``raw`` is a struct of the seven
        texts as read, and ``source`` the URI of its file; for a good line all three are NULL.
    """
    others = [name for name in texts.columns if name not in READ_COLUMNS]
    text = {name: F.col(f"_{name}") for name in READ_COLUMNS}
    prepared = texts.select(
        *others,
        F.struct(*SALES_COLUMNS).alias("raw"),
        *[trimmed(name).alias(f"_{name}") for name in READ_COLUMNS],
    )
    quantity = _quantity_units(text["quantity"])
    units = _price_units(text["unit_price"])
    date = _date(text["transaction_date"])
    typed = prepared.select(
        *others,
        "raw",
        text["transaction_id"].alias("transaction_id"),
        text["product_id"].alias("product_id"),
        text["store_id"].alias("store_id"),
        F.when(quantity != 0, quantity).alias("quantity_units"),
        units.alias("price_units"),
        date.alias("transaction_date"),
        text["customer_id"].alias("customer_id"),
        text["line_number"].alias("line_number"),
        *[text[name] for name in ("quantity", "unit_price", "transaction_date")],
    )
    problems = [
        F.when(F.col("surplus"), F.lit("fields are more than the header has: a value with an unquoted separator")),
        *[_missing(name, F.col(name)) for name in ("transaction_id", "product_id", "store_id")],
        *[F.when(_is_broken(name), F.lit(f"{name} {RULES['line_break_reason']}")) for name in TEXTS],
    ]
    for name, column in (
        ("quantity", "quantity_units"),
        ("unit_price", "price_units"),
        ("transaction_date", "transaction_date"),
    ):
        problems.append(_missing(name, F.col(f"_{name}")))
        unparsed = F.col(f"_{name}").isNotNull() & F.col(column).isNull()
        problems.append(F.when(unparsed, F.lit(f"{name} {RULES[f'{name}_reason']}")))
    broken = reduce(lambda one, other: one | other, map(_is_broken, TEXTS))
    # Texts with a line break are in doubtful rows only.
    good = ~(F.col("surplus") | (F.col("doubtful_file").isNotNull() & F.coalesce(broken, F.lit(False))))
    for name in ("transaction_id", "product_id", "store_id", "quantity_units", "price_units", "transaction_date"):
        good = good & F.col(name).isNotNull()
    return (
        typed.withColumn("reason", F.when(~good, F.concat_ws("; ", *problems)))
        .withColumn("raw", F.when(~good, F.col("raw")))
        # For bad lines only: a file's name in every row would cost more than reading it.
        .withColumn("source", F.when(~good, F.input_file_name()))
        .drop("surplus", "_quantity", "_unit_price", "_transaction_date")
    )


def _missing(name: str, value: Column) -> Column:
    return F.when(value.isNull(), F.lit(f"{name} {RULES['missing_reason']}"))


def _is_broken(name: str) -> Column:
    return F.col(name).rlike(RULES["line_break"])


def _quantity_units(text: Column) -> Column:
    """A plain decimal in thousandths; NULL for any other text."""
    # Nearly every quantity is a whole number: these are read without a decimal.
    units = F.when(text.contains("."), (text.cast("decimal(18,3)") * 1000).cast("bigint")).otherwise(
        text.cast("bigint") * 1000
    )
    return F.when(text.rlike(QUANTITY), units)


def _price_units(text: Column) -> Column:
    """A plain decimal in ten-thousandths; NULL for any other text."""
    return F.when(text.rlike(PRICE), (text.cast("decimal(18,4)") * 10_000).cast("bigint"))


def _date(text: Column) -> Column:
    """A plausible day written yyyy-MM-dd, alone or before a time of day without a zone; NULL for any other text."""
    alone = F.length(text) == 10
    day = F.when(alone, text).otherwise(F.substring(text, 1, 10))
    shaped = (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
    # Texts of this shape sort as their days do.
    plausible = day.between(str(FIRST_DAY), str(LAST_DAY)) & F.substring(text, 10, 1).between("0", "9")
    timed = alone | F.substring(text, 11, MOST_CHARACTERS).rlike(f"^{TIME_OF_DAY}$")
    return F.when(shaped & plausible & timed, day.cast("date"))
