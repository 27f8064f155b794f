"""The usual way: read every CSV, join, group three times with exact distinct counts, write each table, show each.

No validation, no quarantine, no duplicates found, the whole history every time: what the job is measured against.
"""

from __future__ import annotations

from pyspark.sql import functions as F
from usual_spark import folders, spark_session


def main() -> None:
    """The command line."""
    options = folders(__doc__)
    spark = spark_session("usual")
    read = spark.read.option("header", True).option("inferSchema", True)
    sales = read.csv(f"{options.lake}/sales_data")
    products = read.csv(f"{options.lake}/reference_data/products.csv").drop("unit_price")
    stores = read.csv(f"{options.lake}/reference_data/stores.csv")
    joined = (
        sales.join(products, "product_id", "left")
        .join(stores, "store_id", "left")
        .withColumn("amount", F.col("quantity") * F.col("unit_price"))
        .withColumn("profit", F.col("quantity") * (F.col("unit_price") - F.col("cost_price")))
    )
    tables = {
        "daily_sales_summary": joined.groupBy("transaction_date", "store_id", "store_name", "store_location").agg(
            F.sum("amount"),
            F.sum("quantity"),
            F.countDistinct("transaction_id"),
            F.countDistinct("customer_id"),
            F.sum("profit"),
        ),
        "product_performance": joined.groupBy("product_id", "product_name", "category").agg(
            F.sum("amount"), F.sum("quantity"), F.avg("unit_price"), F.countDistinct("store_id"), F.sum("profit")
        ),
        "store_performance": joined.groupBy("store_id", "store_name", "store_location").agg(
            F.sum("amount"),
            F.sum("quantity"),
            F.countDistinct("product_id"),
            F.countDistinct("customer_id"),
            F.sum("profit"),
        ),
    }
    for name, table in tables.items():
        # Parquet takes no brackets in column names.
        columns = [column.replace("(", "_").replace(")", "") for column in table.columns]
        table.toDF(*columns).write.mode("overwrite").parquet(f"{options.out}/{name}")
        table.show(10)
    spark.stop()


if __name__ == "__main__":
    main()
