"""The usual way with rules, quarantine and duplicates: read every CSV as texts, check each line, keep the bad ones with
their reasons, write each good line once as Parquet by day, join, write the lines with keys of customers, group four
times with exact distinct counts.

The whole history every time, no checks of the tables; of all blanks, spaces alone are trimmed.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from usual_spark import folders, spark_session

KEY = bytes(range(32))
"""The key of the customers; that of a real warehouse is secret."""

COLUMNS = ["transaction_id", "product_id", "store_id", "quantity", "unit_price", "transaction_date", "customer_id"]
QUANTITY = r"^[+-]?(0*[0-9]{1,15}(\.[0-9]{0,3}0*)?|\.[0-9]{1,3}0*)$"
PRICE = r"^\+?(0*[0-9]{1,14}(\.[0-9]{0,4}0*)?|\.[0-9]{1,4}0*)$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ] *([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?)?$"


def classified(texts: DataFrame) -> DataFrame:
    """The lines with their values' types, and with a reason where they are bad."""
    filled = {name: F.when(F.trim(name) != "", F.trim(name)) for name in COLUMNS}
    quantity = F.when(filled["quantity"].rlike(QUANTITY), filled["quantity"].cast("decimal(18,3)"))
    price = F.when(filled["unit_price"].rlike(PRICE), filled["unit_price"].cast("decimal(18,4)"))
    written = filled["transaction_date"]
    day = F.when(written.rlike(DAY), F.substring(written, 1, 10).cast("date"))
    typed = {
        **filled,
        "quantity": F.when(quantity != 0, quantity),
        "unit_price": price,
        "transaction_date": F.when(day.between("1960-01-01", "2159-12-31"), day),
    }
    reasons = [F.when(typed[name].isNull(), f"{name} is missing or wrong") for name in COLUMNS if name != "customer_id"]
    return texts.select(
        F.struct(*COLUMNS).alias("texts"),
        F.input_file_name().alias("source_file"),
        F.concat_ws("; ", *reasons).alias("reason"),
        *[typed[name].alias(name) for name in COLUMNS],
    )


def keyed(text: Column) -> Column:
    """HMAC-SHA-256 (RFC 2104) of a text."""
    inner, outer = (F.lit(bytes(one ^ byte for one in KEY.ljust(64, b"\0"))) for byte in (0x36, 0x5C))
    return F.sha2(F.concat(outer, F.unhex(F.sha2(F.concat(inner, text.cast("binary")), 256))), 256)


def figures(lines: DataFrame, products: DataFrame, stores: DataFrame) -> dict[str, DataFrame]:
    """The tables of lines and figures."""
    profit = F.col("quantity") * (F.col("unit_price") - F.col("cost_price")).cast("decimal(19,4)")
    joined = (
        lines.join(products, "product_id", "left")
        .join(stores, "store_id", "left")
        .withColumn("amount", F.col("quantity") * F.col("unit_price"))
        .withColumn("profit", F.coalesce(profit, F.lit(0)))
    )

    def sold(name: str) -> Column:
        return F.when(F.col("quantity") > 0, F.col(name))

    def returned(name: str) -> Column:
        return F.sum(F.when(F.col("quantity") < 0, -F.col(name)).otherwise(0))

    def totals(revenue: str, quantity: str) -> list[Column]:
        return [
            F.sum("amount").alias(revenue),
            F.sum("quantity").alias(quantity),
            F.sum("profit").alias("gross_profit"),
            returned("quantity").alias("returned_quantity"),
            returned("amount").alias("returned_revenue"),
        ]

    def distinct(**names: str) -> list[Column]:
        return [F.countDistinct(sold(name)).alias(alias) for alias, name in names.items()]

    sales_lines = ["transaction_date", "transaction_id", "product_id", "store_id"]
    amounts = ["quantity", "unit_price", "amount", "cost_price", "profit"]
    return {
        "sales_lines": joined.select(*sales_lines, keyed(F.col("customer_id")).alias("customer_key"), *amounts),
        "daily_product_sales": joined.groupBy("transaction_date", "product_id").agg(
            *totals("revenue", "quantity"),
            *distinct(transactions="transaction_id", stores_sold_in="store_id"),
        ),
        "daily_sales_summary": joined.groupBy("transaction_date", "store_id", "store_name", "store_location").agg(
            *totals("daily_revenue", "daily_quantity"),
            *distinct(daily_transactions="transaction_id", unique_customers="customer_id"),
        ),
        "product_performance": joined.groupBy("product_id", "product_name", "category").agg(
            *totals("total_revenue", "total_quantity_sold"),
            *distinct(stores_sold_in="store_id"),
            F.avg(sold("unit_price")).alias("avg_unit_price"),
        ),
        "store_performance": joined.groupBy("store_id", "store_name", "store_location").agg(
            *totals("total_revenue", "total_items_sold"),
            *distinct(unique_products="product_id", unique_customers="customer_id"),
        ),
    }


def run(spark: SparkSession, lake: str, out: str) -> None:
    """Everything from the lake's files to tables in ``out``."""
    read = spark.read.option("header", True)
    rows = classified(read.csv(f"{lake}/sales_data"))
    bad = rows.where("reason <> ''").select("texts.*", "reason", "source_file")
    bad.write.mode("overwrite").parquet(f"{out}/quarantined_sales")
    good = rows.where("reason = ''").select(COLUMNS).dropDuplicates()
    good.repartition("transaction_date").write.mode("overwrite").partitionBy("transaction_date").parquet(f"{out}/lines")
    products = read.csv(f"{lake}/reference_data/products.csv").select(
        "product_id", "product_name", "category", F.col("cost_price").cast("decimal(18,4)").alias("cost_price")
    )
    stores = read.csv(f"{lake}/reference_data/stores.csv").select("store_id", "store_name", "store_location")
    for name, table in figures(spark.read.parquet(f"{out}/lines"), products, stores).items():
        table.write.mode("overwrite").parquet(f"{out}/{name}")


def main() -> None:
    """The command line."""
    options = folders(__doc__)
    spark = spark_session("usual, same work")
    run(spark, options.lake, options.out)
    spark.stop()


if __name__ == "__main__":
    main()
