-- A warehouse with quantities as whole numbers, without returns and line numbers, as the job made it in November 2026. It has
-- taken the first of the two arrivals of first_days.py.
CREATE TABLE arrival_dates (
    arrival VARCHAR NOT NULL,
    transaction_date DATE NOT NULL
);
INSERT INTO arrival_dates VALUES
    ('2026-01-02', '2026-01-01'),
    ('2026-01-02', '2026-01-02');
CREATE TABLE daily_sales_summary (
    transaction_date DATE NOT NULL,
    store_id VARCHAR NOT NULL,
    store_name VARCHAR,
    store_location VARCHAR,
    daily_revenue DECIMAL(38,9) NOT NULL,
    daily_quantity BIGINT NOT NULL,
    daily_transactions BIGINT NOT NULL,
    unique_customers BIGINT NOT NULL,
    gross_profit DECIMAL(38,9) NOT NULL
);
INSERT INTO daily_sales_summary VALUES
    ('2026-01-01', 'S9', NULL, NULL, '10.000000000', '1', '1', '1', '0.000000000'),
    ('2026-01-02', 'S1', 'Main Street', 'Austin, TX', '16.500000000', '6', '2', '1', '9.000000000');
CREATE TABLE etl_runs (
    run_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    start_date DATE,
    end_date DATE,
    rows_read BIGINT NOT NULL,
    rows_loaded BIGINT NOT NULL,
    rows_duplicate BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    unmatched_products BIGINT NOT NULL,
    unmatched_stores BIGINT NOT NULL,
    "seconds" DOUBLE NOT NULL,
    files_passed_over BIGINT
);
INSERT INTO etl_runs VALUES
    ('earlier', 'done', '2026-11-26 08:06:02.668476', '2026-11-26 08:08:06.812461', '2026-01-02', '2026-01-03', '5', '4', '1', '0', '1', '1', '124.144', '0');
CREATE TABLE line_versions (
    transaction_date DATE NOT NULL,
    "version" VARCHAR NOT NULL
);
INSERT INTO line_versions VALUES
    ('2026-01-01', '20261126T080602Z-762d86d3'),
    ('2026-01-02', '20261126T080602Z-762d86d3');
CREATE TABLE product_performance (
    product_id VARCHAR NOT NULL,
    product_name VARCHAR,
    category VARCHAR,
    total_revenue DECIMAL(38,9) NOT NULL,
    total_quantity_sold BIGINT NOT NULL,
    avg_unit_price DECIMAL(38,9) NOT NULL,
    stores_sold_in BIGINT NOT NULL,
    gross_profit DECIMAL(38,9) NOT NULL,
    profit_margin DECIMAL(38,9)
);
INSERT INTO product_performance VALUES
    ('P1', 'Soap', 'Home', '12.500000000', '5', '2.500000000', '1', '7.000000000', '0.560000000'),
    ('P2', 'Green tea', 'Food', '4.000000000', '1', '4.000000000', '1', '2.000000000', '0.500000000'),
    ('P9', NULL, NULL, '10.000000000', '1', '10.000000000', '1', '0.000000000', '0.000000000');
CREATE TABLE quality_checks (
    run_id VARCHAR NOT NULL,
    check_name VARCHAR NOT NULL,
    "rule" VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    "value" DECIMAL(38,9) NOT NULL,
    relation VARCHAR NOT NULL,
    expected DECIMAL(38,9) NOT NULL,
    checked_at TIMESTAMP NOT NULL
);
CREATE TABLE quarantined_sales (
    transaction_id VARCHAR,
    product_id VARCHAR,
    store_id VARCHAR,
    quantity VARCHAR,
    unit_price VARCHAR,
    transaction_date VARCHAR,
    customer_id VARCHAR,
    reason VARCHAR NOT NULL,
    source_file VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    quarantined_at TIMESTAMP NOT NULL,
    arrival VARCHAR NOT NULL
);
CREATE TABLE store_customers (
    store_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    line_count BIGINT NOT NULL
);
INSERT INTO store_customers VALUES
    ('S1', 'C1', '2'),
    ('S9', 'C2', '1');
CREATE TABLE store_performance (
    store_id VARCHAR NOT NULL,
    store_name VARCHAR,
    store_location VARCHAR,
    total_revenue DECIMAL(38,9) NOT NULL,
    total_items_sold BIGINT NOT NULL,
    unique_products BIGINT NOT NULL,
    unique_customers BIGINT NOT NULL,
    gross_profit DECIMAL(38,9) NOT NULL,
    profit_margin DECIMAL(38,9)
);
INSERT INTO store_performance VALUES
    ('S1', 'Main Street', 'Austin, TX', '16.500000000', '6', '2', '1', '9.000000000', '0.545454545'),
    ('S9', NULL, NULL, '10.000000000', '1', '1', '1', '0.000000000', '0.000000000');
CREATE TABLE store_products (
    store_id VARCHAR NOT NULL,
    product_id VARCHAR NOT NULL,
    line_count BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    revenue DECIMAL(38,9) NOT NULL,
    gross_profit DECIMAL(38,9) NOT NULL,
    unit_price_total DECIMAL(38,9) NOT NULL
);
INSERT INTO store_products VALUES
    ('S1', 'P1', '2', '5', '12.500000000', '7.000000000', '5.000000000'),
    ('S1', 'P2', '1', '1', '4.000000000', '2.000000000', '4.000000000'),
    ('S9', 'P9', '1', '1', '10.000000000', '0.000000000', '10.000000000');
