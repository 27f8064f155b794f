import { TerraformStack, Testing } from "cdktf";
import { Keys } from "../../constructs/encryption/keys";
import { WorkloadAccounts } from "../../constructs/bootstrap/workload-accounts";
import { Apis } from "../../constructs/foundation/apis";
import { identitiesOf } from "../../constructs/identity/identities";
import { ServiceAgents } from "../../constructs/identity/service-agents";
import { deleteAfter, HardenedBucket, HardenedBucketProps } from "../../constructs/lake/hardened-bucket";
import { Alert } from "../../constructs/observability/alert";
import { AlertPolicies } from "../../constructs/observability/alert-policies";
import { AuditLog } from "../../constructs/operations/audit-log";
import { MonthlyBudget } from "../../constructs/operations/monthly-budget";
import { Table } from "../../constructs/warehouse/table";
import { View } from "../../constructs/warehouse/views";
import { Warehouse } from "../../constructs/warehouse/warehouse";
import { environments } from "../../environments";
import { at, Plan } from "./support/fixture";

/** One construct in a stack of its own: only the fields of an environment that it reads, no other construct. */
function synthesize(make: (stack: TerraformStack) => unknown): Plan {
  const stack = new TerraformStack(Testing.app(), "stack");
  make(stack);
  return Plan.of(JSON.parse(Testing.synth(stack)) as Record<string, unknown>);
}

const [template] = environments;
if (!template) throw new Error("there is no environment");
const { operations, warehouse } = template;
const NO_KEYS = { at: () => undefined };

describe("HardenedBucket", () => {
  const environment: HardenedBucketProps["environment"] = {
    projectId: "p-123456",
    region: "europe-west4",
    protection: "destroyable",
    lake: { noncurrentDays: 3, softDeleteDays: 8, archiveLocked: false, accessLog: false },
  };
  const bucket = (props: Partial<HardenedBucketProps>): unknown =>
    synthesize(
      (stack) => new HardenedBucket(stack, "b", { environment, keys: NO_KEYS, role: "data", ...props }),
    ).only("google_storage_bucket");

  test("is by default regional, versioned, closed and encrypted with Google's keys", () => {
    const made = bucket({});
    expect(made).toEqual({
      name: "p-123456-data",
      location: "EUROPE-WEST4",
      storage_class: "STANDARD",
      uniform_bucket_level_access: true,
      public_access_prevention: "enforced",
      force_destroy: true,
      versioning: { enabled: true },
      // 8 days of 86,400 seconds.
      soft_delete_policy: { retention_duration_seconds: 691_200 },
      lifecycle_rule: [
        {
          action: { type: "Delete" },
          condition: { days_since_noncurrent_time: 3, with_state: "ARCHIVED" },
        },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
      ],
    });
  });

  test("is write-once, dual-region, encrypted and logged where props say so", () => {
    const keys = {
      at: (location: string, ...agents: readonly string[]) => ({
        id: `key-${location}-${agents.join()}`,
        usable: [],
      }),
    };
    const made = synthesize((stack) => {
      const there = { ...environment, recoveryRegion: "europe-west1", protection: "protected" as const };
      const accessLog = new HardenedBucket(stack, "log", { environment: there, keys, role: "log" });
      new HardenedBucket(stack, "b", {
        environment: there,
        keys,
        role: "archive",
        accessLog,
        lifecycleRule: [deleteAfter(5)],
        retentionDays: 10,
        secondRegion: true,
      });
    }).named("google_storage_bucket", "-archive");
    expect(made).toMatchObject({
      location: "EU",
      rpo: "ASYNC_TURBO",
      custom_placement_config: { data_locations: ["EUROPE-WEST4", "EUROPE-WEST1"] },
      encryption: { default_kms_key_name: "key-europe-storage" },
      force_destroy: false,
      versioning: { enabled: false },
      retention_policy: { retention_period: 864_000, is_locked: false },
      logging: { log_object_prefix: "archive" },
    });
    expect(at(made, "lifecycle_rule")).toHaveLength(3);
  });

  test("grants a role on its objects, under the id of the caller", () => {
    const plan = synthesize((stack) => {
      const made = new HardenedBucket(stack, "b", { environment, keys: NO_KEYS, role: "data" });
      made.grant(stack, "reader", { member: "group:g@example.com" }, "roles/storage.objectViewer");
    });
    expect(plan.resources.get("google_storage_bucket_iam_member.reader")).toMatchObject({
      bucket: expect.stringContaining("google_storage_bucket.b_bucket") as string,
      member: "group:g@example.com",
      role: "roles/storage.objectViewer",
    });
  });
});

