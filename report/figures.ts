import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import { readTables } from "../constructs/warehouse/table-catalog";
import { ReportError } from "./report-error";

/** The figures of the report. Money is text that the warehouse rounds to cents from exact sums. */
export interface Figures {
  readonly totals: {
    readonly firstDay: string | null;
    readonly lastDay: string | null;
    readonly revenue: string;
    readonly profit: string;
    /** gross profit / revenue; null unless there is revenue. */
    readonly margin: number | null;
    readonly quantity: string;
    /** Revenue of what came back, a positive amount: revenue, profit and quantity are net of it. */
    readonly returned: string;
    /** Revenue of what came back / revenue of what was sold; null unless something was sold. */
    readonly returnRate: number | null;
    readonly products: string;
    readonly stores: string;
  };
  readonly days: readonly Day[];
  readonly products: readonly Product[];
  readonly stores: readonly Store[];
  /** Newest first. */
  readonly runs: readonly Run[];
  /** The checks of the newest run that has any, then those of earlier runs that did not pass, newest first. */
  readonly checks: readonly Check[];
  readonly reasons: readonly { readonly reason: string; readonly lines: string }[];
  /** A few lines of each reason. */
  readonly quarantined: readonly QuarantinedLine[];
}

export interface Day {
  readonly day: string;
  readonly revenue: string;
  readonly profit: string;
  readonly returned: string;
}

interface Ranked {
  readonly id: string;
  /** null without a reference row. */
  readonly name: string | null;
  readonly revenue: string;
  readonly profit: string;
  readonly margin: number | null;
  readonly quantity: string;
  readonly returnRate: number | null;
}

export interface Product extends Ranked {
  readonly category: string | null;
  readonly stores: string;
}

export interface Store extends Ranked {
  readonly location: string | null;
  readonly products: string;
  readonly customers: string;
}

export interface Run {
  readonly runId: string;
  readonly status: string;
  readonly startedAt: string;
  readonly read: string;
  readonly loaded: string;
  readonly duplicate: string;
  readonly quarantined: string;
  readonly unmatchedProducts: string;
  readonly unmatchedStores: string;
  readonly filesPassedOver: string;
  readonly seconds: number;
}

export interface Check {
  readonly runId: string;
  readonly checkedAt: string;
  readonly name: string;
  readonly rule: string;
  /** error or warning */
  readonly severity: string;
  readonly passed: boolean;
  /** `value relation expected` is what must hold; plain decimals. */
  readonly value: string;
  readonly relation: string;
  readonly expected: string;
  /** Whether it belongs to the newest run that has checks. */
  readonly latest: boolean;
}

export interface QuarantinedLine {
  readonly source: string;
  readonly reason: string;
  /** The raw texts as they arrived, joined by commas. */
  readonly line: string;
}

const TOP = 10;
const LAST_RUNS = 10;
/** Enough for the newest run's checks, about twenty, and as many of earlier runs. */
const CHECKS = 40;
const LINES_A_REASON = 2;

const ROOT = join(__dirname, "..");
/** What the job adds to a bad line; the other columns of the table are the line's raw texts. */
const ADDED_COLUMNS = ["reason", "source_file", "run_id", "quarantined_at"];

/** The columns of quarantined_sales that hold a line as it arrived, in the order of the catalog. */
function rawColumns(): string[] {
  const table = readTables(ROOT, "published").find(({ name }) => name === "quarantined_sales");
  return (table?.columns ?? []).map(({ name }) => name).filter((name) => !ADDED_COLUMNS.includes(name));
}

const cents = (column: string): string => `CAST(CAST(ROUND(${column}, 2) AS DECIMAL(38, 2)) AS VARCHAR)`;
const plain = (column: string): string => `rtrim(rtrim(CAST(${column} AS VARCHAR), '0'), '.')`;
const ratio = (column: string): string => `CAST(${column} AS DOUBLE)`;
const returnRate = (revenue: string, returned: string): string =>
  `CASE WHEN ${revenue} + ${returned} > 0 THEN ${ratio(returned)} / ${ratio(`(${revenue} + ${returned})`)} END AS "returnRate"`;

