import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readTables } from "../../../constructs/warehouse/table-catalog";
import { readViews } from "../../../constructs/warehouse/views";
import { environments } from "../../../environments";
import { at, Attributes } from "../support/fixture";
import { synthesize } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

const ROOT = join(__dirname, "../../..");

const { plan } = synthesizedStacks();

describe.each(environments)("database of $name", ({ name, database, protection, region, recoveryRegion }) => {
  const stack = plan(name);
  const instance = stack.named("google_sql_database_instance", `postgres-g${database.generation}`);
  const flags = Object.fromEntries(
    (at(instance, "settings.database_flags") as { name: string; value: string }[]).map((flag) => [
      flag.name,
      flag.value,
    ]),
  );

  test("is PostgreSQL 16 on a private address, accepts TLS only and states its edition (provider docs)", () => {
    expect(instance.database_version).toBe("POSTGRES_16");
    expect(at(instance, "settings.edition")).toBe("ENTERPRISE");
    expect(at(instance, "settings.ip_configuration")).toMatchObject({
      ipv4_enabled: false,
      private_network: expect.stringContaining("google_compute_network") as string,
      ssl_mode: "ENCRYPTED_ONLY",
    });
  });

  test("is backed up, and recoverable to any second where the environment says so", () => {
    expect(at(instance, "settings.backup_configuration")).toMatchObject({
      enabled: true,
      location: database.crossRegion ? recoveryRegion : region,
      point_in_time_recovery_enabled: name !== "dev",
      backup_retention_settings: { retained_backups: database.retainedBackups },
    });
    expect(at(instance, "settings.availability_type")).toBe(name === "dev" ? "ZONAL" : "REGIONAL");
  });

  test("has a replica in the recovery region in prod only", () => {
    const replicas = stack
      .all("google_sql_database_instance")
      .filter((one) => one.master_instance_name !== undefined);
    expect(replicas.map((one) => one.region)).toEqual(name === "prod" ? [recoveryRegion] : []);
  });

  test("has both protections from one policy (pg#13398)", () => {
    const keeps = protection === "protected";
    for (const one of stack.all("google_sql_database_instance")) {
      expect([one.deletion_protection, at(one, "settings.deletion_protection_enabled")]).toEqual([
        keeps,
        keeps,
      ]);
    }
  });

  test("waits for the peering, and grows by itself without a disk size (pg#3245, pg#4579)", () => {
    const peering = [...stack.resources.keys()].find((one) =>
      one.startsWith("google_service_networking_connection."),
    );
    expect(instance.depends_on).toContain(peering);
    expect(at(instance, "settings.disk_autoresize")).toBe(true);
    expect(at(instance, "settings.disk_size")).toBeUndefined();
  });

  test("logs what an auditor needs", () => {
    expect(flags).toMatchObject({
      "cloudsql.enable_pgaudit": "on",
      log_connections: "on",
      log_disconnections: "on",
      log_lock_waits: "on",
      log_duration: "on",
      log_checkpoints: "on",
      log_temp_files: "0",
      max_connections: String(database.maxConnections),
    });
    expect(at(instance, "settings.insights_config.query_insights_enabled")).toBe(true);
    expect(at(instance, "settings.maintenance_window")).toMatchObject({ day: 7, hour: 12 });
  });

  test("has a DNS name that is known at synth", () => {
    const record = stack.named("google_dns_record_set", `postgres.sales-${name}.internal.`);
    expect(record.rrdatas).toEqual([expect.stringContaining("private_ip_address")]);
  });

  test("leaves its database to the instance when destroyed (pg#12968)", () => {
    expect(stack.only("google_sql_database")).toMatchObject({ name: "sales", deletion_policy: "ABANDON" });
  });
});

describe.each(environments)("authority of the database of $name", ({ name, projectId }) => {
  const stack = plan(name);

  test("is shipped to where the job reads it", () => {
    const path = "pyspark-jobs/database-authority.pem";
    const object = stack.named("google_storage_bucket_object", path);
    expect(object.bucket).toContain("google_storage_bucket.lake_data_bucket_");
    expect(object.content).toMatch(
      /^\$\{google_sql_database_instance\.database_instance_[0-9A-F]{8}\.server_ca_cert\[0\]\.cert\}$/,
    );
    const job = readFileSync(join(__dirname, "../../../pyspark-jobs/sales_job/targets/dataproc.py"), "utf8");
    expect(job).toContain(`DATABASE_AUTHORITY = "${path}"`);
    expect(stack.named("google_storage_bucket", `${projectId}-data`)).toBeDefined();
  });
});

