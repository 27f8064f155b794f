SELECT
  (
    SELECT COUNT(DISTINCT store_id)
    FROM `${daily_sales_summary}`
    WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
  ) AS stores,
  (SELECT COUNT(DISTINCT region) + 1 FROM `${stores}`) AS regions,
  (
    SELECT COUNT(DISTINCT product_id)
    FROM `${daily_product_sales}`
    WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
  ) AS products,
  (SELECT COUNT(DISTINCT category) + 1 FROM `${products}`) AS categories
