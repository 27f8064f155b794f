import { environments } from "../../../environments";
import { at, Plan } from "../support/fixture";
import { synthesize } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();
const BUCKETS = ["data", "staging", "temp", "archive", "composer", "report"];
/** Buckets whose objects a run makes again. */
const SCRATCH = ["staging", "temp", "report"];

interface LifecycleRule {
  readonly action: { readonly type: string; readonly storage_class?: string };
  readonly condition: Readonly<Record<string, unknown>>;
}

/** Rules for live objects, as `action after days`. */
function ageing(stack: Plan, name: string): string[] {
  const rules = stack.named("google_storage_bucket", `-${name}`).lifecycle_rule as LifecycleRule[];
  return rules
    .filter(({ condition }) => condition.with_state === "LIVE")
    .flatMap(({ action, condition }) =>
      ((condition.matches_prefix as string[] | undefined) ?? ["everything"]).map(
        (prefix) => `${action.storage_class ?? action.type} ${prefix} after ${String(condition.age)}`,
      ),
    );
}

describe.each(environments)("lake of $name", ({ name, lake, protection, recoveryRegion }) => {
  const stack = plan(name);

  test.each(BUCKETS)(
    "%s is closed, soft-deletes what nobody can make again, and drops old versions",
    (role) => {
      const bucket = stack.named("google_storage_bucket", `-${role}`);
      expect(bucket).toMatchObject({
        uniform_bucket_level_access: true,
        public_access_prevention: "enforced",
        force_destroy: protection === "destroyable",
        soft_delete_policy: {
          retention_duration_seconds: SCRATCH.includes(role) ? 0 : lake.softDeleteDays * 86_400,
        },
      });
      const rules = bucket.lifecycle_rule as LifecycleRule[];
      expect(rules).toContainEqual({
        action: { type: "Delete" },
        condition: { days_since_noncurrent_time: lake.noncurrentDays, with_state: "ARCHIVED" },
      });
    },
  );

  test("has no other bucket", () => {
    expect(stack.all("google_storage_bucket")).toHaveLength(BUCKETS.length);
  });

  test("moves data and archive to cheaper classes, deletes scratch and logs", () => {
    expect(ageing(stack, "data")).toEqual(["NEARLINE everything after 30", "COLDLINE everything after 90"]);
    expect(ageing(stack, "archive")).toEqual([
      "NEARLINE everything after 30",
      "COLDLINE everything after 90",
      "ARCHIVE everything after 365",
    ]);
    expect(ageing(stack, "staging")).toEqual([
      "Delete intermediate_results/ after 7",
      "Delete dataproc_staging/ after 7",
      "Delete .spark-bigquery- after 7",
      "Delete refused/ after 30",
      "Delete job_logs/ after 90",
    ]);
    expect(ageing(stack, "temp")).toEqual(["Delete everything after 90"]);
    expect(ageing(stack, "composer")).toEqual(["Delete logs/ after 90"]);
    expect(ageing(stack, "report")).toEqual([]);
  });

  test("keeps Dataproc's own files, which a node reads when it starts", () => {
    const file = "google-cloud-dataproc-metainfo/0b3ae2a1/sales-dev-spark-w-2/dataproc-startup-script_output";
    const { lifecycle_rule: rules } = stack.named("google_storage_bucket", "-staging") as unknown as {
      lifecycle_rule: LifecycleRule[];
    };
    const live = rules.filter(({ condition }) => condition.with_state === "LIVE");
    expect(live).toHaveLength(3);
    for (const { condition } of live) {
      const prefixes = condition.matches_prefix as string[];
      expect(prefixes.filter((prefix) => file.startsWith(prefix))).toEqual([]);
    }
  });

  test("forgets a write's files from before its commit after a day", () => {
    const { lifecycle_rule: rules } = stack.named("google_storage_bucket", "-data") as unknown as {
      lifecycle_rule: LifecycleRule[];
    };
    expect(rules).toContainEqual({
      action: { type: "Delete" },
      condition: {
        days_since_noncurrent_time: 1,
        with_state: "ARCHIVED",
        // Marks of runs; copies of files that Spark cannot read as they are; a write before its commit.
        matches_prefix: [
          "production_data/processed/_open/",
          "production_data/processed/_stand_ins/",
          "production_data/processed/_temporary/",
        ],
      },
    });
  });

  test("is versioned unless it is write-once, which excludes versions, or scratch", () => {
    for (const role of BUCKETS) {
      const bucket = stack.named("google_storage_bucket", `-${role}`);
      const writeOnce = role === "archive" && lake.archiveRetentionDays !== undefined;
      expect(at(bucket, "versioning.enabled")).toBe(!writeOnce && !SCRATCH.includes(role));
      expect(bucket.retention_policy).toEqual(
        writeOnce
          ? { retention_period: (lake.archiveRetentionDays ?? 0) * 86_400, is_locked: lake.archiveLocked }
          : undefined,
      );
    }
  });

  test("is copied to the recovery region where there is one", () => {
    for (const role of ["data", "archive"]) {
      const bucket = stack.named("google_storage_bucket", `-${role}`);
      expect([bucket.rpo, bucket.location]).toEqual(
        recoveryRegion === undefined ? [undefined, "US-CENTRAL1"] : ["ASYNC_TURBO", "US"],
      );
    }
  });

  test("needs no group of another customer, which domain-restricted sharing refuses: the audit log has the accesses", () => {
    expect(JSON.stringify(stack.json)).not.toMatch(/"group:[^"]*google\.com"/);
    for (const bucket of stack.all("google_storage_bucket")) expect(bucket.logging).toBeUndefined();
    const audited = stack.all("google_project_iam_audit_config").map(({ service }) => service);
    expect(audited).toContain("storage.googleapis.com");
  });

  test("has the folders that the job and its readers use", () => {
    const folders = stack.all("google_storage_managed_folder").map((folder) => folder.name);
    expect(folders.sort()).toEqual([
      "archives/backup/",
      "archives/monthly/",
      "archives/yearly/",
      "composer_snapshots/",
      "dataproc_staging/",
      "intermediate_results/",
      "job_logs/",
      "production_data/",
      "production_data/processed/",
      "production_data/reference_data/",
      "production_data/sales_data/",
    ]);
  });
});

test("prod's archive is write-once, and locked by an explicit setting only", () => {
  const prod = environments.find(({ name }) => name === "prod");
  expect(prod?.lake).toMatchObject({ archiveRetentionDays: 365, archiveLocked: false });
  expect(plan("prod").named("google_storage_bucket", "-archive").retention_policy).toMatchObject({
    is_locked: false,
  });
});

test("logs each request into a bucket of its own where the environment says so", () => {
  const [dev] = environments;
  if (!dev) throw new Error("no environment");
  const logging = synthesize([{ ...dev, lake: { ...dev.lake, accessLog: true } }]).plan(dev.name);
  const logged = logging.all("google_storage_bucket").filter((bucket) => bucket.logging !== undefined);
  expect(logged).toHaveLength(BUCKETS.length);
  expect(logging.all("google_storage_bucket")).toHaveLength(BUCKETS.length + 1);
  expect(logging.all("google_storage_bucket_iam_member").map(({ member }) => member)).toContain(
    "group:cloud-storage-analytics@google.com",
  );
});