describe.each(environments)("warehouse of $name", ({ name, warehouse, protection }) => {
  const stack = plan(name);
  const tables = new Map(
    stack.all("google_bigquery_table").map((table): [unknown, Attributes] => [table.table_id, table]),
  );
  const of = (table: string): Attributes => tables.get(table) ?? {};

  test("has the environment's billing, time travel and protection", () => {
    const datasets = stack.all("google_bigquery_dataset");
    expect(datasets.find((one) => String(one.dataset_id).startsWith("sales_analytics_"))).toMatchObject({
      max_time_travel_hours: String(warehouse.timeTravelHours),
      storage_billing_model: warehouse.storageBilling,
      delete_contents_on_destroy: protection === "destroyable",
    });
    // True by default, which would protect even dev (pg#8352).
    for (const table of tables.values()) expect(table.deletion_protection).toBe(protection !== "destroyable");
  });

  test("has the tables and views that readers use", () => {
    expect([...tables.keys()].sort()).toEqual([
      "arrivals",
      "cohort_retention",
      "customer_segments",
      "customers",
      "daily_product_sales",
      "daily_profile",
      "daily_revenue",
      "daily_sales_summary",
      "etl_runs",
      "forecast_accuracy",
      "inventory_signals",
      "kpis_daily",
      "monthly_sales",
      "product_performance",
      "product_trends",
      "products",
      "quality_checks",
      "quarantined_sales",
      "revenue_forecast",
      "sales_lines",
      "sales_today",
      "store_comparison",
      "store_performance",
      "stores",
      // In the stream's own dataset, which no reader has rights on.
      "streamed_dead_letters",
      "streamed_quarantine",
      "streamed_sales",
      "weekly_sales",
    ]);
  });

  test("partitions by day, clusters by store, and requires a filter where it saves money", () => {
    expect(of("daily_sales_summary")).toMatchObject({
      time_partitioning: { type: "DAY", field: "transaction_date" },
      require_partition_filter: true,
      clustering: ["store_id"],
    });
    expect(at(of("quarantined_sales"), "time_partitioning.expiration_ms")).toBe(
      (warehouse.quarantineDays ?? 0) * 86_400_000,
    );
    expect(at(of("daily_sales_summary"), "time_partitioning.expiration_ms")).toBeUndefined();
  });

  test("states a mode for every column (pg#6755)", () => {
    for (const table of tables.values()) {
      if (table.schema === undefined) continue;
      const columns = JSON.parse(table.schema as string) as { mode?: string; type: string }[];
      expect(columns.filter(({ mode }) => mode === undefined)).toEqual([]);
      // Names that the API returns; others differ in every plan.
      expect(columns.filter(({ type }) => ["INT64", "FLOAT64", "BOOL", "DECIMAL"].includes(type))).toEqual(
        [],
      );
    }
  });

  test("its materialized view follows its table (sqlmesh#4908, pulumi-gcp#2498, pg#21691)", () => {
    const view = of("daily_revenue");
    // The DAG refreshes it: two refreshes at once end in an error.
    expect(at(view, "materialized_view.enable_refresh")).toBe(false);
    // BigQuery accepts no other partitions than those of the table.
    expect(at(view, "time_partitioning")).toEqual({ type: "DAY", field: "transaction_date" });
    expect(at(of("daily_sales_summary"), "time_partitioning")).toMatchObject({
      type: "DAY",
      field: "transaction_date",
    });
    expect(at(view, "materialized_view.query")).toContain(
      "${google_bigquery_table.warehouse_daily-sales-summary",
    );
    expect(at(view, "materialized_view.query")).toContain(
      "WHERE transaction_date BETWEEN DATE '1960-01-01' AND DATE '2159-12-31'",
    );
    expect(view.require_partition_filter).toBeUndefined();
    expect(at(view, "lifecycle.replace_triggered_by")).toEqual([
      expect.stringMatching(/^google_bigquery_table\.warehouse_daily-sales-summary_\w+\.creation_time$/),
    ]);
  });
});

test("BI readers see the business tables and views, and neither bad lines nor runs", () => {
  const [dev] = environments;
  if (!dev) throw new Error("no environment");
  const readers = "group:bi@acme.eu";
  const stack = synthesize([{ ...dev, access: { analysts: [], biReaders: [readers] } }]).plan(dev.name);
  const seen = stack
    .all("google_bigquery_table_iam_member")
    .filter((grant) => grant.role === "roles/bigquery.dataViewer" && grant.member === readers)
    .map((grant) => /warehouse_([a-z-]+)_/.exec(String(grant.table_id))?.[1]);
  expect(seen.sort()).toEqual([
    "arrivals",
    "cohort-retention",
    "customer-segments",
    "customers",
    "daily-product-sales",
    "daily-revenue",
    "daily-sales-summary",
    "forecast-accuracy",
    "inventory-signals",
    "kpis-daily",
    "monthly-sales",
    "product-performance",
    "product-trends",
    "products",
    "revenue-forecast",
    "sales-lines",
    "sales-today",
    "store-comparison",
    "store-performance",
    "stores",
    "weekly-sales",
  ]);
});

test("the views keep the days that the job loads", () => {
  const file = readFileSync(join(ROOT, "pyspark-jobs/sales_job/base/sales_rules.json"), "utf8");
  const rules = JSON.parse(file) as Record<string, string>;
  // The open days are the last 31; those of the future too.
  const firsts = [`DATE '${rules.first_day}'`, "DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY)"];
  const tables = readTables(ROOT, "published");
  const filters = firsts.map((first) => `transaction_date BETWEEN ${first} AND DATE '${rules.last_day}'`);
  const filtered = tables.filter(({ filterRequired }) => filterRequired).map(({ name }) => name);
  const views = readViews(ROOT);
  expect(views).toHaveLength(12);
  for (const { name, sql } of views) {
    const read = filtered.flatMap((table) => sql.split(`\`\${${table}}\``).slice(1));
    const bounded = filters.map((filter) => sql.split(filter).length - 1);
    expect([name, bounded.reduce((sum, count) => sum + count)]).toEqual([name, read.length]);
    expect([name, bounded[1]]).toEqual([name, name === "sales_today" ? 1 : 0]);
  }
});

test("no environment reserves slots or memory for queries", () => {
  for (const { name } of environments) {
    expect(plan(name).all("google_bigquery_reservation")).toEqual([]);
    expect(plan(name).all("google_bigquery_bi_reservation")).toEqual([]);
  }
});
