-- Queries of the last 90 days by people and tools, not by the platform's own accounts, and the sizes of tables:
-- https://cloud.google.com/bigquery/docs/information-schema-jobs (180 days are kept),
-- https://cloud.google.com/bigquery/docs/information-schema-table-storage
WITH uses AS (
  SELECT
    referenced.table_id AS table_name,
    IF(ARRAY_LENGTH(job.referenced_tables) = 1, job.total_bytes_billed, 0) AS bytes
  FROM `{project}.region-{region}.INFORMATION_SCHEMA.JOBS_BY_PROJECT` AS job
  CROSS JOIN UNNEST(job.referenced_tables) AS referenced
  WHERE job.creation_time > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 90 DAY)
    AND job.job_type = 'QUERY'
    AND NOT STARTS_WITH(job.user_email, 'sales-{environment}-')
    AND referenced.dataset_id = '{dataset}'
),
sizes AS (
  SELECT table_name, total_logical_bytes AS bytes
  FROM `{project}.region-{region}.INFORMATION_SCHEMA.TABLE_STORAGE`
  WHERE table_schema = '{dataset}'
)
SELECT
  sizes.table_name,
  sizes.bytes / POW(1024, 3) AS gib,
  COUNT(uses.table_name) AS queries,
  COUNTIF(sizes.bytes > 0 AND uses.bytes >= 0.9 * sizes.bytes) AS full_queries,
  COALESCE(SUM(IF(uses.bytes >= 0.9 * sizes.bytes, uses.bytes, 0)), 0) / POW(1024, 4) AS full_tib
FROM sizes
LEFT JOIN uses ON uses.table_name = sizes.table_name
GROUP BY sizes.table_name, sizes.bytes
