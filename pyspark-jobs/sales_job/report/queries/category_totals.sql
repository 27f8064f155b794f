-- Over all stores, from the days of products, which do not say in how many transactions a category is.
SELECT
  day.transaction_date,
  product.category,
  SUM(day.revenue) AS revenue,
  SUM(day.gross_profit) AS gross_profit,
  SUM(day.returned_revenue) AS returned_revenue
FROM `${daily_product_sales}` AS day
LEFT JOIN `${products}` AS product ON product.product_id = day.product_id
WHERE day.transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
GROUP BY day.transaction_date, product.category
