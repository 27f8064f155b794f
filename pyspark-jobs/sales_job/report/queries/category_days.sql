-- A transaction counts once a day, store and category, as daily_transactions does a day and store.
WITH days AS (
  SELECT
    line.transaction_date,
    line.store_id,
    product.category,
    SUM(line.amount) AS revenue,
    SUM(line.profit) AS gross_profit,
    COUNT(DISTINCT IF(line.quantity > 0, line.transaction_id, NULL)) AS transactions,
    SUM(IF(line.quantity < 0, -line.amount, 0)) AS returned_revenue
  FROM `${sales_lines}` AS line
  LEFT JOIN `${products}` AS product ON product.product_id = line.product_id
  WHERE line.transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
  GROUP BY line.transaction_date, line.store_id, product.category
),
placed AS (
  -- Named here: BigQuery does not group by an area that is a constant.
  SELECT days.*, ${area} AS area
  FROM days
  LEFT JOIN `${stores}` AS store ON store.store_id = days.store_id
)
SELECT
  transaction_date,
  area,
  category,
  SUM(revenue) AS revenue,
  SUM(gross_profit) AS gross_profit,
  SUM(transactions) AS transactions,
  SUM(returned_revenue) AS returned_revenue
FROM placed
GROUP BY transaction_date, area, category
