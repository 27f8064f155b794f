-- A day is closed when the tables hold its own arrival and lines of it. Days of the stream that are not closed are open.
WITH closed AS (
  SELECT DISTINCT transaction_date
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '${rules.first_day}' AND DATE '${rules.last_day}'
    AND CAST(transaction_date AS STRING) IN (SELECT arrival FROM `${arrivals}`)
),
-- A line that was published or delivered twice is one.
streamed AS (
  SELECT
    transaction_date,
    transaction_id,
    COALESCE(line_number, '') AS line_number,
    product_id,
    store_id,
    customer_id,
    quantity,
    unit_price,
    MAX(publish_time) AS published_at
  FROM (${fragments.streamed_lines}) AS lines
  WHERE reason IS NULL
    AND transaction_date >= ${rules.first_open_day}
    AND transaction_date NOT IN (SELECT transaction_date FROM closed)
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
-- The tables hold no customer_id: lines are compared without it, and counted where only the customer differs.
copies AS (
  SELECT
    transaction_date,
    transaction_id,
    line_number,
    product_id,
    store_id,
    quantity,
    unit_price,
    COUNT(*) AS times
  FROM streamed
  GROUP BY transaction_date, transaction_id, line_number, product_id, store_id, quantity, unit_price
),
stored AS (
  SELECT
    transaction_date,
    transaction_id,
    COALESCE(line_number, '') AS line_number,
    product_id,
    store_id,
    customer_key,
    quantity,
    unit_price,
    amount,
    profit,
    ROW_NUMBER() OVER (
      PARTITION BY transaction_date, transaction_id, line_number, product_id, store_id, quantity, unit_price
      ORDER BY customer_key
    ) AS copy
  FROM `${sales_lines}`
  WHERE transaction_date BETWEEN ${rules.first_open_day} AND DATE '${rules.last_day}'
),
-- Lines of an open day that files of an earlier arrival have brought and the stream has not.
stored_alone AS (
  SELECT stored.*
  FROM stored
  LEFT JOIN copies
    ON copies.transaction_date = stored.transaction_date
    AND copies.transaction_id = stored.transaction_id
    AND copies.line_number = stored.line_number
    AND copies.product_id = stored.product_id
    AND copies.store_id = stored.store_id
    AND copies.quantity = stored.quantity
    AND copies.unit_price = stored.unit_price
  WHERE stored.copy > COALESCE(copies.times, 0)
),
open_days AS (
  SELECT DISTINCT transaction_date, store_id FROM streamed
),
lines AS (
  SELECT
    transaction_date,
    store_id,
    transaction_id,
    CONCAT('id ', customer_id) AS customer,
    quantity,
    quantity * unit_price AS amount,
    COALESCE(quantity * (unit_price - cost_price), 0) AS profit,
    published_at
  FROM (
    SELECT
      streamed.transaction_date,
      streamed.store_id,
      streamed.transaction_id,
      streamed.customer_id,
      streamed.quantity,
      streamed.unit_price,
      streamed.published_at,
      CAST(products.cost_price AS NUMERIC(26, 6)) AS cost_price
    FROM streamed
    LEFT JOIN `${products}` AS products ON products.product_id = streamed.product_id
  ) AS priced
  UNION ALL
  SELECT
    stored_alone.transaction_date,
    stored_alone.store_id,
    stored_alone.transaction_id,
    CONCAT('key ', stored_alone.customer_key) AS customer,
    stored_alone.quantity,
    stored_alone.amount,
    stored_alone.profit,
    NULL AS published_at
  FROM stored_alone
  JOIN open_days
    ON open_days.transaction_date = stored_alone.transaction_date AND open_days.store_id = stored_alone.store_id
),
figures AS (
  SELECT
    transaction_date,
    store_id,
    SUM(amount) AS daily_revenue,
    SUM(quantity) AS daily_quantity,
    COUNT(DISTINCT IF(quantity > 0, transaction_id, NULL)) AS daily_transactions,
    COUNT(DISTINCT IF(quantity > 0, customer, NULL)) AS unique_customers,
    SUM(profit) AS gross_profit,
    SUM(IF(quantity < 0, -quantity, 0)) AS returned_quantity,
    SUM(IF(quantity < 0, -amount, 0)) AS returned_revenue,
    MAX(published_at) AS last_message
  FROM lines
  GROUP BY transaction_date, store_id
)
SELECT
  figures.transaction_date,
  figures.store_id,
  stores.store_name,
  stores.store_location,
  figures.daily_revenue,
  figures.daily_quantity,
  figures.daily_transactions,
  figures.unique_customers,
  figures.gross_profit,
  figures.returned_quantity,
  figures.returned_revenue,
  'stream' AS source,
  figures.last_message
FROM figures
LEFT JOIN `${stores}` AS stores ON stores.store_id = figures.store_id
UNION ALL
SELECT
  summary.transaction_date,
  summary.store_id,
  summary.store_name,
  summary.store_location,
  summary.daily_revenue,
  summary.daily_quantity,
  summary.daily_transactions,
  summary.unique_customers,
  summary.gross_profit,
  summary.returned_quantity,
  summary.returned_revenue,
  'batch' AS source,
  NULL AS last_message
FROM `${daily_sales_summary}` AS summary
LEFT JOIN open_days
  ON open_days.transaction_date = summary.transaction_date AND open_days.store_id = summary.store_id
WHERE summary.transaction_date BETWEEN DATE '${rules.first_day}' AND DATE '${rules.last_day}'
  AND open_days.store_id IS NULL
