import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DATA, ScanRule, scanRules } from "../../../constructs/catalog/scan-rules";
import { Table } from "../../../constructs/warehouse/table";
import { readTables } from "../../../constructs/warehouse/table-catalog";
import { Attributes, at } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();
const prod = plan("prod");
const tables = readTables(join(__dirname, "../../.."), "published");
const scans = prod.all("google_dataplex_datascan");
const scan = (id: string): Attributes => {
  const found = scans.find(({ data_scan_id }) => data_scan_id === id);
  if (!found) throw new Error(`${id} is not in the stack`);
  return found;
};
interface Rule extends Attributes {
  readonly name: string;
}
const rulesOf = (id: string): Rule[] => at(scan(id), "data_quality_spec.rules") as Rule[];

test("staging and prod have scans, dev has none; the DAG starts all of them", () => {
  expect(plan("dev").all("google_dataplex_datascan")).toEqual([]);
  for (const environment of ["staging", "prod"]) {
    const ids = plan(environment)
      .all("google_dataplex_datascan")
      .map((one) => String(one.data_scan_id));
    const composer = plan(environment).only("google_composer_environment");
    const variables = at(composer, "config.software_config.env_variables") as Record<string, string>;
    expect(variables.DATA_SCANS?.split(",").sort()).toEqual(ids.sort());
    expect(ids.every((id) => /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(id))).toBe(true);
  }
});

// By hand: all but quarantined_sales, whose rows are bad by definition and which has no key.
test("each published table has a quality scan, and those for the business a profile", () => {
  const ids = (kind: string): string[] =>
    tables
      .filter(({ name, audience }) =>
        kind === "quality" ? name !== "quarantined_sales" : audience === "business",
      )
      .map(({ name }) => `sales-prod-${kind}-${name.replaceAll("_", "-")}`);
  expect(scans.map((one) => String(one.data_scan_id)).sort()).toEqual(
    [...ids("quality"), ...ids("profile")].sort(),
  );
});

test("a scan reads its table, the last days of a partitioned one", () => {
  expect(scan("sales-prod-quality-daily-sales-summary")).toMatchObject({
    location: "us-central1",
    data: {
      resource: expect.stringMatching(
        /^\/\/bigquery\.googleapis\.com\/projects\/[\w-]+\/datasets\/sales_analytics_prod\/tables\/daily_sales_summary$/,
      ) as string,
    },
    execution_spec: { trigger: { on_demand: {} } },
    data_quality_spec: { row_filter: "transaction_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 35 DAY)" },
  });
  expect(at(scan("sales-prod-quality-etl-runs"), "data_quality_spec.row_filter")).toBe(
    "started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 35 DAY)",
  );
  expect(at(scan("sales-prod-quality-stores"), "data_quality_spec.row_filter")).toBeUndefined();
});

test("no profile shows values of columns with personal data, and no rule reads them", () => {
  const personal = (table: Table): string[] =>
    table.columns.filter((column) => column.personal !== undefined).map(({ name }) => name);
  expect(at(scan("sales-prod-profile-stores"), "data_profile_spec.exclude_fields.field_names")).toEqual([
    "manager_name",
    "manager_email",
    "phone",
  ]);
  for (const table of tables) {
    const text = JSON.stringify(scanRules(table));
    expect(text).not.toContain("SELECT *");
    expect([table.name, personal(table).filter((name) => text.includes(name))]).toEqual([table.name, []]);
  }
});

test("Terraform does not take the service's parameter for its own", () => {
  const statements = rulesOf("sales-prod-quality-daily-sales-summary").map((rule) =>
    at(rule, "sql_assertion.sql_statement"),
  );
  expect(statements).toContain(
    "SELECT 1 AS repeated FROM $${data()} GROUP BY transaction_date, store_id HAVING COUNT(*) > 1",
  );
  expect(JSON.stringify(scans)).not.toMatch(/[^$]\$\{data\(\)\}/);
});

test("the service's account reads the tables and no column with personal data; the DAG may start scans", () => {
  const agent = "@gcp-sa-dataplex.iam.gserviceaccount.com";
  const granted = [...prod.resources].filter(([, item]) => String(item.member).endsWith(agent));
  expect(granted.map(([address, { role }]) => [address.split(".")[0], role]).sort()).toEqual([
    ["google_bigquery_dataset_iam_member", "roles/bigquery.dataViewer"],
    ["google_project_iam_member", "roles/bigquery.jobUser"],
  ]);
  const role = plan("bootstrap")
    .all("google_project_iam_custom_role")
    .find(({ role_id }) => role_id === "sales_prod_scanStarter");
  expect(role?.permissions).toEqual([
    "dataplex.datascans.get",
    "dataplex.datascans.run",
    "dataplex.datascans.getData",
  ]);
});

test("an alert fires where a rule or a scan fails", () => {
  const alert = prod
    .all("google_monitoring_alert_policy")
    .find(({ display_name }) => String(display_name).includes("a scan of the tables found a fault"));
  expect(at(alert, "conditions.condition_matched_log.filter")).toBe(
    'log_id("dataplex.googleapis.com/data_scan") AND resource.type="dataplex.googleapis.com/DataScan" AND ' +
      'resource.labels.datascan_id=~"^(sales-prod-quality|sales-prod-profile)-" AND ' +
      '(labels."dataplex.googleapis.com/data_scan_state"="FAILED" OR jsonPayload.dataQuality.passed=false)',
  );
});

