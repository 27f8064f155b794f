-- Rules, duplicates, lines and figures. $lake and $out are filled in.
-- Trimming all of Unicode's blanks is slow, and nearly every text begins and ends with a printable ASCII character.
CREATE MACRO trimmed(text) AS CASE
    WHEN text[1] BETWEEN '!' AND '~' AND text[-1] BETWEEN '!' AND '~' THEN text
    ELSE nullif(trim(text, getvariable('blanks')), '') END;
CREATE MACRO quantity_of(text) AS CASE
    WHEN regexp_full_match(text, '[+-]?(0*[0-9]{1,15}([.][0-9]{0,3}0*)?|[.][0-9]{1,3}0*)')
    THEN nullif(TRY_CAST(text AS DECIMAL(18, 3)), 0) END;
CREATE MACRO price_of(text) AS CASE
    WHEN regexp_full_match(text, '[+]?(0*[0-9]{1,14}([.][0-9]{0,4}0*)?|[.][0-9]{1,4}0*)')
    THEN TRY_CAST(text AS DECIMAL(18, 4)) END;
CREATE MACRO day_of(text) AS CASE
    WHEN regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ] *([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?)?')
        AND left(text, 10) BETWEEN '1960-01-01' AND '2159-12-31'
    THEN TRY_CAST(left(text, 10) AS DATE) END;

CREATE TEMP TABLE typed AS
WITH parsed AS (
    SELECT
        trimmed(transaction_id) AS transaction_id, trimmed(product_id) AS product_id, trimmed(store_id) AS store_id,
        quantity_of(trimmed(quantity)) AS quantity, price_of(trimmed(unit_price)) AS unit_price,
        day_of(trimmed(transaction_date)) AS transaction_date, trimmed(customer_id) AS customer_id,
        [transaction_id, product_id, store_id, quantity, unit_price, transaction_date, customer_id] AS texts,
        filename, dt AS arrival
    FROM read_csv('$lake/sales_data/*/*.csv', all_varchar = true, filename = true, hive_types_autocast = false)
)
SELECT * REPLACE (CASE WHEN reason IS NOT NULL THEN texts END AS texts,
                  CASE WHEN reason IS NOT NULL THEN filename END AS filename)
FROM (
    SELECT *, nullif(concat_ws('; ',
        CASE WHEN transaction_id IS NULL THEN 'transaction_id is missing' END,
        CASE WHEN product_id IS NULL THEN 'product_id is missing' END,
        CASE WHEN store_id IS NULL THEN 'store_id is missing' END,
        CASE WHEN quantity IS NULL THEN 'quantity is no plain decimal other than 0' END,
        CASE WHEN unit_price IS NULL THEN 'unit_price is no plain decimal of at least 0' END,
        CASE WHEN transaction_date IS NULL THEN 'transaction_date is no plausible day' END), '') AS reason
    FROM parsed
);

-- Each line once, with the arrivals that brought it.
CREATE TEMP TABLE lines AS
SELECT transaction_date, transaction_id, product_id, store_id, quantity, unit_price, customer_id,
    list(DISTINCT arrival) AS arrivals, count(*) AS delivered
FROM typed WHERE reason IS NULL
GROUP BY ALL;
COPY lines TO '$out/processed' (FORMAT parquet, PARTITION_BY (transaction_date));

CREATE TEMP TABLE products AS
SELECT product_id, product_name, category, CAST(cost_price AS DECIMAL(18, 4)) AS cost_price
FROM read_csv('$lake/reference_data/products.csv', all_varchar = true);
CREATE TEMP TABLE stores AS
SELECT store_id, store_name, store_location FROM read_csv('$lake/reference_data/stores.csv', all_varchar = true);
CREATE TEMP VIEW costed AS
SELECT lines.*, cost_price, quantity > 0 AS is_sale, quantity * unit_price AS amount, p.product_id IS NULL AS unmatched,
    coalesce(quantity * CAST(unit_price - cost_price AS DECIMAL(19, 4)), 0) AS profit
FROM lines LEFT JOIN products AS p USING (product_id);

-- Customers by HMAC-SHA-256 (RFC 2104); each is hashed once.
CREATE TEMP TABLE keys AS
SELECT customer_id, sha256(getvariable('outer_block') || unhex(sha256(getvariable('inner_block') || encode(customer_id))))
    AS customer_key
FROM (SELECT DISTINCT customer_id FROM lines WHERE customer_id IS NOT NULL);
CREATE TABLE sales_lines AS
SELECT transaction_date, transaction_id, product_id, store_id, customer_key, quantity, unit_price, amount, cost_price,
    profit
FROM costed LEFT JOIN keys USING (customer_id);

CREATE TABLE quarantined_sales AS
SELECT texts[1] AS transaction_id, texts[2] AS product_id, texts[3] AS store_id, texts[4] AS quantity,
    texts[5] AS unit_price, texts[6] AS transaction_date, texts[7] AS customer_id, reason,
    filename AS source_file, now() AS quarantined_at, arrival
FROM typed WHERE reason IS NOT NULL;
CREATE TABLE arrival_dates AS SELECT DISTINCT unnest(arrivals) AS arrival, transaction_date FROM lines;

CREATE TABLE daily_sales_summary AS
SELECT c.*, store_name, store_location
FROM (
    SELECT transaction_date, store_id, sum(amount) AS daily_revenue, sum(quantity) AS daily_quantity,
        count(DISTINCT transaction_id) FILTER (is_sale) AS daily_transactions,
        count(DISTINCT customer_id) FILTER (is_sale) AS unique_customers, sum(profit) AS gross_profit,
        coalesce(-sum(quantity) FILTER (NOT is_sale), 0) AS returned_quantity,
        coalesce(-sum(amount) FILTER (NOT is_sale), 0) AS returned_revenue,
        count(*) AS line_count, count(*) FILTER (unmatched) AS unmatched_lines
    FROM costed GROUP BY ALL
) AS c LEFT JOIN stores USING (store_id);

CREATE TABLE store_products AS
SELECT store_id, product_id, count(*) AS line_count, count(*) FILTER (is_sale) AS sale_line_count,
    sum(quantity) AS quantity, sum(amount) AS revenue, sum(profit) AS gross_profit,
    coalesce(sum(unit_price) FILTER (is_sale), 0) AS unit_price_total,
    coalesce(-sum(quantity) FILTER (NOT is_sale), 0) AS returned_quantity,
    coalesce(-sum(amount) FILTER (NOT is_sale), 0) AS returned_revenue
FROM costed GROUP BY ALL;
CREATE TABLE customer_stores AS
SELECT customer_key, store_id, count(*) AS line_count
FROM sales_lines WHERE quantity > 0 AND customer_key IS NOT NULL GROUP BY ALL;

CREATE TABLE daily_product_sales AS
SELECT transaction_date, product_id, sum(amount) AS revenue, sum(quantity) AS quantity,
    count(DISTINCT transaction_id) FILTER (quantity > 0) AS transactions,
    count(DISTINCT store_id) FILTER (quantity > 0) AS stores_sold_in, sum(profit) AS gross_profit,
    coalesce(-sum(quantity) FILTER (quantity < 0), 0) AS returned_quantity,
    coalesce(-sum(amount) FILTER (quantity < 0), 0) AS returned_revenue
FROM sales_lines GROUP BY ALL;

CREATE TABLE product_performance AS
SELECT t.*, product_name, category, gross_profit / CASE WHEN total_revenue > 0 THEN total_revenue END AS profit_margin
FROM (
    SELECT product_id, sum(revenue) AS total_revenue, sum(quantity) AS total_quantity_sold,
        sum(unit_price_total) / nullif(sum(sale_line_count), 0) AS avg_unit_price,
        count(*) FILTER (sale_line_count > 0) AS stores_sold_in, sum(gross_profit) AS gross_profit,
        sum(returned_quantity) AS returned_quantity, sum(returned_revenue) AS returned_revenue
    FROM store_products GROUP BY ALL
) AS t LEFT JOIN products USING (product_id);
CREATE TABLE store_performance AS
SELECT t.*, coalesce(customers, 0) AS unique_customers, store_name, store_location,
    gross_profit / CASE WHEN total_revenue > 0 THEN total_revenue END AS profit_margin
FROM (
    SELECT store_id, sum(revenue) AS total_revenue, sum(quantity) AS total_items_sold,
        count(*) FILTER (sale_line_count > 0) AS unique_products, sum(gross_profit) AS gross_profit,
        sum(returned_quantity) AS returned_quantity, sum(returned_revenue) AS returned_revenue
    FROM store_products GROUP BY ALL
) AS t
LEFT JOIN (
    SELECT store_id, count(*) AS customers FROM customer_stores GROUP BY ALL
) AS c USING (store_id)
LEFT JOIN stores USING (store_id);
