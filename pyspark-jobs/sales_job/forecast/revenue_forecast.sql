-- Fills revenue_forecast and forecast_accuracy, unless they are of the same days, revenue and model already. The rules
-- are those of the local forecast (forecast/backtest.py): 56 days of history, revenue in the last 28.
DECLARE last_sale DATE DEFAULT (
  SELECT MAX(transaction_date)
  FROM `${daily_sales_summary}`
  WHERE daily_transactions > 0 AND transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
);
DECLARE known_revenue NUMERIC DEFAULT (
  SELECT SUM(daily_revenue)
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND last_sale
);

IF NOT EXISTS (
  SELECT 1
  FROM `${forecast_accuracy}`
  WHERE
    store_id = '*' AND trained_through = last_sale AND history_revenue = known_revenue AND model = '${model}'
) THEN

  -- Days to the last one with a sale anywhere; one without a line is a day without revenue. A store begins on its first.
  CREATE OR REPLACE TEMP TABLE history AS
  SELECT
    store.store_id,
    transaction_date,
    COALESCE(sold.daily_revenue, 0) AS revenue,
    DATE_DIFF(last_sale, store.first_day, DAY) + 1 AS history_days,
    transaction_date > DATE_SUB(last_sale, INTERVAL 28 DAY) AS tested
  FROM (
    SELECT store_id, MIN(transaction_date) AS first_day
    FROM `${daily_sales_summary}`
    WHERE transaction_date BETWEEN DATE '1960-01-01' AND last_sale
    GROUP BY store_id
  ) AS store
  CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(store.first_day, last_sale)) AS transaction_date
  LEFT JOIN (
    SELECT store_id, transaction_date AS day, daily_revenue
    FROM `${daily_sales_summary}`
    WHERE transaction_date BETWEEN DATE '1960-01-01' AND last_sale
  ) AS sold ON sold.store_id = store.store_id AND sold.day = transaction_date;

  CREATE OR REPLACE TEMP TABLE judged AS
  SELECT
    store_id,
    MAX(history_days) AS history_days,
    SUM(revenue) AS history_revenue,
    CASE
      WHEN MAX(history_days) < 56 THEN CONCAT(CAST(MAX(history_days) AS STRING), ' days of history, 56 are needed')
      WHEN COUNTIF(tested AND revenue <> 0) = 0 THEN 'no revenue in the last 28 days'
    END AS reason
  FROM history
  GROUP BY store_id;

  CREATE OR REPLACE TEMP TABLE learned AS
  SELECT history.store_id, history.transaction_date, history.revenue, history.tested
  FROM history
  JOIN judged ON judged.store_id = history.store_id
  WHERE judged.reason IS NULL;

  -- What the model says of the days to come, and of the last 28 without having seen them.
  CREATE OR REPLACE TEMP TABLE forecasts (store_id STRING, day DATE, revenue NUMERIC, lower NUMERIC, upper NUMERIC, tested BOOL);

  -- Without a store nothing is asked.
  IF EXISTS (SELECT 1 FROM learned) THEN
    INSERT INTO forecasts
    SELECT
      store_id,
      DATE(forecast_timestamp),
      CAST(GREATEST(forecast_value, 0) AS NUMERIC),
      CAST(GREATEST(prediction_interval_lower_bound, 0) AS NUMERIC),
      CAST(GREATEST(prediction_interval_upper_bound, 0) AS NUMERIC),
      FALSE
    FROM AI.FORECAST(
      (SELECT store_id, transaction_date, revenue FROM learned),
      data_col => 'revenue',
      timestamp_col => 'transaction_date',
      id_cols => ['store_id'],
      model => '${model}',
      horizon => 28,
      confidence_level => 0.8
    );

    INSERT INTO forecasts
    SELECT
      store_id,
      DATE(forecast_timestamp),
      CAST(GREATEST(forecast_value, 0) AS NUMERIC),
      CAST(GREATEST(prediction_interval_lower_bound, 0) AS NUMERIC),
      CAST(GREATEST(prediction_interval_upper_bound, 0) AS NUMERIC),
      TRUE
    FROM AI.FORECAST(
      (SELECT store_id, transaction_date, revenue FROM learned WHERE NOT tested),
      data_col => 'revenue',
      timestamp_col => 'transaction_date',
      id_cols => ['store_id'],
      model => '${model}',
      horizon => 28,
      confidence_level => 0.8
    );
  END IF;

  -- A store that the model refused has rows without figures, or none.
  SELECT IF(
    COUNT(*) = (SELECT 56 * COUNT(*) FROM judged WHERE reason IS NULL)
    AND COUNTIF(revenue IS NULL OR lower IS NULL OR upper IS NULL) = 0,
    'complete',
    ERROR('AI.FORECAST did not forecast every store and day: see ai_forecast_status of its result')
  )
  FROM forecasts;

  -- Readers see both tables of one history.
  BEGIN TRANSACTION;

  DELETE FROM `${revenue_forecast}` WHERE TRUE;

  INSERT INTO `${revenue_forecast}` (store_id, forecast_date, revenue, lower, upper, model, trained_through)
  SELECT store_id, day, ROUND(revenue, 2), ROUND(lower, 2), ROUND(upper, 2), '${model}', last_sale
  FROM forecasts
  WHERE NOT tested;

  DELETE FROM `${forecast_accuracy}` WHERE TRUE;

  INSERT INTO `${forecast_accuracy}` (
    store_id, days, model_error, naive_error, coverage, model, trained_through, history_days, history_revenue, reason
  )
  WITH compared AS (
    SELECT
      actual.store_id,
      ABS(actual.revenue) AS revenue,
      ABS(actual.revenue - guess.revenue) AS missed,
      -- The naive forecast of a day is the revenue a week before.
      ABS(actual.revenue - naive.revenue) AS naive_missed,
      actual.revenue BETWEEN guess.lower AND guess.upper AS inside
    FROM learned AS actual
    JOIN learned AS naive
      ON naive.store_id = actual.store_id AND naive.transaction_date = DATE_SUB(actual.transaction_date, INTERVAL 7 DAY)
    JOIN forecasts AS guess
      ON guess.tested AND guess.store_id = actual.store_id AND guess.day = actual.transaction_date
    WHERE actual.tested
  ),
  scores AS (
    SELECT
      store_id,
      COUNT(*) AS days,
      SUM(revenue) AS revenue,
      SUM(missed) AS missed,
      SUM(naive_missed) AS naive_missed,
      COUNTIF(inside) AS inside
    FROM compared
    GROUP BY store_id
  ),
  scored AS (
    SELECT
      judged.store_id,
      COALESCE(scores.days, 0) AS days,
      scores.revenue,
      scores.missed,
      scores.naive_missed,
      scores.inside,
      judged.history_days,
      judged.history_revenue,
      judged.reason
    FROM judged
    LEFT JOIN scores ON scores.store_id = judged.store_id
  ),
  every_row AS (
    SELECT * FROM scored
    UNION ALL
    SELECT
      '*',
      SUM(days),
      SUM(revenue),
      SUM(missed),
      SUM(naive_missed),
      SUM(inside),
      MAX(history_days),
      SUM(history_revenue),
      IF(SUM(days) > 0, NULL, 'no store has a forecast')
    FROM scored
    HAVING COUNT(*) > 0
  )
  SELECT
    store_id,
    days,
    ROUND(SAFE_DIVIDE(missed, revenue), 9),
    ROUND(SAFE_DIVIDE(naive_missed, revenue), 9),
    ROUND(SAFE_DIVIDE(CAST(inside AS NUMERIC), days), 9),
    '${model}',
    last_sale,
    history_days,
    history_revenue,
    reason
  FROM every_row;

  COMMIT TRANSACTION;
END IF;