function agentsOf(stack: TerraformStack): ServiceAgents {
  const apis = new Apis(stack, "apis", { projectId: "p", apis: ["bigquery", "storage"] });
  return new ServiceAgents(stack, "agents", { projectId: "p", apis });
}

describe("Keys", () => {
  const keys = (environment: ConstructorParameters<typeof Keys>[2]["environment"]) => {
    const stack = new TerraformStack(Testing.app(), "stack");
    return new Keys(stack, "keys", { environment, agents: agentsOf(stack) });
  };
  const alone = { name: "x", region: "us-east4" };

  test("do not exist without customerKeys", () => {
    expect(keys(alone).at("us-east4", "sql")).toBeUndefined();
  });

  test("exist for the region, and for the recovery region where there is one", () => {
    expect(keys({ ...alone, customerKeys: { generation: 2 } }).at("us-east4", "sql")?.usable).toHaveLength(1);
    expect(keys({ ...alone, customerKeys: { generation: 2 } }).at("us", "storage")).toBeUndefined();
    const both = keys({ ...alone, customerKeys: { generation: 2 }, recoveryRegion: "us-west1" });
    expect(both.at("us", "storage")?.usable).toHaveLength(1);
    expect(both.at("us-west1", "sql", "secretManager")?.usable).toHaveLength(1);
  });

  test("refuse a service that has no grant on the key", () => {
    const both = keys({ ...alone, customerKeys: { generation: 2 }, recoveryRegion: "us-west1" });
    expect(() => both.at("us-west1", "pubsub")).toThrow(
      "key at us-west1: pubsub has no grant on it, see constructs/encryption/keys.ts",
    );
  });
});

test("WorkloadAccounts have a caretaker in an environment with office hours only", () => {
  const accounts = (officeHours: typeof template.officeHours): unknown[] =>
    synthesize(
      (stack) =>
        new WorkloadAccounts(stack, "i", { environment: { name: "x", projectId: "p", officeHours } }),
    )
      .all("google_service_account")
      .map((account) => account.account_id);
  expect(accounts(undefined)).not.toContain("sales-x-caretaker");
  expect(accounts(template.officeHours)).toContain("sales-x-caretaker");
});

describe("Warehouse", () => {
  const table = (name: string, changes: Partial<Table> = {}): Table => ({
    name,
    kind: "published",
    description: "One row a day",
    audience: "business",
    key: ["day"],
    filterRequired: false,
    expires: false,
    clusterBy: [],
    sources: [],
    rules: [],
    columns: [{ name: "day", type: "DATE", mode: "REQUIRED", description: "Day" }],
    ...changes,
  });
  const daily = table("daily_sales_summary");
  const view = (name: string, source: string, partitionBy?: string): View => ({
    name,
    description: "One row a day",
    owner: "sales-analytics",
    sample: "",
    columns: [],
    sql: `SELECT day FROM \`\${${source}}\``,
    sources: [source],
    partitionBy,
  });
  const environment = {
    name: "x",
    projectId: "p",
    region: "us-east4",
    protection: "protected" as const,
    warehouse: { ...warehouse, quarantineDays: 2 },
  };
  const tables = (...declared: Table[]): Map<unknown, unknown> => {
    const plan = synthesize(
      (stack) => new Warehouse(stack, "w", { environment, keys: NO_KEYS, tables: declared, views: [] }),
    );
    return new Map(plan.all("google_bigquery_table").map((one) => [one.table_id, one]));
  };

  test("makes a table as the catalog declares it, with those fields of a column that BigQuery has", () => {
    expect(tables(daily).get("daily_sales_summary")).toEqual({
      dataset_id: expect.stringContaining("google_bigquery_dataset.w_dataset") as string,
      table_id: "daily_sales_summary",
      description: "One row a day",
      deletion_protection: true,
      schema: '[{"name":"day","type":"DATE","mode":"REQUIRED","description":"Day"}]',
    });
    const other = table("other", {
      partitionBy: "day",
      filterRequired: true,
      expires: true,
      clusterBy: ["day"],
    });
    expect(tables(daily, other).get("other")).toMatchObject({
      // Two days of 86,400,000 milliseconds.
      time_partitioning: { type: "DAY", field: "day", expiration_ms: 172_800_000 },
      require_partition_filter: true,
      clustering: ["day"],
    });
  });

  test("gives BI readers the tables for the business, and the views", () => {
    const stack = new TerraformStack(Testing.app(), "stack");
    const made = new Warehouse(stack, "w", {
      environment,
      keys: NO_KEYS,
      tables: [daily, table("runs", { audience: "operations" })],
      views: [view("by_day", "daily_sales_summary", "day"), view("by_week", "by_day")],
    });
    expect(made.business.map(({ node }) => node.id)).toEqual(["daily-sales-summary", "by-day", "by-week"]);
    expect(made.materializedViews.map(({ node }) => node.id)).toEqual(["by-day"]);
  });

  test("reserves memory and slots where the environment asks for them", () => {
    const reserved = { ...environment.warehouse, biEngineGib: 2, slots: { baseline: 50, max: 200 } };
    const plan = synthesize(
      (stack) =>
        new Warehouse(stack, "w", {
          environment: { ...environment, warehouse: reserved },
          keys: NO_KEYS,
          tables: [daily],
          views: [],
        }),
    );
    expect(plan.only("google_bigquery_bi_reservation")).toMatchObject({ size: 2 * 1024 ** 3 });
    expect(plan.only("google_bigquery_reservation")).toMatchObject({
      slot_capacity: 50,
      autoscale: { max_slots: 150 },
    });
  });

  test("names the catalog where a view reads a table that is not in it", () => {
    const views = [view("by_day", "daily_sales_summary")];
    const props = { environment, keys: NO_KEYS, tables: [table("other")], views };
    expect(() => synthesize((stack) => new Warehouse(stack, "w", props))).toThrow(
      "daily_sales_summary: no such table or view, see pyspark-jobs/sales_job/tables",
    );
  });
});

