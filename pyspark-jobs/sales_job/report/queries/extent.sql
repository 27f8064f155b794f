SELECT
  COUNT(*) AS lines,
  COUNT(DISTINCT line.store_id) AS stores,
  COUNT(DISTINCT store.region) + 1 AS regions,
  COUNT(DISTINCT line.product_id) AS products,
  COUNT(DISTINCT product.category) + 1 AS categories
FROM `${sales_lines}` AS line
LEFT JOIN `${products}` AS product ON product.product_id = line.product_id
LEFT JOIN `${stores}` AS store ON store.store_id = line.store_id
WHERE line.transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
