SELECT
  run_id,
  status,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', started_at) AS started_at,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', finished_at) AS finished_at,
  rows_read,
  rows_loaded,
  rows_duplicate,
  rows_quarantined,
  unmatched_products,
  unmatched_stores,
  COALESCE(files_passed_over, 0) AS files_passed_over,
  seconds,
  bytes_billed,
  slot_seconds,
  worker_seconds,
  CAST(cost_usd AS FLOAT64) AS cost_usd
FROM `${etl_runs}`
ORDER BY started_at DESC, run_id
LIMIT 10
