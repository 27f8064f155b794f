-- Distinct counts do not add up, so that each span of days and each area is counted by itself.
WITH spans AS (
  ${spans}
),
days AS (
  SELECT DISTINCT line.transaction_date, line.store_id, store.region, line.customer_key
  FROM `${sales_lines}` AS line
  LEFT JOIN `${stores}` AS store ON store.store_id = line.store_id
  WHERE (${days})
    AND line.quantity > 0
    AND line.customer_key IS NOT NULL
),
visits AS (
  SELECT spans.first_day, spans.last_day, days.store_id, days.region, days.customer_key
  FROM spans
  JOIN days ON days.transaction_date BETWEEN spans.first_day AND spans.last_day
)
SELECT first_day, last_day, 'all' AS area, '' AS name, COUNT(DISTINCT customer_key) AS customers
FROM visits
GROUP BY first_day, last_day
UNION ALL
SELECT first_day, last_day, 'region' AS area, region AS name, COUNT(DISTINCT customer_key) AS customers
FROM visits
WHERE region IS NOT NULL
GROUP BY first_day, last_day, region
UNION ALL
SELECT first_day, last_day, 'store' AS area, store_id AS name, COUNT(DISTINCT customer_key) AS customers
FROM visits
GROUP BY first_day, last_day, store_id
