WITH days AS (
  SELECT
    transaction_date,
    store_id,
    store_name,
    daily_revenue AS revenue,
    daily_quantity AS quantity,
    daily_transactions AS transactions,
    unique_customers AS customers,
    gross_profit,
    returned_revenue
  FROM `${daily_sales_summary}`
  WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'
)
SELECT
  transaction_date,
  store_id,
  store_name,
  revenue,
  transactions,
  customers,
  ${measures.basket_value} AS basket_value,
  ${measures.items_per_basket} AS items_per_basket,
  ${measures.revenue_per_customer} AS revenue_per_customer,
  ${measures.profit_margin} AS profit_margin,
  ${measures.return_rate} AS return_rate
FROM days
