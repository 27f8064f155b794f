-- No customers: distinct counts of days do not add up to that of a week.
SELECT
  DATE_TRUNC(transaction_date, WEEK(MONDAY)) AS week,
  store_id,
  ANY_VALUE(store_name HAVING MAX transaction_date) AS store_name,
  SUM(daily_revenue) AS revenue,
  SUM(daily_quantity) AS quantity,
  SUM(daily_transactions) AS daily_transactions,
  SUM(gross_profit) AS gross_profit,
  SAFE_DIVIDE(SUM(gross_profit), SUM(daily_revenue)) AS profit_margin
FROM `${daily_sales_summary}`
WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
GROUP BY week, store_id
