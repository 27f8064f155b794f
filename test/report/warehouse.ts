import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const SCHEMAS = join(__dirname, "../../pyspark-jobs/sales_job/tables/published");
const TYPES: Readonly<Record<string, string>> = {
  NUMERIC: "DECIMAL(38, 9)",
  STRING: "VARCHAR",
  INTEGER: "BIGINT",
  FLOAT: "DOUBLE",
};

interface Column {
  readonly name: string;
  readonly type: string;
}

/** A folder with a warehouse of the published tables' schemas, filled by `statements`. */
export async function warehouse(...statements: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const instance = await DuckDBInstance.create(join(folder, "warehouse.duckdb"));
  const connection = await instance.connect();
  for (const file of readdirSync(SCHEMAS).filter((name) => name.endsWith(".json"))) {
    const { columns } = JSON.parse(readFileSync(join(SCHEMAS, file), "utf8")) as {
      readonly columns: readonly Column[];
    };
    const listed = columns.map(({ name, type }) => `${name} ${TYPES[type] ?? type}`).join(", ");
    await connection.run(`CREATE TABLE ${file.replace(".json", "")} (${listed})`);
  }
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
  return folder;
}

// The last two values are returned_quantity and returned_revenue.
const SALES = `INSERT INTO daily_sales_summary VALUES
  (DATE '2026-02-01', 'S1', 'Quay', 'Bergen', 1000.10, 30, 12, 7, 400.05, 0, 0),
  (DATE '2026-02-01', 'S2', NULL, NULL, 200.20, 3.250, 2, 2, 0, 1.5, 65.695),
  (DATE '2026-02-02', 'S1', 'Quay', 'Bergen', 34.005, 1, 1, 1, -10, 0, 0)`;

const PRODUCTS = `INSERT INTO product_performance VALUES
  ('P1', 'Tea <strong>', 'Drinks', 1034.105, 31, 33, 1, 390.05, 0.377186456, 0, 0),
  ('P2', NULL, NULL, 200.20, 3.250, 66.733333333, 1, 0, 0, 1.5, 65.695)`;

const STORES = `INSERT INTO store_performance VALUES
  ('S1', 'Quay', 'Bergen', 1034.105, 31, 1, 8, 390.05, 0.377186456, 0, 0),
  ('S2', NULL, NULL, 200.20, 3.250, 1, 2, 0, 0, 1.5, 65.695)`;

const RUNS = `INSERT INTO etl_runs VALUES
  ('first', 'done', TIMESTAMP '2026-02-02 01:00:00', TIMESTAMP '2026-02-02 01:00:09', NULL, NULL, 20, 18, 1, 1, 2, 3, 9.25, 0),
  ('second', 'refused', TIMESTAMP '2026-02-03 01:00:00', TIMESTAMP '2026-02-03 01:00:04', NULL, NULL, 0, 0, 0, 0, 0, 0, 4, 0)`;

const QUARANTINE = `INSERT INTO quarantined_sales VALUES
  ('T9', 'P1', 'S1', 'two', '1.00', '2026-02-01', '<script>alert(1)</script>', 'quantity is not a plain decimal',
   'sales_data/sales.csv', 'first', TIMESTAMP '2026-02-02 01:00:05', '')`;

const CHECKS = `INSERT INTO quality_checks VALUES
  ('first', 'revenue_of_days', 'days have the revenue of their lines', 'error', true, 1234.305, '=', 1234.305, TIMESTAMP '2026-02-02 01:00:08'),
  ('first', 'unmatched_stores', 'few lines lack a store', 'warning', false, 0.166666666, '<=', 0.05, TIMESTAMP '2026-02-02 01:00:08'),
  ('zeroth', 'duplicate_days', 'one row a day and store', 'error', false, 10, '=', 0, TIMESTAMP '2026-02-01 01:00:08'),
  ('second', 'bad_lines', 'few lines are bad', 'error', false, 0.5, '<=', 0.05, TIMESTAMP '2026-02-03 01:00:03'),
  ('second', 'rows_of_days', 'some lines have a product & a store', 'error', true, 1200, '>=', 1, TIMESTAMP '2026-02-03 01:00:03')`;

export const FILLED = [SALES, PRODUCTS, STORES, RUNS, CHECKS, QUARANTINE];
