WITH spans AS (
  ${spans}
),
days AS (
  SELECT transaction_date, product_id, revenue, gross_profit, quantity, returned_revenue
  FROM `${daily_product_sales}`
  WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
),
leading AS (
  SELECT product_id, SUM(revenue) AS total
  FROM days
  GROUP BY product_id
  ORDER BY total DESC, product_id
  LIMIT ${most_products}
)
SELECT
  spans.first_day,
  spans.last_day,
  days.product_id,
  SUM(days.revenue) AS revenue,
  SUM(days.gross_profit) AS gross_profit,
  SUM(days.quantity) AS quantity,
  SUM(days.returned_revenue) AS returned_revenue
FROM days
JOIN leading ON leading.product_id = days.product_id
JOIN spans ON days.transaction_date BETWEEN spans.first_day AND spans.last_day
GROUP BY spans.first_day, spans.last_day, days.product_id
