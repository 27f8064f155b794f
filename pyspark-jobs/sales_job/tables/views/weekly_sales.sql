-- No customers: distinct counts of days do not add up to that of a week. Like for like: a week that is not over is
-- held against as many days of the others.
WITH known AS (
  SELECT MAX(IF(daily_transactions > 0, transaction_date, NULL)) AS as_of
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
),
running AS (
  SELECT
    DATE_TRUNC(as_of, WEEK(MONDAY)) AS week,
    as_of < DATE_ADD(DATE_TRUNC(as_of, WEEK(MONDAY)), INTERVAL 6 DAY) AS is_running,
    DATE_DIFF(as_of, DATE_TRUNC(as_of, WEEK(MONDAY)), DAY) AS days_before
  FROM known
),
days AS (
  SELECT
    day.*,
    DATE_TRUNC(day.transaction_date, WEEK(MONDAY)) AS week,
    IF(running.is_running, running.week, NULL) AS running_week,
    running.is_running
      AND DATE_DIFF(day.transaction_date, DATE_TRUNC(day.transaction_date, WEEK(MONDAY)), DAY) > running.days_before AS is_later
  FROM `${daily_sales_summary}` AS day
  CROSS JOIN running
  WHERE day.transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
),
periods AS (
  SELECT
    week,
    store_id,
    LOGICAL_OR(week = running_week) AS is_running,
    ANY_VALUE(store_name HAVING MAX transaction_date) AS store_name,
    COUNT(*) AS days,
    SUM(daily_revenue) AS revenue,
    SUM(daily_quantity) AS quantity,
    SUM(daily_transactions) AS daily_transactions,
    SUM(gross_profit) AS gross_profit,
    SUM(returned_quantity) AS returned_quantity,
    SUM(returned_revenue) AS returned_revenue,
    COUNTIF(is_later IS NOT TRUE) AS days_so_far,
    SUM(IF(is_later, NULL, daily_revenue)) AS revenue_so_far
  FROM days
  GROUP BY week, store_id
),
compared AS (
  SELECT
    period.*,
    IF(period.is_running, previous.revenue_so_far, previous.revenue) AS previous_revenue,
    IF(period.is_running, previous.days_so_far, previous.days) AS previous_days,
    IF(period.is_running, year_before.revenue_so_far, year_before.revenue) AS year_before_revenue,
    IF(period.is_running, year_before.days_so_far, year_before.days) AS year_before_days
  FROM periods AS period
  LEFT JOIN periods AS previous
    ON previous.store_id = period.store_id AND previous.week = DATE_SUB(period.week, INTERVAL 1 WEEK)
  LEFT JOIN periods AS year_before
    ON year_before.store_id = period.store_id AND year_before.week = DATE_SUB(period.week, INTERVAL 52 WEEK)
)
SELECT
  week,
  store_id,
  store_name,
  days,
  is_running IS NOT TRUE AS is_complete,
  revenue,
  quantity,
  daily_transactions,
  gross_profit,
  ${measures.profit_margin} AS profit_margin,
  COALESCE(previous_days, 0) AS previous_days,
  previous_revenue,
  ${measures.growth} AS growth,
  COALESCE(year_before_days, 0) AS year_before_days,
  year_before_revenue,
  ${measures.year_growth} AS year_growth,
  returned_quantity,
  returned_revenue,
  ${measures.return_rate} AS return_rate
FROM compared
