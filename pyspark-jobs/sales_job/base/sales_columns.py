"""The columns of a sales file, and how their values are written."""

from __future__ import annotations

from sales_job.base.sales_rules import RULES

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
QUANTITY = RULES["quantity"]
PRICE = RULES["unit_price"]
TIME_OF_DAY = RULES["time_of_day"]
