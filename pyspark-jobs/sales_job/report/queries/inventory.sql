-- The ten products of each list that somebody should look at first.
WITH listed AS (
  SELECT
    product_id,
    product_name,
    pieces_per_day,
    previous_pieces_per_day,
    days_since_last_sale,
    stock_quantity,
    days_of_cover,
    CASE
      WHEN stock_quantity > 0 AND signal = 'dead' THEN 'dead stock'
      WHEN days_of_cover < 14 THEN 'short'
      WHEN signal IN ('rising', 'slowing') THEN signal
    END AS list,
    -- Pieces a day gained or lost: in 28 days before its first sale a product had none.
    ABS(pieces_per_day - COALESCE(previous_pieces_per_day, 0)) AS difference
  FROM `${inventory_signals}`
),
placed AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY list
      ORDER BY
        IF(list = 'short', days_of_cover, 0),
        IF(list = 'dead stock', stock_quantity, difference) DESC,
        product_id
    ) AS place
  FROM listed
  WHERE list IS NOT NULL
)
SELECT
  list,
  product_id,
  product_name,
  pieces_per_day,
  previous_pieces_per_day,
  days_since_last_sale,
  stock_quantity,
  days_of_cover
FROM placed
WHERE place <= 10
ORDER BY list, place
