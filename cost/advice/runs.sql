SELECT status, started_at, finished_at, cost_usd
FROM `{project}.{dataset}.etl_runs`
WHERE started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 90 DAY)
