-- A score is 1 more than the fifths of all customers that rank strictly lower: equal customers have equal scores.
WITH known AS (
  SELECT *, MAX(last_day) OVER () AS as_of
  FROM `${customers}`
  WHERE last_day IS NOT NULL
),
scored AS (
  SELECT
    *,
    1 + DIV(5 * (RANK() OVER (ORDER BY last_day) - 1), COUNT(*) OVER ()) AS recency_score,
    1 + DIV(5 * (RANK() OVER (ORDER BY transactions) - 1), COUNT(*) OVER ()) AS frequency_score,
    1 + DIV(5 * (RANK() OVER (ORDER BY revenue) - 1), COUNT(*) OVER ()) AS monetary_score
  FROM known
)
SELECT
  as_of,
  customer_key,
  first_day,
  last_day,
  DATE_DIFF(as_of, last_day, DAY) AS recency_days,
  transactions,
  revenue,
  gross_profit,
  ${measures.basket_value} AS basket_value,
  recency_score,
  frequency_score,
  monetary_score,
  CASE
    WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'champions'
    WHEN recency_score >= 3 AND frequency_score >= 4 THEN 'loyal'
    WHEN recency_score >= 3 AND monetary_score >= 4 THEN 'big spenders'
    WHEN recency_score >= 4 AND frequency_score = 1 THEN 'new'
    WHEN recency_score >= 4 THEN 'promising'
    WHEN recency_score = 3 THEN 'need attention'
    WHEN frequency_score >= 4 AND monetary_score >= 4 THEN 'cannot lose'
    WHEN frequency_score >= 4 OR monetary_score >= 4 THEN 'at risk'
    WHEN recency_score = 2 THEN 'slipping'
    ELSE 'lost'
  END AS segment
FROM scored
