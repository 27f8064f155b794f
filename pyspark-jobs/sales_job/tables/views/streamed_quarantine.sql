SELECT DISTINCT
  sales.message_id,
  sales.publish_time,
  sales.transaction_id,
  sales.product_id,
  sales.store_id,
  sales.quantity,
  sales.unit_price,
  sales.transaction_date,
  sales.customer_id,
  sales.line_number,
  lines.reason
FROM `${streamed_sales}` AS sales
JOIN (${fragments.streamed_lines}) AS lines ON lines.message_id = sales.message_id
WHERE lines.reason IS NOT NULL
