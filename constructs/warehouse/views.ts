/** One view over one table. */
export interface View {
  readonly name: string;
  readonly description: string;
  /** Table that it reads. */
  readonly from: string;
  /** SQL over the table at `path`, as `project.dataset.table`. */
  readonly query: (path: string) => string;
}

/**
 * First and last plausible transaction date: BigQuery cannot partition other dates, so the job quarantines them. The same
 * as in pyspark-jobs/sales_job/base/plausible_days.py.
 */
export const FIRST_PLAUSIBLE_DAY = "1960-01-01";
export const LAST_PLAUSIBLE_DAY = "2159-12-31";

/** The daily table requires a partition filter from every query, views included (pg#21691): this one keeps every day. */
const EVERY_DAY = `transaction_date BETWEEN DATE '${FIRST_PLAUSIBLE_DAY}' AND DATE '${LAST_PLAUSIBLE_DAY}'`;

/** One that BigQuery stores. */
export interface MaterializedView extends View {
  /** Column by whose days it is partitioned: that of its table. */
  readonly partitionBy: string;
}

export const MATERIALIZED_VIEWS: readonly MaterializedView[] = [
  {
    name: "daily_revenue",
    description: "Revenue, pieces and profit of a day over all stores; kept up to date by BigQuery",
    from: "daily_sales_summary",
    partitionBy: "transaction_date",
    query: (path) =>
      `SELECT transaction_date, SUM(daily_revenue) AS revenue, SUM(daily_quantity) AS quantity, ` +
      `SUM(gross_profit) AS gross_profit, COUNT(*) AS stores ` +
      `FROM \`${path}\` WHERE ${EVERY_DAY} GROUP BY transaction_date`,
  },
];

/** Figures of a week or month. No customers: distinct counts of days do not add up to that of a week. */
function byPeriod(part: string, column: string): (path: string) => string {
  return (path) =>
    `SELECT DATE_TRUNC(transaction_date, ${part}) AS ${column}, store_id, ` +
    `ANY_VALUE(store_name HAVING MAX transaction_date) AS store_name, SUM(daily_revenue) AS revenue, ` +
    `SUM(daily_quantity) AS quantity, SUM(daily_transactions) AS daily_transactions, ` +
    `SUM(gross_profit) AS gross_profit, SAFE_DIVIDE(SUM(gross_profit), SUM(daily_revenue)) AS profit_margin ` +
    `FROM \`${path}\` WHERE ${EVERY_DAY} GROUP BY ${column}, store_id`;
}

export const VIEWS: readonly View[] = [
  {
    name: "weekly_sales",
    description: "One row a week (from Monday) and store",
    from: "daily_sales_summary",
    query: byPeriod("WEEK(MONDAY)", "week"),
  },
  {
    name: "monthly_sales",
    description: "One row a month and store",
    from: "daily_sales_summary",
    query: byPeriod("MONTH", "month"),
  },
];
