SELECT
  transaction_date,
  store_id,
  daily_revenue AS revenue,
  gross_profit,
  daily_transactions AS transactions,
  returned_revenue
FROM `${daily_sales_summary}`
WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
