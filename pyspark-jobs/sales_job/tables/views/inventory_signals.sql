-- The last 28 days with their last day, and the 28 days before, or as many of them as the product has been on sale.
WITH known AS (
  SELECT MAX(IF(transactions > 0, transaction_date, NULL)) AS as_of
  FROM `${daily_product_sales}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
),
sold AS (
  SELECT
    day.product_id,
    MIN(IF(day.transactions > 0, day.transaction_date, NULL)) AS first_sale_day,
    MAX(IF(day.transactions > 0, day.transaction_date, NULL)) AS last_sale_day,
    SUM(IF(day.transaction_date > DATE_SUB(known.as_of, INTERVAL 28 DAY), day.quantity, 0)) AS quantity,
    SUM(
      IF(
        day.transaction_date > DATE_SUB(known.as_of, INTERVAL 56 DAY)
          AND day.transaction_date <= DATE_SUB(known.as_of, INTERVAL 28 DAY),
        day.quantity,
        0
      )
    ) AS previous_quantity
  FROM `${daily_product_sales}` AS day
  CROSS JOIN known
  WHERE day.transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
    AND day.transaction_date <= known.as_of
  GROUP BY day.product_id
),
listed AS (
  SELECT
    known.as_of,
    COALESCE(product.product_id, sold.product_id) AS product_id,
    product.product_name,
    product.category,
    product.discontinued,
    product.stock_quantity,
    sold.first_sale_day,
    sold.last_sale_day,
    COALESCE(sold.quantity, 0) AS quantity,
    COALESCE(sold.previous_quantity, 0) AS previous_quantity,
    DATE_DIFF(known.as_of, sold.last_sale_day, DAY) AS days_since_last_sale,
    DATE_DIFF(known.as_of, sold.first_sale_day, DAY) + 1 AS days_on_sale,
    LEAST(DATE_DIFF(known.as_of, sold.first_sale_day, DAY) + 1, 28) AS recent_days
  FROM `${products}` AS product
  FULL OUTER JOIN sold ON sold.product_id = product.product_id
  CROSS JOIN known
),
rates AS (
  SELECT
    *,
    SAFE_DIVIDE(quantity, recent_days) AS pieces_per_day,
    IF(days_on_sale > 28, SAFE_DIVIDE(previous_quantity, LEAST(days_on_sale - 28, 28)), NULL) AS previous_pieces_per_day
  FROM listed
)
SELECT
  as_of,
  product_id,
  product_name,
  category,
  discontinued,
  first_sale_day,
  last_sale_day,
  days_since_last_sale,
  quantity,
  pieces_per_day,
  previous_quantity,
  previous_pieces_per_day,
  CASE
    WHEN days_since_last_sale IS NULL OR days_since_last_sale >= 28 THEN 'dead'
    WHEN previous_pieces_per_day IS NULL THEN 'rising'
    WHEN pieces_per_day > previous_pieces_per_day * NUMERIC '1.25' THEN 'rising'
    WHEN pieces_per_day < previous_pieces_per_day * NUMERIC '0.75' THEN 'slowing'
    ELSE 'steady'
  END AS signal,
  stock_quantity,
  IF(quantity > 0, SAFE_DIVIDE(stock_quantity * recent_days, quantity), NULL) AS days_of_cover
FROM rates
