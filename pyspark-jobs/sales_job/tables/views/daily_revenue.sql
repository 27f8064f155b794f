SELECT
  transaction_date,
  SUM(daily_revenue) AS revenue,
  SUM(daily_quantity) AS quantity,
  SUM(gross_profit) AS gross_profit,
  COUNT(*) AS stores,
  SUM(returned_quantity) AS returned_quantity,
  SUM(returned_revenue) AS returned_revenue
FROM `${daily_sales_summary}`
WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
GROUP BY transaction_date