const QUERIES: Readonly<Record<keyof Figures, string>> = {
  totals: `SELECT MIN(transaction_date) AS "firstDay", MAX(transaction_date) AS "lastDay",
      ${cents("COALESCE(SUM(daily_revenue), 0)")} AS revenue, ${cents("COALESCE(SUM(gross_profit), 0)")} AS profit,
      CASE WHEN SUM(daily_revenue) > 0 THEN ${ratio("SUM(gross_profit)")} / ${ratio("SUM(daily_revenue)")} END AS margin,
      ${plain("COALESCE(SUM(daily_quantity), 0)")} AS quantity, ${cents("COALESCE(SUM(returned_revenue), 0)")} AS returned,
      ${returnRate("SUM(daily_revenue)", "SUM(returned_revenue)")},
      (SELECT COUNT(*) FROM product_performance) AS products, (SELECT COUNT(*) FROM store_performance) AS stores
    FROM daily_sales_summary`,
  days: `SELECT transaction_date AS day, ${cents("SUM(daily_revenue)")} AS revenue, ${cents("SUM(gross_profit)")} AS profit,
      ${cents("SUM(returned_revenue)")} AS returned
    FROM daily_sales_summary GROUP BY transaction_date ORDER BY transaction_date`,
  products: `SELECT product_id AS id, product_name AS name, category, ${cents("total_revenue")} AS revenue,
      ${cents("gross_profit")} AS profit, ${ratio("profit_margin")} AS margin, ${plain("total_quantity_sold")} AS quantity,
      stores_sold_in AS stores, ${returnRate("total_revenue", "returned_revenue")}
    FROM product_performance ORDER BY total_revenue DESC, product_id LIMIT ${TOP}`,
  stores: `SELECT store_id AS id, store_name AS name, store_location AS location, ${cents("total_revenue")} AS revenue,
      ${cents("gross_profit")} AS profit, ${ratio("profit_margin")} AS margin, ${plain("total_items_sold")} AS quantity,
      unique_products AS products, unique_customers AS customers, ${returnRate("total_revenue", "returned_revenue")}
    FROM store_performance ORDER BY total_revenue DESC, store_id LIMIT ${TOP}`,
  runs: `SELECT run_id AS "runId", status, strftime(started_at, '%Y-%m-%d %H:%M:%S') AS "startedAt", rows_read AS "read",
      rows_loaded AS loaded, rows_duplicate AS duplicate, rows_quarantined AS quarantined,
      unmatched_products AS "unmatchedProducts", unmatched_stores AS "unmatchedStores", seconds,
      COALESCE(files_passed_over, 0) AS "filesPassedOver"
    FROM etl_runs ORDER BY started_at DESC, run_id LIMIT ${LAST_RUNS}`,
  checks: `SELECT run_id AS "runId", strftime(checked_at, '%Y-%m-%d %H:%M:%S') AS "checkedAt", check_name AS name, rule, severity,
      passed, ${plain("value")} AS value, relation, ${plain("expected")} AS expected,
      checked_at = (SELECT MAX(checked_at) FROM quality_checks) AS latest
    FROM quality_checks WHERE latest OR NOT passed ORDER BY checked_at DESC, passed, check_name LIMIT ${CHECKS}`,
  reasons: `SELECT reason, COUNT(*) AS lines FROM quarantined_sales GROUP BY reason ORDER BY COUNT(*) DESC, reason`,
  quarantined: `SELECT source, reason, line FROM (
      SELECT source_file AS source, reason, ${rawColumns()
        .map((column) => `COALESCE(${column}, '')`)
        .join(" || ',' || ")} AS line
      FROM quarantined_sales)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY reason ORDER BY source, line) <= ${LINES_A_REASON}
    ORDER BY reason, source, line`,
};

async function select(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/**
 * Reads the figures of the report.
 * @param file - the warehouse's DuckDB file, opened read-only
 * @throws ReportError when the file is in use, is not a DuckDB file or has other tables
 */
export async function readFigures(file: string): Promise<Figures> {
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY" });
    const connection = await instance.connect();
    const figures: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(QUERIES)) {
      const rows = await select(connection, sql);
      figures[name] = name === "totals" ? rows[0] : rows;
    }
    connection.closeSync();
    return figures as unknown as Figures;
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0] ?? "";
    const remedy = /lock/i.test(reason)
      ? "wait until the run that uses it has ended"
      : "fill the warehouse with `npm run etl` first";
    throw new ReportError(`${file}: cannot be read as a warehouse (${reason}): ${remedy}`, 1);
  } finally {
    instance?.closeSync();
  }
}
