"""The columns of a sales file, and how their values are written."""

from __future__ import annotations

SALES_COLUMNS = (
    "transaction_id",
    "product_id",
    "store_id",
    "quantity",
    "unit_price",
    "transaction_date",
    "customer_id",
)
"""Columns that every sales file has."""

OPTIONAL_COLUMNS = ("line_number",)
"""Columns that a sales file may have."""

READ_COLUMNS = (*SALES_COLUMNS, *OPTIONAL_COLUMNS)

# Fifteen digits of quantity times fourteen of price, summed, stay inside BigQuery's NUMERIC (29 digits before the
# point). Zeros behind the third decimal of a quantity, and behind the fourth of a price, change nothing.
QUANTITY = r"^[+-]?(0*[0-9]{1,15}(\.[0-9]{0,3}0*)?|\.[0-9]{1,3}0*)$"
PRICE = r"^\+?(0*[0-9]{1,14}(\.[0-9]{0,4}0*)?|\.[0-9]{1,4}0*)$"
TIME_OF_DAY = r"[T ] *([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
