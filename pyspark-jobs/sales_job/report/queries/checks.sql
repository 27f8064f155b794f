-- The checks of the newest run that has any, then those of earlier runs that did not pass.
WITH newest AS (
  SELECT MAX(checked_at) AS checked_at FROM `${quality_checks}`
)
SELECT
  found.run_id,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', found.checked_at) AS checked_at,
  found.check_name,
  found.rule,
  found.severity,
  found.passed,
  found.value,
  found.relation,
  found.expected,
  found.checked_at = newest.checked_at AS latest
FROM `${quality_checks}` AS found
CROSS JOIN newest
WHERE found.checked_at = newest.checked_at OR NOT found.passed
ORDER BY found.checked_at DESC, found.passed, found.check_name, found.run_id
LIMIT 60
