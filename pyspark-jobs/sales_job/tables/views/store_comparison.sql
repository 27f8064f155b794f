-- The last 28 days with their last day, and the 28 days before; ties of ranks go by store_id.
WITH known AS (
  SELECT MAX(IF(daily_transactions > 0, transaction_date, NULL)) AS as_of
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
),
days AS (
  SELECT
    known.as_of,
    day.store_id,
    day.daily_revenue,
    day.gross_profit,
    day.daily_transactions,
    day.transaction_date > DATE_SUB(known.as_of, INTERVAL 28 DAY) AS recent
  FROM `${daily_sales_summary}` AS day
  CROSS JOIN known
  WHERE day.transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
    AND day.transaction_date > DATE_SUB(known.as_of, INTERVAL 56 DAY)
    AND day.transaction_date <= known.as_of
),
periods AS (
  SELECT
    as_of,
    store_id,
    COUNTIF(recent) AS days,
    SUM(IF(recent, daily_revenue, 0)) AS revenue,
    SUM(IF(recent, gross_profit, 0)) AS gross_profit,
    SUM(IF(recent, daily_transactions, 0)) AS daily_transactions,
    COUNTIF(NOT recent) AS previous_days,
    SUM(IF(recent, NULL, daily_revenue)) AS previous_revenue
  FROM days
  GROUP BY as_of, store_id
),
compared AS (
  SELECT period.*, store.store_name, store.region, store.store_type, store.store_size_sqft
  FROM periods AS period
  LEFT JOIN `${stores}` AS store ON store.store_id = period.store_id
),
-- Like for like: only stores with a line in both periods count.
alike AS (
  SELECT
    store_id,
    region,
    store_type,
    IF(days > 0 AND previous_days > 0, revenue, NULL) AS revenue,
    IF(days > 0 AND previous_days > 0, previous_revenue, NULL) AS previous_revenue
  FROM compared
),
store_growths AS (
  SELECT store_id, ${measures.growth} AS growth FROM alike
),
region_growths AS (
  SELECT store_id, ${measures.growth} AS region_growth
  FROM (
    SELECT
      store_id,
      SUM(revenue) OVER (PARTITION BY region) AS revenue,
      SUM(previous_revenue) OVER (PARTITION BY region) AS previous_revenue
    FROM alike
  )
),
type_growths AS (
  SELECT store_id, ${measures.growth} AS type_growth
  FROM (
    SELECT
      store_id,
      SUM(revenue) OVER (PARTITION BY store_type) AS revenue,
      SUM(previous_revenue) OVER (PARTITION BY store_type) AS previous_revenue
    FROM alike
  )
),
region_shares AS (
  SELECT store_id, ${measures.revenue_share} AS share_of_region
  FROM (
    SELECT store_id, revenue, SUM(GREATEST(revenue, 0)) OVER (PARTITION BY region) AS positive_revenue FROM compared
  )
),
type_shares AS (
  SELECT store_id, ${measures.revenue_share} AS share_of_type
  FROM (
    SELECT store_id, revenue, SUM(GREATEST(revenue, 0)) OVER (PARTITION BY store_type) AS positive_revenue FROM compared
  )
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY revenue DESC, store_id) AS revenue_rank,
    SUM(GREATEST(revenue, 0)) OVER () AS positive_revenue
  FROM compared
)
SELECT
  as_of,
  store_id,
  store_name,
  region,
  store_type,
  store_size_sqft,
  days,
  revenue,
  gross_profit,
  ${measures.profit_margin} AS profit_margin,
  daily_transactions,
  previous_days,
  previous_revenue,
  growth,
  revenue_rank,
  ${measures.revenue_share} AS revenue_share,
  ${measures.revenue_per_sqft} AS revenue_per_sqft,
  share_of_region,
  region_growth,
  share_of_type,
  type_growth
FROM ranked
JOIN store_growths USING (store_id)
JOIN region_shares USING (store_id)
JOIN region_growths USING (store_id)
JOIN type_shares USING (store_id)
JOIN type_growths USING (store_id)
