SELECT
  segment,
  MAX(as_of) AS as_of,
  COUNT(*) AS customers,
  SUM(transactions) AS transactions,
  SUM(revenue) AS revenue,
  SUM(gross_profit) AS gross_profit
FROM `${customer_segments}`
GROUP BY segment
