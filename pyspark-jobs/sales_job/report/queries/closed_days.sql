SELECT DISTINCT transaction_date
FROM `${daily_sales_summary}`
WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
  AND CAST(transaction_date AS STRING) IN (SELECT arrival FROM `${arrivals}`)