describe("AlertPolicies", () => {
  const alert: Alert = {
    id: "late",
    title: "late",
    minimumLevel: "enhanced",
    severity: "ERROR",
    description: "Tables are old.",
    runbook: "late-run",
    conditions: { "a line": { kind: "log", filter: "f" } },
  };
  const policies = (monitoring: typeof operations.monitoring, repository?: string): Plan =>
    synthesize(
      (stack) =>
        new AlertPolicies(stack, "a", {
          environment: { name: "x", operations: { ...operations, monitoring } },
          alerts: [alert],
          channels: ["projects/p/notificationChannels/1"],
          repository,
          after: [],
        }),
    );

  test("leave out alerts that the level does not include", () => {
    expect(policies("basic").all("google_monitoring_alert_policy")).toEqual([]);
    expect(policies("full").all("google_monitoring_alert_policy")).toHaveLength(1);
  });

  test("name the runbook's page without a link where there is no repository", () => {
    const { documentation } = policies("enhanced").only("google_monitoring_alert_policy");
    expect(documentation).toMatchObject({
      content: "Tables are old.\n\nWhat to do: docs/runbooks/late-run.md",
    });
    expect(documentation).not.toHaveProperty("links");
  });

  test("link to the runbook in the given repository", () => {
    expect(policies("enhanced", "owner/repo").only("google_monitoring_alert_policy")).toMatchObject({
      display_name: "sales x: late",
      notification_channels: ["projects/p/notificationChannels/1"],
      documentation: {
        content:
          "Tables are old.\n\nWhat to do: [late-run](https://github.com/owner/repo/blob/main/docs/runbooks/late-run.md)",
      },
      alert_strategy: { notification_rate_limit: { period: "3600s" } },
    });
  });
});

describe("AuditLog", () => {
  const audit = (auditLocked: boolean): Plan =>
    synthesize(
      (stack) =>
        new AuditLog(stack, "audit", {
          environment: {
            name: "x",
            projectId: "p",
            region: "us-east4",
            protection: "destroyable",
            access: { analysts: [], biReaders: [] },
            operations: { ...operations, auditDays: 3, auditLocked },
          },
          keys: NO_KEYS,
          identities: identitiesOf({ name: "x", projectId: "p" }),
        }),
    );

  test("keeps the log for the environment's days and copies it to a dataset of its own", () => {
    const plan = audit(false);
    expect(plan.only("google_logging_project_bucket_config")).toMatchObject({
      retention_days: 3,
      locked: false,
    });
    expect(plan.only("google_bigquery_dataset")).toMatchObject({
      dataset_id: "sales_audit_x",
      default_partition_expiration_ms: 259_200_000,
      delete_contents_on_destroy: true,
    });
  });

  test("locks the log by an explicit setting only", () => {
    expect(audit(true).only("google_logging_project_bucket_config").locked).toBe(true);
  });
});

test("MonthlyBudget notifies the given channels", () => {
  const plan = synthesize((stack) => {
    const agents = agentsOf(stack);
    const environment = { name: "x", projectId: "p", operations: { ...operations, monthlyBudget: 7 } };
    new MonthlyBudget(stack, "budget", {
      environment,
      billingAccount: "012345-6789AB-CDEF01",
      agents,
      channels: ["c1", "c2"],
    });
  });
  expect(plan.only("google_billing_budget")).toMatchObject({
    billing_account: "012345-6789AB-CDEF01",
    amount: { specified_amount: { units: "7" } },
    all_updates_rule: { monitoring_notification_channels: ["c1", "c2"] },
  });
});
