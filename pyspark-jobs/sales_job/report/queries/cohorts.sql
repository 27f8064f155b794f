-- Customers who first bought in one of the last twelve months, and the following months of each.
WITH newest AS (
  SELECT MAX(cohort_month) AS month FROM `${cohort_retention}`
)
SELECT cohort_month, months_since, cohort_customers, customers, revenue
FROM `${cohort_retention}`
CROSS JOIN newest
WHERE cohort_month > DATE_SUB(newest.month, INTERVAL 12 MONTH)
