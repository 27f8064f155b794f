import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const ROOT = join(__dirname, "../..");

/** Makes the tables and views of an empty warehouse, as the first run of the job does. */
const PREPARE = `
import sys
from pathlib import Path
from sales_job.warehouse.duckdb import DuckDbWarehouse
warehouse = DuckDbWarehouse(Path(sys.argv[1]))
warehouse.prepare(warehouse.changes())`;

const empty = { file: "" };

function emptyFile(): string {
  if (empty.file !== "") return empty.file;
  const folder = mkdtempSync(join(tmpdir(), "empty-"));
  const done = spawnSync(join(ROOT, ".venv/job/bin/python"), ["-c", PREPARE, folder], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: join(ROOT, "pyspark-jobs") },
  });
  if (done.status !== 0) throw new Error(done.stderr);
  empty.file = join(folder, "warehouse.duckdb");
  return empty.file;
}

/** Rows of a query in a DuckDB file. */
export async function select(
  folder: string,
  sql: string,
  ...statements: readonly string[]
): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(join(folder, "warehouse.duckdb"));
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A folder with a warehouse of the job's tables and views, filled by `statements`. */
export async function warehouse(...statements: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  copyFileSync(emptyFile(), join(folder, "warehouse.duckdb"));
  await select(folder, "SELECT 1", ...statements);
  return folder;
}

/** Fills the tables that the job computes of sales_lines. */
export const FROM_LINES = [
  `INSERT INTO daily_sales_summary BY NAME SELECT transaction_date, store_id, SUM(amount) AS daily_revenue,
     SUM(quantity) AS daily_quantity, COUNT(DISTINCT transaction_id) FILTER (quantity > 0) AS daily_transactions,
     COUNT(DISTINCT customer_key) FILTER (quantity > 0) AS unique_customers, SUM(profit) AS gross_profit,
     COALESCE(-SUM(quantity) FILTER (quantity < 0), 0) AS returned_quantity,
     COALESCE(-SUM(amount) FILTER (quantity < 0), 0) AS returned_revenue FROM sales_lines GROUP BY ALL`,
  `INSERT INTO daily_product_sales BY NAME SELECT transaction_date, product_id, SUM(amount) AS revenue,
     SUM(quantity) AS quantity, COUNT(DISTINCT transaction_id) FILTER (quantity > 0) AS transactions,
     COUNT(DISTINCT store_id) FILTER (quantity > 0) AS stores_sold_in, SUM(profit) AS gross_profit,
     COALESCE(-SUM(quantity) FILTER (quantity < 0), 0) AS returned_quantity,
     COALESCE(-SUM(amount) FILTER (quantity < 0), 0) AS returned_revenue FROM sales_lines GROUP BY ALL`,
];

const LINES = `INSERT INTO sales_lines BY NAME SELECT * FROM (VALUES
  (DATE '2026-02-01', 'T1', 'P1', 'S1', 'k1', 30, 0, 1000.10, 400.05),
  (DATE '2026-02-01', 'T2', 'P2', 'S2', 'k2', 4.750, 0, 265.895, 0),
  (DATE '2026-02-01', 'T3', 'P2', 'S2', 'k2', -1.5, 0, -65.695, 0),
  (DATE '2026-02-02', 'T4', 'P1', 'S1', NULL, 1, 0, 34.005, -10))
  AS line(transaction_date, transaction_id, product_id, store_id, customer_key, quantity, unit_price, amount, profit)`;

const REFERENCE = [
  `INSERT INTO stores (store_id, store_name, store_location, region) VALUES ('S1', 'Quay', 'Bergen', 'West')`,
  `INSERT INTO products (product_id, product_name, category) VALUES ('P1', 'Tea <strong>', 'Drinks')`,
];

/** The columns of a run that every warehouse fills. */
export const RUN_COLUMNS = `run_id, status, started_at, finished_at, start_date, end_date, rows_read, rows_loaded, rows_duplicate,
  rows_quarantined, unmatched_products, unmatched_stores, seconds, files_passed_over`;

