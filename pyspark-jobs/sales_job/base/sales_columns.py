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

# Fifteen digits of quantity times fourteen of price, summed, stay inside BigQuery's NUMERIC (29 digits before the
# point).
QUANTITY = r"^\+?0*[0-9]{1,15}(\.0*)?$"
# Zeros behind the fourth decimal change nothing.
PRICE = r"^\+?(0*[0-9]{1,14}(\.[0-9]{0,4}0*)?|\.[0-9]{1,4}0*)$"
TIME_OF_DAY = r"[T ] *([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
