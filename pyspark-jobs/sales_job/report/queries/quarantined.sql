-- Without customer_id: the page is for readers who may not see it.
WITH lines AS (
  SELECT
    SUBSTR(reason, 1, 300) AS reason,
    SUBSTR(source_file, 1, 300) AS source_file,
    SUBSTR(COALESCE(transaction_id, ''), 1, 80) AS transaction_id,
    SUBSTR(COALESCE(product_id, ''), 1, 80) AS product_id,
    SUBSTR(COALESCE(store_id, ''), 1, 80) AS store_id,
    SUBSTR(COALESCE(quantity, ''), 1, 80) AS quantity,
    SUBSTR(COALESCE(unit_price, ''), 1, 80) AS unit_price,
    SUBSTR(COALESCE(transaction_date, ''), 1, 80) AS transaction_date
  FROM `${quarantined_sales}`
  WHERE quarantined_at >= TIMESTAMP '${since}'
),
numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY reason
      ORDER BY source_file, transaction_id, product_id, store_id, quantity, unit_price, transaction_date
    ) AS place
  FROM lines
)
SELECT reason, source_file, transaction_id, product_id, store_id, quantity, unit_price, transaction_date
FROM numbered
WHERE place <= 2
ORDER BY reason, place
LIMIT 60
