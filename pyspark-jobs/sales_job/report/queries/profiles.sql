SELECT
  transaction_date,
  line_count,
  revenue,
  guest_lines,
  late_lines,
  transactions_by_store,
  lines_by_category
FROM `${daily_profile}`
WHERE transaction_date BETWEEN DATE '${first_day}' AND DATE '${last_day}'