/** Rows that break a rule, as the reference of the service says: https://cloud.google.com/dataplex/docs/auto-data-quality-overview */
function violations(rule: ScanRule, table: string): string {
  const column = rule.column ?? "";
  const where = (condition: string): string => {
    const orNull = rule.ignoreNull === true ? "" : ` OR ${column} IS NULL`;
    return `SELECT 1 FROM ${table} WHERE NOT (${condition})${orNull}`;
  };
  if (rule.nonNullExpectation) return `SELECT 1 FROM ${table} WHERE ${column} IS NULL`;
  if (rule.uniquenessExpectation) return `SELECT 1 FROM ${table} GROUP BY ${column} HAVING COUNT(*) > 1`;
  if (rule.setExpectation)
    return where(`${column} IN (${rule.setExpectation.values.map((value) => `'${value}'`).join(", ")})`);
  if (rule.rangeExpectation) {
    const { minValue, maxValue } = rule.rangeExpectation;
    return where(
      [minValue && `${column} >= '${minValue}'`, maxValue && `${column} <= '${maxValue}'`]
        .filter(Boolean)
        .join(" AND "),
    );
  }
  return (rule.sqlAssertion?.sqlStatement ?? "").replaceAll(DATA, table);
}

const TYPES: Readonly<Record<string, string>> = {
  STRING: "VARCHAR",
  INTEGER: "BIGINT",
  FLOAT: "DOUBLE",
  NUMERIC: "DECIMAL(38, 9)",
};

/** The rules of a table that rows break, by DuckDB. */
async function broken(name: string, ...rows: readonly Record<string, string>[]): Promise<string[]> {
  const table = tables.find((one) => one.name === name);
  if (!table) throw new Error(name);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const columns = table.columns.map((column) => `"${column.name}" ${TYPES[column.type] ?? column.type}`);
  await connection.run(`CREATE TABLE ${name} (${columns.join(", ")})`);
  for (const row of rows)
    await connection.run(
      `INSERT INTO ${name} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")})`,
    );
  const found: string[] = [];
  for (const rule of scanRules(table)) {
    const reader = await connection.runAndReadAll(violations(rule, name));
    if (reader.currentRowCount > 0) found.push(rule.name);
  }
  connection.closeSync();
  instance.closeSync();
  return found;
}

const DAY = {
  transaction_date: "DATE '2026-03-01'",
  store_id: "'S1'",
  daily_revenue: "12.5",
  daily_quantity: "3",
  daily_transactions: "2",
  unique_customers: "1",
  returned_quantity: "0",
  returned_revenue: "0",
};
const LINE = {
  transaction_date: "DATE '2026-03-01'",
  quantity: "0.250",
  unit_price: "4.5000",
  amount: "1.125",
};
const RUN = {
  run_id: "'r1'",
  status: "'done'",
  started_at: "TIMESTAMP '2026-03-01 02:00:00'",
  rows_read: "10",
  rows_loaded: "7",
  rows_duplicate: "2",
  rows_quarantined: "1",
};

test.each([
  ["good days", "daily_sales_summary", [DAY, { ...DAY, store_id: "'S2'" }], []],
  [
    "a day of returns alone",
    "daily_sales_summary",
    [
      {
        ...DAY,
        daily_revenue: "-5",
        daily_quantity: "-1",
        daily_transactions: "0",
        unique_customers: "0",
        returned_quantity: "1",
        returned_revenue: "5",
      },
    ],
    [],
  ],
  ["a key twice", "daily_sales_summary", [DAY, { ...DAY, daily_revenue: "1" }], ["keys-are-unique"]],
  ["no store", "daily_sales_summary", [{ ...DAY, store_id: "NULL" }], ["has-store-id"]],
  [
    "a day before all days",
    "daily_sales_summary",
    [{ ...DAY, transaction_date: "DATE '1959-12-31'" }],
    ["plausible-transaction-date"],
  ],
  [
    "a day after all days",
    "daily_sales_summary",
    [{ ...DAY, transaction_date: "DATE '2160-01-01'" }],
    ["plausible-transaction-date"],
  ],
  ["a negative day", "daily_sales_summary", [{ ...DAY, daily_revenue: "-0.01" }], ["negative-days"]],
  [
    "a sale without a transaction",
    "daily_sales_summary",
    [{ ...DAY, daily_transactions: "0" }],
    ["negative-days"],
  ],
  ["a product twice", "products", [{ product_id: "'P1'" }, { product_id: "'P1'" }], ["keys-are-unique"]],
  [
    "returns below nothing",
    "product_performance",
    [{ product_id: "'P1'", returned_quantity: "-1", returned_revenue: "0" }],
    ["least-returned-quantity"],
  ],
  [
    "returns that an old row lacks",
    "product_performance",
    [{ product_id: "'P1'", returned_quantity: "NULL" }],
    [],
  ],
  ["a good line", "sales_lines", [LINE], []],
  ["a wrong amount", "sales_lines", [{ ...LINE, amount: "1.1251" }], ["amount-of-lines"]],
  ["no quantity", "sales_lines", [{ ...LINE, quantity: "0", amount: "0" }], ["amount-of-lines"]],
  [
    "a negative price",
    "sales_lines",
    [{ ...LINE, unit_price: "-4.5", amount: "-1.125" }],
    ["least-unit-price"],
  ],
  ["a run", "etl_runs", [RUN, { ...RUN, run_id: "'r2'", status: "'failed'", rows_read: "0" }], []],
  ["a run that lost a line", "etl_runs", [{ ...RUN, rows_loaded: "6" }], ["lines-are-accounted-for"]],
  ["a state that does not exist", "etl_runs", [{ ...RUN, status: "'ok'" }], ["known-status"]],
] as const)("%s: what the scan of %s finds", async (_, table, rows, expected) => {
  expect(await broken(table, ...rows)).toEqual(expected);
});
