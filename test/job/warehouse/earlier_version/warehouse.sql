-- Tables of warehouse.duckdb as the job made them in November 2026, before the catalog.
CREATE TABLE daily_sales_summary (
    transaction_date DATE NOT NULL,
    store_id VARCHAR NOT NULL,
    store_name VARCHAR,
    store_location VARCHAR,
    daily_revenue DECIMAL(38, 9) NOT NULL,
    daily_quantity BIGINT NOT NULL,
    daily_transactions BIGINT NOT NULL,
    unique_customers BIGINT NOT NULL,
    gross_profit DECIMAL(38, 9) NOT NULL
);
CREATE TABLE product_performance (
    product_id VARCHAR NOT NULL,
    product_name VARCHAR,
    category VARCHAR,
    total_revenue DECIMAL(38, 9) NOT NULL,
    total_quantity_sold BIGINT NOT NULL,
    avg_unit_price DECIMAL(38, 9) NOT NULL,
    stores_sold_in BIGINT NOT NULL,
    gross_profit DECIMAL(38, 9) NOT NULL,
    profit_margin DECIMAL(38, 9)
);
CREATE TABLE store_performance (
    store_id VARCHAR NOT NULL,
    store_name VARCHAR,
    store_location VARCHAR,
    total_revenue DECIMAL(38, 9) NOT NULL,
    total_items_sold BIGINT NOT NULL,
    unique_products BIGINT NOT NULL,
    unique_customers BIGINT NOT NULL,
    gross_profit DECIMAL(38, 9) NOT NULL,
    profit_margin DECIMAL(38, 9)
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
    seconds DOUBLE NOT NULL
);
CREATE TABLE quality_checks (
    run_id VARCHAR NOT NULL,
    check_name VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    value DECIMAL(38, 9) NOT NULL,
    relation VARCHAR NOT NULL,
    expected DECIMAL(38, 9) NOT NULL,
    checked_at TIMESTAMP NOT NULL
);
CREATE TABLE store_products (
    store_id VARCHAR NOT NULL,
    product_id VARCHAR NOT NULL,
    line_count BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    revenue DECIMAL(38, 9) NOT NULL,
    gross_profit DECIMAL(38, 9) NOT NULL,
    unit_price_total DECIMAL(38, 9) NOT NULL
);
CREATE TABLE store_customers (
    store_id VARCHAR NOT NULL,
    customer_id VARCHAR NOT NULL,
    line_count BIGINT NOT NULL
);
CREATE TABLE arrival_dates (
    arrival VARCHAR NOT NULL,
    transaction_date DATE NOT NULL
);
CREATE TABLE line_versions (
    transaction_date DATE NOT NULL,
    version VARCHAR NOT NULL
);
