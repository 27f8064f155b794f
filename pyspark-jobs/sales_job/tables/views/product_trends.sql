-- The last 28 days with their last day, and the 28 days before; ties of ranks go by product_id.
WITH known AS (
  SELECT MAX(IF(transactions > 0, transaction_date, NULL)) AS as_of
  FROM `${daily_product_sales}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
),
days AS (
  SELECT
    known.as_of,
    day.*,
    day.transaction_date > DATE_SUB(known.as_of, INTERVAL 28 DAY) AS recent
  FROM `${daily_product_sales}` AS day
  CROSS JOIN known
  WHERE day.transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
    AND day.transaction_date > DATE_SUB(known.as_of, INTERVAL 56 DAY)
    AND day.transaction_date <= known.as_of
),
periods AS (
  SELECT
    as_of,
    product_id,
    LOGICAL_OR(recent) AS recent,
    SUM(IF(recent, revenue, 0)) AS revenue,
    SUM(IF(recent, quantity, 0)) AS quantity,
    SUM(IF(recent, gross_profit, 0)) AS gross_profit,
    SUM(IF(recent, NULL, revenue)) AS previous_revenue,
    SUM(IF(recent, NULL, quantity)) AS previous_quantity
  FROM days
  GROUP BY as_of, product_id
),
ranked AS (
  SELECT
    *,
    IF(
      recent,
      ROW_NUMBER() OVER (ORDER BY IF(recent, 0, 1), revenue DESC, product_id),
      NULL
    ) AS revenue_rank,
    IF(
      previous_revenue IS NOT NULL,
      ROW_NUMBER() OVER (ORDER BY IF(previous_revenue IS NULL, 1, 0), previous_revenue DESC, product_id),
      NULL
    ) AS previous_rank,
    SUM(GREATEST(revenue, 0)) OVER () AS positive_revenue,
    SUM(GREATEST(revenue, 0)) OVER (
      ORDER BY revenue DESC, product_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) - GREATEST(revenue, 0) AS revenue_above
  FROM periods
)
SELECT
  as_of,
  product_id,
  product_name,
  category,
  revenue,
  quantity,
  gross_profit,
  ${measures.profit_margin} AS profit_margin,
  previous_revenue,
  previous_quantity,
  ${measures.growth} AS growth,
  revenue_rank,
  previous_rank,
  previous_rank - revenue_rank AS rank_change,
  ${measures.revenue_share} AS revenue_share,
  CASE
    WHEN revenue <= 0 THEN 'C'
    WHEN SAFE_DIVIDE(revenue_above, positive_revenue) < NUMERIC '0.8' THEN 'A'
    WHEN SAFE_DIVIDE(revenue_above, positive_revenue) < NUMERIC '0.95' THEN 'B'
    ELSE 'C'
  END AS abc_class
FROM ranked
LEFT JOIN (SELECT product_id, product_name, category FROM `${products}`) AS named USING (product_id)
