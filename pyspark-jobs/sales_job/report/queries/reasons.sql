SELECT SUBSTR(reason, 1, 300) AS reason, COUNT(*) AS lines
FROM `${quarantined_sales}`
WHERE quarantined_at >= TIMESTAMP '${since}'
GROUP BY 1
ORDER BY lines DESC, reason
LIMIT 50
