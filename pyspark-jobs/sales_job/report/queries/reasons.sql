SELECT SUBSTR(reason, 1, 300) AS reason, COUNT(*) AS lines
FROM `${quarantined_sales}`
GROUP BY 1
ORDER BY lines DESC, reason
LIMIT 50
