-- Messages as lines: the rules of sales_job/lines/rules.py, on the texts of a message. `reason` is NULL for a good line.
SELECT
  *,
  NULLIF(
    SUBSTR(
      CONCAT(
        IF(transaction_id IS NULL, '; transaction_id ${rules.missing_reason}', ''),
        IF(product_id IS NULL, '; product_id ${rules.missing_reason}', ''),
        IF(store_id IS NULL, '; store_id ${rules.missing_reason}', ''),
        IF(REGEXP_CONTAINS(transaction_id, r'${rules.line_break}'), '; transaction_id ${rules.line_break_reason}', ''),
        IF(REGEXP_CONTAINS(product_id, r'${rules.line_break}'), '; product_id ${rules.line_break_reason}', ''),
        IF(REGEXP_CONTAINS(store_id, r'${rules.line_break}'), '; store_id ${rules.line_break_reason}', ''),
        IF(REGEXP_CONTAINS(customer_id, r'${rules.line_break}'), '; customer_id ${rules.line_break_reason}', ''),
        IF(REGEXP_CONTAINS(line_number, r'${rules.line_break}'), '; line_number ${rules.line_break_reason}', ''),
        IF(quantity_text IS NULL, '; quantity ${rules.missing_reason}', ''),
        IF(quantity_text IS NOT NULL AND quantity IS NULL, '; quantity ${rules.quantity_reason}', ''),
        IF(unit_price_text IS NULL, '; unit_price ${rules.missing_reason}', ''),
        IF(unit_price_text IS NOT NULL AND unit_price IS NULL, '; unit_price ${rules.unit_price_reason}', ''),
        IF(date_text IS NULL, '; transaction_date ${rules.missing_reason}', ''),
        IF(
          date_text IS NOT NULL AND transaction_date IS NULL,
          '; transaction_date ${rules.transaction_date_reason}',
          ''
        )
      ),
      3
    ),
    ''
  ) AS reason
FROM (
  SELECT
    message_id,
    publish_time,
    transaction_id,
    product_id,
    store_id,
    customer_id,
    line_number,
    quantity_text,
    unit_price_text,
    date_text,
    IF(REGEXP_CONTAINS(quantity_text, r'${rules.quantity}'), NULLIF(SAFE_CAST(quantity_text AS NUMERIC(19, 3)), 0), NULL)
      AS quantity,
    IF(REGEXP_CONTAINS(unit_price_text, r'${rules.unit_price}'), SAFE_CAST(unit_price_text AS NUMERIC(19, 4)), NULL)
      AS unit_price,
    IF(
      REGEXP_CONTAINS(date_text, r'^[0-9]{4}-[0-9]{2}-[0-9]{2}(${rules.time_of_day})?$')
        AND SUBSTR(date_text, 1, 10) BETWEEN '${rules.first_day}' AND '${rules.last_day}',
      SAFE_CAST(SUBSTR(date_text, 1, 10) AS DATE),
      NULL
    ) AS transaction_date
  FROM (
    SELECT
      message_id,
      publish_time,
      NULLIF(REGEXP_EXTRACT(transaction_id, r'${rules.trimmed}'), '') AS transaction_id,
      NULLIF(REGEXP_EXTRACT(product_id, r'${rules.trimmed}'), '') AS product_id,
      NULLIF(REGEXP_EXTRACT(store_id, r'${rules.trimmed}'), '') AS store_id,
      NULLIF(REGEXP_EXTRACT(customer_id, r'${rules.trimmed}'), '') AS customer_id,
      NULLIF(REGEXP_EXTRACT(line_number, r'${rules.trimmed}'), '') AS line_number,
      NULLIF(REGEXP_EXTRACT(quantity, r'${rules.trimmed}'), '') AS quantity_text,
      NULLIF(REGEXP_EXTRACT(unit_price, r'${rules.trimmed}'), '') AS unit_price_text,
      NULLIF(REGEXP_EXTRACT(transaction_date, r'${rules.trimmed}'), '') AS date_text
    FROM `${streamed_sales}`
  ) AS texts
) AS typed
