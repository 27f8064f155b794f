-- A cohort: the known customers whose first sale is in one month.
WITH firsts AS (
  SELECT customer_key, DATE_TRUNC(first_day, MONTH) AS cohort_month
  FROM `${customers}`
  WHERE first_day IS NOT NULL
),
cohorts AS (
  SELECT cohort_month, COUNT(*) AS cohort_customers FROM firsts GROUP BY cohort_month
),
lines AS (
  SELECT
    firsts.cohort_month,
    DATE_TRUNC(line.transaction_date, MONTH) AS month,
    line.customer_key,
    line.quantity > 0 AS sold,
    line.amount
  FROM `${sales_lines}` AS line
  JOIN firsts ON firsts.customer_key = line.customer_key
  WHERE line.transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
),
months AS (
  SELECT DISTINCT month FROM lines WHERE sold
),
added AS (
  SELECT
    cohort_month,
    month,
    COUNT(DISTINCT IF(sold, customer_key, NULL)) AS customers,
    SUM(amount) AS revenue
  FROM lines
  GROUP BY cohort_month, month
),
shown AS (
  -- A month in which nobody of the cohort bought has a row too.
  SELECT
    cohort.cohort_month,
    cohort.cohort_customers,
    months.month,
    COALESCE(added.customers, 0) AS customers,
    COALESCE(added.revenue, 0) AS revenue
  FROM cohorts AS cohort
  JOIN months ON months.month >= cohort.cohort_month
  LEFT JOIN added ON added.cohort_month = cohort.cohort_month AND added.month = months.month
)
SELECT
  cohort_month,
  DATE_DIFF(month, cohort_month, MONTH) AS months_since,
  month,
  cohort_customers,
  customers,
  ${measures.retention} AS retention,
  revenue,
  ${measures.revenue_per_customer} AS revenue_per_customer
FROM shown
