-- A day long after the last run is a mistake in a file: it must not push every other day off the page.
WITH days AS (
  SELECT transaction_date, COUNT(*) AS stores
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
  GROUP BY transaction_date
),
ends AS (
  SELECT MAX(finished_at) AS finished_at FROM `${etl_runs}`
),
bounds AS (
  SELECT
    MIN(transaction_date) AS first_day,
    COALESCE(
      MAX(IF(transaction_date <= DATE_ADD(DATE(ends.finished_at), INTERVAL 1 DAY), transaction_date, NULL)),
      MAX(transaction_date)
    ) AS last_day
  FROM days
  CROSS JOIN ends
)
SELECT
  MIN(bounds.first_day) AS first_day,
  MIN(bounds.last_day) AS last_day,
  MAX(days.transaction_date) AS newest_day,
  COALESCE(MAX(days.stores), 0) AS stores
FROM days
CROSS JOIN bounds
