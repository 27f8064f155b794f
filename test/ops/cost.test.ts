import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runPrices } from "../../constructs/orchestration/run-prices";
import { LABEL_KEYS } from "../../constructs/foundation/labels";
import { readTables } from "../../constructs/warehouse/table-catalog";
import { WAREHOUSE_SHARE } from "../../cost/assumptions";
import { ESTIMATORS, estimate } from "../../cost/estimate";
import { FREE } from "../../cost/free-resources";
import { clusterHours, openHours } from "../../cost/estimators/running-hours";
import { sum } from "../../cost/bill";
import { PRICES } from "../../cost/price-list";
import { StackJson, block, resourcesOf } from "../../cost/synthesized-stack";
import { daysByClass } from "../../cost/estimators/storage";
import { table } from "../../cost/table";
import { environments } from "../../environments";
import { OfficeHours } from "../../environments/environment";
import { startAndStop } from "../../environments/office-hours";
import { synthesizedStacks } from "../infra/support/synthesized-stacks";

const labels = (component: string) => ({ environment: "dev", component });
const DISK = "disk.pd-balanced";
const disk = { boot_disk_type: "pd-balanced", boot_disk_size_gb: 100 };
const call = (schedule: string, activationPolicy: string) => ({
  schedule,
  http_target: {
    uri: "https://sqladmin.googleapis.com/v1/projects/p/instances/postgres",
    body: Buffer.from(JSON.stringify({ settings: { activationPolicy } })).toString("base64"),
  },
});
const data = {
  name: "p-data",
  labels: labels("lake"),
  storage_class: "STANDARD",
  versioning: { enabled: true },
  lifecycle_rule: [
    {
      action: { type: "SetStorageClass", storage_class: "NEARLINE" },
      condition: { age: 30, with_state: "LIVE" },
    },
    {
      action: { type: "SetStorageClass", storage_class: "COLDLINE" },
      condition: { age: 90, with_state: "LIVE" },
    },
    { action: { type: "Delete" }, condition: { days_since_noncurrent_time: 7, with_state: "ARCHIVED" } },
    { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
  ],
};

/** It has no labels: its environment and component come from the construct's path. */
const FIREWALL = { "//": { metadata: { path: "dev/firewall/rule" } } };
const AUDITED = { "//": { metadata: { path: "dev/audit/storage" } } };

/** A small example stack: a cluster for the daily run, a regional database from 5 to 20 o'clock, a gateway, a bucket. */
const STACK: StackJson = {
  resource: {
    google_dataproc_cluster: {
      c: {
        name: "spark",
        labels: labels("processing"),
        cluster_config: {
          autoscaling_config: { policy_uri: "${google_dataproc_autoscaling_policy.a.id}" },
          master_config: { machine_type: "e2-standard-4", num_instances: 1, disk_config: disk },
          worker_config: { machine_type: "e2-standard-4", num_instances: 2, disk_config: disk },
          preemptible_worker_config: { num_instances: 0, preemptibility: "SPOT", disk_config: disk },
        },
      },
    },
    google_dataproc_autoscaling_policy: { a: { secondary_worker_config: { max_instances: 2 } } },
    google_cloud_scheduler_job: { open: call("0 5 * * *", "ALWAYS"), close: call("0 20 * * *", "NEVER") },
    google_sql_database_instance: {
      d: {
        name: "postgres",
        settings: {
          tier: "db-custom-2-8192",
          edition: "ENTERPRISE",
          disk_type: "PD_SSD",
          availability_type: "REGIONAL",
          backup_configuration: { enabled: true, backup_retention_settings: { retained_backups: 7 } },
          user_labels: labels("database"),
        },
      },
    },
    google_compute_router_nat: { n: { "//": { metadata: { path: "dev/network/nat" } } } },
    google_storage_bucket: { b: data },
    google_kms_crypto_key: { k: { labels: labels("keys"), rotation_period: "7776000s" } },
    google_project_iam_audit_config: { one: AUDITED, other: AUDITED },
    google_compute_firewall: {
      denies: { ...FIREWALL, deny: [{ protocol: "all" }], log_config: { metadata: "INCLUDE_ALL_METADATA" } },
      allows: { ...FIREWALL, allow: [{ protocol: "tcp" }], log_config: { metadata: "EXCLUDE_ALL_METADATA" } },
      silent: { ...FIREWALL, allow: [{ protocol: "tcp" }] },
    },
    google_compute_network: { v: {} },
    google_compute_global_address: {
      inside: { address_type: "INTERNAL" },
      outside: { address_type: "EXTERNAL" },
    },
    google_redis_instance: { r: {} },
  },
};

const made = estimate("dev", STACK);
const costOf = (component: string): number => sum(made.lines.filter((item) => item.component === component));
const saved = (measure: string, component: string): number =>
  sum(made.savings.filter((item) => item.measure === measure && item.component === component));

describe("an example stack, by hand", () => {
  test("a cluster that runs an hour a day, 30.4167 a month", () => {
    const machines = 12 * 30.4167 * 0.021811 + 48 * 30.4167 * 0.002923 + 12 * 30.4167 * 0.01; // 15.878595
    // Half of two spot workers for an hour a day: 30.4167 hours of 4 vCPU and 16 GiB.
    const spot = 121.6667 * 0.0087 + 486.6667 * 0.00117 + 121.6667 * 0.01 + 0.416667; // 3.261233
    expect(costOf("processing")).toBeCloseTo(machines + spot + 300 * 0.1 + 2 * 0.5, 3);
    expect(costOf("processing")).toBeCloseTo(50.1398, 3);
  });

  test("699.5833 hours without it save 0.522036 each, its spot workers the difference of the prices", () => {
    expect(saved("cluster between runs", "processing")).toBeCloseTo(365.2077, 3);
    expect(saved("spot workers", "processing")).toBeCloseTo(2.4483, 3);
  });

  test("a cluster that stands costs its 730 hours", () => {
    const composer = { config: { software_config: { env_variables: { CLUSTER_STANDING: "true" } } } };
    const standing = { resource: { ...STACK.resource, google_composer_environment: { e: composer } } };
    const hours = estimate("dev", standing).lines.find(({ item }) => item === "master: vCPU")?.quantity;
    expect(hours).toBe(4 * 730);
  });

  test("a regional database costs twice as much, for 456.25 hours, its seven backups by their changes", () => {
    expect(costOf("database")).toBeCloseTo((120.596 + 81.76) * 0.625 + 3.4 + 0.208, 6);
    expect(saved("office hours", "database")).toBeCloseTo((120.596 + 81.76) * 0.375, 6);
  });

  test("a gateway costs by the hours of the cluster's machines", () => {
    expect(costOf("network")).toBeCloseTo(121.6667 * 0.0014 + 730 * 0.005 + 0.045, 5);
  });

  test("a firewall rule costs what it logs: a tenth of a GiB of denied connections, ten of allowed ones", () => {
    expect(costOf("firewall")).toBeCloseTo((0.1 + 10) * 0.25, 9);
  });

  test("a bucket after three years: 30 days standard, 60 nearline, 1005 coldline, of 1 GiB a month", () => {
    expect(Object.fromEntries(daysByClass(data))).toEqual({ STANDARD: 30, NEARLINE: 60, COLDLINE: 1005 });
    expect(costOf("lake")).toBeCloseTo(0.171616, 5);
    expect(saved("lifecycle rules", "lake")).toBeCloseTo(36 * 0.02 - 0.171616, 5);
  });

  test("a key keeps one version for every 90 days: 13 of them", () => {
    expect(costOf("keys")).toBeCloseTo(13 * 0.06 + 0.3, 9);
  });

  test("data-access logs cost in the project's own bucket too, 1 GiB a month for all services", () => {
    expect(costOf("audit")).toBeCloseTo(0.5, 9);
  });

  test("the table names unconfirmed prices and their share of the totals", () => {
    expect(table([made])).toMatch(
      /^\d+ % of the totals use prices that are not confirmed, check them: .*sql\.vcpu-hour/m,
    );
    const confirmed = { resource: { google_dns_managed_zone: { z: { labels: labels("dns") } } } };
    expect(table([estimate("dev", confirmed)])).not.toContain("not confirmed");
  });

  test("an environment that the list does not have is not estimated, instead of taking another's volumes", () => {
    const { lines, notEstimated } = estimate("qa", {
      resource: { google_storage_bucket: { b: { name: "p-data" } } },
    });
    expect(lines).toEqual([]);
    expect(notEstimated.map(({ reason }) => reason)).toEqual([
      "environment qa is not in environments/index.ts",
    ]);
  });

  test("a resource without a price is not free: it is listed, and not in the total", () => {
    expect(made.notEstimated).toEqual([
      {
        address: "google_compute_global_address.outside",
        reason: "no price for google_compute_global_address of this kind",
      },
      { address: "google_redis_instance.r", reason: "no price for google_redis_instance" },
    ]);
    expect(made.free.map(({ type, count }) => [type, count])).toEqual([
      ["google_dataproc_autoscaling_policy", 1],
      ["google_compute_network", 1],
      ["google_compute_global_address", 1],
    ]);
    expect(made.usd).toBeCloseTo(50.1398 + 130.0805 + 2.525 + 3.8653 + 0.1716 + 1.08 + 0.5 + 2 * 0.1, 3);
    expect(table([made])).toContain("dev: google_redis_instance.r: no price for google_redis_instance");
  });
});

test.each([
  ["n1-standard-4", "machine type n1-standard-4"],
  ["", "machine type unset"],
])("a cluster with machine type '%s' is not estimated, with the reason", (machineType, reason) => {
  const json = JSON.parse(JSON.stringify(STACK).replaceAll("e2-standard-4", machineType)) as StackJson;
  const { lines, notEstimated } = estimate("dev", json);
  expect(lines.filter(({ component }) => component === "processing")).toEqual([]);
  expect(notEstimated.map((item) => item.reason).join()).toContain(reason);
});

test("a deleted object costs until versions and soft delete end", () => {
  const bucket = {
    ...data,
    lifecycle_rule: [
      { action: { type: "Delete" }, condition: { age: 7, with_state: "LIVE" } },
      { action: { type: "Delete" }, condition: { days_since_noncurrent_time: 90, with_state: "ARCHIVED" } },
    ],
    soft_delete_policy: { retention_duration_seconds: 7 * 86_400 },
  };
  expect(Object.fromEntries(daysByClass(bucket))).toEqual({ STANDARD: 7 + 90 + 7 });
});

test.each<[OfficeHours["open"], OfficeHours["close"], OfficeHours["days"], string, string, number]>([
  ["05:00", "20:00", "daily", "0 5 * * *", "0 20 * * *", 105],
  ["08:00", "18:30", "weekdays", "0 8 * * 1-5", "30 18 * * 1-5", 52.5],
])("open from %s to %s %s: cron '%s' and '%s', %d hours a week", (open, close, days, start, stop, hours) => {
  const made = startAndStop({ open, close, days, timeZone: "Etc/UTC" });
  expect(made).toEqual({ start, stop, timeZone: "Etc/UTC" });
  expect(openHours(made.start, made.stop)).toBeCloseTo((hours * 730) / 168, 9);
});

test.each([
  ["*/5 * * * *", "0 20 * * *"],
  ["0 5 1 * *", "0 20 * * *"],
  ["0 5 * * *", "0 20 * * 1-5"],
  ["0 20 * * *", "0 5 * * *"],
])("schedules '%s' and '%s' are not estimated", (start, stop) => {
  expect(() => openHours(start, stop)).toThrow(start);
});

describe("the project's own stacks", () => {
  const { plan } = synthesizedStacks();
  const estimates = [...environments.map(({ name }) => name), "bootstrap"].map((name) => {
    const json = plan(name).json as StackJson;
    return { name, json, result: estimate(name, json) };
  });

  test.each(estimates)(
    "$name: every resource is estimated, free for a reason or not estimated",
    ({ name, json, result }) => {
      const addresses = resourcesOf(name, json).map(({ address }) => address);
      const counted = new Set([...result.lines, ...result.notEstimated].map(({ address }) => address));
      const free = new Set(result.free.map(({ type }) => type));
      const typeOf = (address: string): string => address.split(".")[0] ?? "";
      const neither = addresses.filter((address) => !counted.has(address) && !free.has(typeOf(address)));
      expect(neither).toEqual([]);
      expect(result.free.filter(({ reason }) => reason.length < 10)).toEqual([]);
      expect(result.notEstimated).toEqual([]);
    },
  );

  test("office hours save where an environment has them, spot workers everywhere a cluster may add them", () => {
    for (const { name, json, result } of estimates) {
      const by = (measure: string): number => sum(result.savings.filter((item) => item.measure === measure));
      const hours = environments.find((one) => one.name === name)?.officeHours;
      expect(by("office hours") > 0).toBe(hours !== undefined);
      expect(by("cluster between runs") > 0).toBe(json.resource?.google_dataproc_cluster !== undefined);
      expect(by("spot workers") > 0).toBe(json.resource?.google_dataproc_cluster !== undefined);
    }
  });

  test.each(environments)(
    "$name: the job gets the prices that the estimate multiplies",
    ({ name, processing: { primaryWorkers } }) => {
      const found = estimates.find((item) => item.name === name);
      if (!found) throw new Error(name);
      const composer = Object.values(found.json.resource?.google_composer_environment ?? {})[0];
      const config = block(block(block(composer?.config).software_config).env_variables);
      const given = (variable: string): number => Number(config[variable]);
      const lines = found.result.lines.filter(({ address }) =>
        address.startsWith("google_dataproc_cluster."),
      );
      const usd = (...items: string[]): number =>
        sum(lines.filter(({ item, price }) => items.some((one) => item.startsWith(one)) && price !== DISK));
      const hours = clusterHours(resourcesOf(name, found.json));
      expect(given("PRIMARY_WORKERS")).toBe(primaryWorkers);
      expect(given("CLUSTER_USD_PER_HOUR")).toBeCloseTo(usd("master:", "workers:") / hours, 5);
      const vcpus = lines.find(({ item }) => item === "spot workers: Dataproc")?.quantity ?? 0;
      const size = /-(\d+)$/.exec(environments.find((one) => one.name === name)?.processing.workerType ?? "");
      // The quantity of the Dataproc fee is vCPU-hours.
      expect(given("SPOT_WORKER_USD_PER_HOUR")).toBeCloseTo(
        usd("spot workers:") / (vcpus / Number(size?.[1])),
        5,
      );
      expect(given("QUERY_USD_PER_TIB")).toBe(PRICES["bigquery.query"].usd);
    },
  );

  // 100 GiB of lines in a month, four times as large in tables, of which 0.0005 are figures, for 36 months: 7.2 GiB.
  test("prod's copy in the recovery region, by hand", () => {
    const lines = estimates
      .find(({ name }) => name === "prod")
      ?.result.lines.filter(({ component }) => component === "recovery-copy");
    expect(lines?.map(({ item, usd }) => [item, Math.round(usd * 100) / 100])).toEqual([
      ["tables", 0.14],
      ["copying", 4.38],
    ]);
  });

  // The sums that the platform has promised; its price list and assumptions are in docs/platform/cost.md.
  test.each([
    ["dev", 600],
    ["prod", 2700],
  ])("%s costs less than %d USD in a usual month", (name, most) => {
    expect(estimates.find((item) => item.name === name)?.result.usd).toBeLessThan(most);
  });

  test.each(environments)(
    "$name: a usual month stays below four fifths of the budget, the first threshold that notifies",
    ({ name, operations }) => {
      const found = estimates.find((item) => item.name === name);
      expect(found?.result.usd).toBeGreaterThan(0);
      expect(found?.result.usd).toBeLessThan(0.8 * operations.monthlyBudget);
    },
  );
});

test("the table says which stacks have resources in regions without prices", () => {
  const zone = { google_dns_managed_zone: { z: { labels: labels("dns") } } };
  const home = estimate("dev", { provider: { google: [{ region: "us-central1" }] }, resource: zone });
  expect(table([home])).not.toContain("cost/prices.json has prices of");
  const replica = { google_sql_database_instance: { r: { region: "europe-west4" } } };
  const away = estimate("eu", { provider: { google: [{ region: "europe-west1" }] }, resource: replica });
  expect(table([home, away])).toContain(
    "cost/prices.json has prices of us-central1 only; they also stand for other regions in: eu (europe-west1, europe-west4).",
  );
});

test("no type is both free and priced", () => {
  expect(Object.keys(ESTIMATORS).filter((type) => type in FREE)).toEqual([]);
});

test("what the job gets: three e2-standard-2 of 2 vCPU and 8 GiB, by hand", () => {
  const dev = environments.find(({ name }) => name === "dev");
  if (!dev) throw new Error("no dev");
  // 2 x 0.021811 + 8 x 0.002923 + 2 x 0.01 = 0.087006; spot 2 x 0.0087 + 8 x 0.00117 + 2 x 0.01 = 0.04676.
  expect(runPrices(dev)).toEqual({
    PRIMARY_WORKERS: "2",
    CLUSTER_USD_PER_HOUR: "0.261018",
    SPOT_WORKER_USD_PER_HOUR: "0.04676",
    QUERY_USD_PER_TIB: "6.25",
  });
  const reserved = { ...dev.warehouse, slots: { baseline: 50, max: 100 } };
  expect(runPrices({ ...dev, warehouse: reserved }).QUERY_USD_PER_TIB).toBe("0");
  // No price is guessed: n1 is in no list.
  expect(runPrices({ ...dev, processing: { ...dev.processing, workerType: "n1-standard-4" } })).toEqual({
    PRIMARY_WORKERS: "2",
    QUERY_USD_PER_TIB: "6.25",
  });
});

test("every price has a source, a date and a unit", () => {
  for (const { usd, unit, source, asOf, confirmed } of Object.values(PRICES)) {
    expect(usd).toBeGreaterThan(0);
    expect(unit).not.toBe("");
    expect([source, source.endsWith("to be checked")]).toEqual([source, !confirmed]);
    if (confirmed) expect(source).toMatch(/^https:\/\/cloud\.google\.com\/|Google's billing catalogue/);
    expect(asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
  }
});

test("docs/platform/cost.md has three queries of the bill, by labels that resources have", () => {
  const queries = [
    ...readFileSync(join(__dirname, "../../docs/platform/cost.md"), "utf8").matchAll(
      /```sql\n([^`]+(?:`[^`]+`[^`]+)*?)```/g,
    ),
  ].map(([, sql]) => sql ?? "");
  expect(queries).toHaveLength(3);
  const keys = queries.flatMap((sql) => [...sql.matchAll(/key = '([\w-]+)'/g)].map(([, name]) => name));
  expect([...new Set(keys)].sort()).toEqual(["component", "environment", "team"]);
  expect(keys.filter((name) => !(LABEL_KEYS as readonly unknown[]).includes(name))).toEqual([]);
});

test("the tables are as large as those of the sample, by the sizes of BigQuery's types", () => {
  const root = join(__dirname, "../..");
  const text = readFileSync(join(root, "sample_data/sales_data/dt=2026-03-03/sales.csv"), "utf8");
  const [header = "", ...lines] = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line !== "");
  const rows = lines.map((line) => {
    const values = line.split(",");
    const row = Object.fromEntries(header.split(",").map((name, index) => [name, values[index] ?? ""]));
    return { ...row, customer_key: row.customer_id === "" ? "" : "0".repeat(64) };
  });
  // cloud.google.com/bigquery/pricing, "Data size calculation": a NULL takes no byte, a text two and its own.
  const fixed: Record<string, number> = { DATE: 8, NUMERIC: 16, INTEGER: 8 };
  const columns = readTables(root, "published").find(({ name }) => name === "sales_lines")?.columns ?? [];
  const size = (row: Record<string, string>): number =>
    columns.reduce((sum, { name, type }) => sum + (fixed[type] ?? (row[name] ? 2 + row[name].length : 0)), 0);
  const share = rows.reduce((sum, row) => sum + size(row), 0) / text.length;
  expect(rows.length).toBeGreaterThan(100);
  // The other tables add up to less than a quarter of the lines.
  expect(WAREHOUSE_SHARE).toBeGreaterThan(share);
  expect(WAREHOUSE_SHARE).toBeLessThan(share + 0.5);
});
