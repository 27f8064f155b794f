-- About how many lines each day has: one for each product of a transaction, returns aside.
SELECT transaction_date, SUM(transactions) AS lines
FROM `${daily_product_sales}`
WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
GROUP BY transaction_date
