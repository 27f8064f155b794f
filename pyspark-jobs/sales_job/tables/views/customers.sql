-- Guests have no key. Returns without any sale make a row without days.
SELECT
  customer_key,
  MIN(IF(quantity > 0, transaction_date, NULL)) AS first_day,
  MAX(IF(quantity > 0, transaction_date, NULL)) AS last_day,
  COUNT(DISTINCT IF(quantity > 0, transaction_id, NULL)) AS transactions,
  SUM(quantity) AS quantity,
  SUM(amount) AS revenue,
  SUM(profit) AS gross_profit,
  SUM(IF(quantity < 0, -quantity, 0)) AS returned_quantity,
  SUM(IF(quantity < 0, -amount, 0)) AS returned_revenue
FROM `${sales_lines}`
WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31' AND customer_key IS NOT NULL
GROUP BY customer_key
