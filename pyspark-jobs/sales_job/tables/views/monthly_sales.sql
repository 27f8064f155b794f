-- No customers: distinct counts of days do not add up to that of a month.
WITH periods AS (
  SELECT
    DATE_TRUNC(transaction_date, MONTH) AS month,
    store_id,
    ANY_VALUE(store_name HAVING MAX transaction_date) AS store_name,
    COUNT(*) AS days,
    SUM(daily_revenue) AS revenue,
    SUM(daily_quantity) AS quantity,
    SUM(daily_transactions) AS daily_transactions,
    SUM(gross_profit) AS gross_profit,
    SUM(returned_quantity) AS returned_quantity,
    SUM(returned_revenue) AS returned_revenue
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
  GROUP BY month, store_id
),
compared AS (
  SELECT
    period.*,
    previous.revenue AS previous_revenue,
    year_before.revenue AS year_before_revenue
  FROM periods AS period
  LEFT JOIN periods AS previous
    ON previous.store_id = period.store_id AND previous.month = DATE_SUB(period.month, INTERVAL 1 MONTH)
  LEFT JOIN periods AS year_before
    ON year_before.store_id = period.store_id AND year_before.month = DATE_SUB(period.month, INTERVAL 1 YEAR)
)
SELECT
  month,
  store_id,
  store_name,
  days,
  revenue,
  quantity,
  daily_transactions,
  gross_profit,
  ${measures.profit_margin} AS profit_margin,
  previous_revenue,
  ${measures.growth} AS growth,
  year_before_revenue,
  ${measures.year_growth} AS year_growth,
  returned_quantity,
  returned_revenue,
  ${measures.return_rate} AS return_rate
FROM compared
