-- Days that have messages, and that no run has closed; of all stores, those that the tables alone know too. A day long
-- after its last message is a mistake in one.
WITH days AS (
  SELECT
    transaction_date,
    store_id,
    daily_revenue AS revenue,
    gross_profit,
    daily_transactions AS transactions,
    returned_revenue,
    unique_customers AS customers,
    last_message,
    MAX(last_message) OVER (PARTITION BY transaction_date) AS newest_message
  FROM `${sales_today}`
  WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '2159-12-31'
)
SELECT
  transaction_date,
  store_id,
  revenue,
  gross_profit,
  transactions,
  returned_revenue,
  customers,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', last_message) AS last_message
FROM days
WHERE transaction_date <= DATE_ADD(DATE(newest_message), INTERVAL 1 DAY)
