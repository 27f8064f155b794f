SELECT
  transaction_date,
  store_id,
  product_id,
  SUM(amount) AS revenue,
  SUM(profit) AS gross_profit,
  SUM(quantity) AS quantity,
  SUM(IF(quantity < 0, -amount, 0)) AS returned_revenue
FROM `${sales_lines}`
WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
GROUP BY transaction_date, store_id, product_id