const RUNS = `INSERT INTO etl_runs (${RUN_COLUMNS}) VALUES
  ('first', 'done', TIMESTAMP '2026-02-02 01:00:00', TIMESTAMP '2026-02-02 01:00:09', NULL, NULL, 20, 18, 1, 1, 2, 3, 9.25, 0),
  ('second', 'refused', TIMESTAMP '2026-02-03 01:00:00', TIMESTAMP '2026-02-03 01:00:04', NULL, NULL, 0, 0, 0, 0, 0, 0, 4, 0)`;

const QUARANTINE = `INSERT INTO quarantined_sales VALUES
  ('T9', '<script>alert(1)</script>', 'S1', 'two', '1.00', '2026-02-01', 'CUSTOMER-77', 'quantity is not a plain decimal',
   'sales_data/sales.csv', 'first', TIMESTAMP '2026-02-02 01:00:05', '')`;

const CHECKS = `INSERT INTO quality_checks VALUES
  ('first', 'revenue_of_days', 'days have the revenue of their lines', 'error', true, 1234.305, '=', 1234.305, TIMESTAMP '2026-02-02 01:00:08'),
  ('first', 'unmatched_stores', 'few lines lack a store', 'warning', false, 0.166666666, '<=', 0.05, TIMESTAMP '2026-02-02 01:00:08'),
  ('zeroth', 'duplicate_days', 'one row a day and store', 'error', false, 10, '=', 0, TIMESTAMP '2026-02-01 01:00:08'),
  ('second', 'bad_lines', 'few lines are bad', 'error', false, 0.5, '<=', 0.05, TIMESTAMP '2026-02-03 01:00:03'),
  ('second', 'rows_of_days', 'some lines have a product & a store', 'error', true, 1200, '>=', 1, TIMESTAMP '2026-02-03 01:00:03')`;

export const FILLED = [LINES, ...REFERENCE, ...FROM_LINES, RUNS, CHECKS, QUARANTINE];

/**
 * Lines of `days` days to 2026-03-31 in `stores` stores, made of numbers that look random and are always the same.
 * Every fourth store has no region, every seventh product no reference row, some lines are returns, some of guests.
 */
export function manyLines(days: number, stores: number, products: number, linesADay: number): string[] {
  const random = (salt: number, below: number): string =>
    `CAST(hash(d, s, l, ${String(salt)}) % ${String(below)} AS INTEGER)`;
  return [
    `INSERT INTO stores (store_id, store_name, region, store_size_sqft)
       SELECT format('S{:03d}', s), format('Store {:d}', s), CASE WHEN s % 4 < 3 THEN format('Region {:d}', s % 4) END,
         1000 + s FROM range(${String(stores)}) AS t(s)`,
    `INSERT INTO products (product_id, product_name, category)
       SELECT format('P{:03d}', p), format('Product {:d}', p), format('Category {:d}', p % 5)
       FROM range(${String(products)}) AS t(p) WHERE p % 7 <> 6`,
    `INSERT INTO sales_lines BY NAME
       SELECT *, CAST(quantity * unit_price AS DECIMAL(38, 2)) AS amount,
         CAST(quantity * (unit_price - 7) AS DECIMAL(38, 2)) AS profit
       FROM (SELECT DATE '2026-03-31' - CAST(d AS INTEGER) AS transaction_date,
           format('T{:d}-{:d}-{:d}', d, s, ${random(1, 20)}) AS transaction_id,
           format('P{:03d}', ${random(2, products)}) AS product_id, format('S{:03d}', s) AS store_id,
           CASE WHEN ${random(3, 5)} > 0 THEN format('key {:d}', ${random(4, 400)}) END AS customer_key,
           CASE WHEN ${random(5, 20)} = 0 THEN -1 ELSE 1 + ${random(6, 40)} END AS quantity,
           CAST(0.01 * (100 + ${random(7, 9000)}) AS DECIMAL(18, 2)) AS unit_price
         FROM range(${String(days)}) AS a(d), range(${String(stores)}) AS b(s), range(${String(linesADay)}) AS c(l))`,
    ...FROM_LINES,
    `INSERT INTO etl_runs (${RUN_COLUMNS}) VALUES ('run', 'done', TIMESTAMP '2026-04-01 01:00:00', TIMESTAMP '2026-04-01 01:01:00', NULL,
       NULL, 20, 18, 1, 1, 2, 3, 9.25, 0)`,
  ];
}
