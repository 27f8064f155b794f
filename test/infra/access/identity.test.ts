import { CUSTOM_ROLES, CustomRole } from "../../../constructs/identity/custom-roles";
import { WORKLOADS } from "../../../constructs/identity/identities";
import { environments } from "../../../environments";
import { allows } from "../support/cel";
import { Attributes, at, Plan } from "../support/fixture";
import { permissionsOf } from "../support/role-facts";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();

/** Every grant of a stack, with the kind of resource it is on. */
function grants(stack: Plan): { type: string; role: string; member: string; grant: Attributes }[] {
  return [...stack.resources]
    .filter(([address]) => (address.split(".")[0] ?? "").includes("_iam_"))
    .filter(([address]) => !/^google_project_iam_(custom_role|audit_config)\./.test(address))
    .map(([address, grant]) => ({
      type: address.split(".")[0] ?? "",
      role: String(grant.role),
      member: String(grant.member),
      grant,
    }));
}

/** Workload of `serviceAccount:sales-<environment>-<workload>@...`. */
const workloadOf = (member: unknown): string | undefined =>
  /^serviceAccount:sales-[a-z]+-([a-z]+)@/.exec(String(member))?.[1];

const of = (stack: Plan, workload: string): string[] =>
  grants(stack)
    .filter(({ member }) => workloadOf(member) === workload)
    .map(
      ({ type, role }) =>
        `${type.replace(/^google_|_iam_member$/g, "")}: ${role.replace(/^projects\/.*\/sales_[a-z]+_/, "")}`,
    )
    .sort();

describe.each(environments)("identities of $name", ({ name, officeHours, warehouse }) => {
  const stack = plan(name);

  const ofWorkloads = (type: string): [string, Attributes][] =>
    [...plan("bootstrap").resources].filter(([address]) => address.startsWith(`${type}.${name}_workloads_`));

  test("are one account for each workload, made by bootstrap", () => {
    const accounts = ofWorkloads("google_service_account").map(([, account]) => account.account_id);
    const wanted = [
      "orchestrator",
      "processing",
      "ingest",
      "operator",
      ...(officeHours ? ["caretaker"] : []),
    ];
    expect(accounts.sort()).toEqual(wanted.map((workload) => `sales-${name}-${workload}`).sort());
    expect(stack.all("google_service_account")).toEqual([]);
    const members = new Set(grants(stack).flatMap(({ member }) => workloadOf(member) ?? []));
    expect([...members].sort()).toEqual(wanted.sort());
  });

  test("have roles of the platform's own as bootstrap makes them", () => {
    const made = [...plan("bootstrap").resources]
      .filter(([address]) => address.startsWith(`google_project_iam_custom_role.${name}_roles_`))
      .map(([, role]) => `projects/${String(role.project)}/roles/${String(role.role_id)}`);
    const granted = grants(stack).flatMap(({ role }) => (role.startsWith("projects/") ? [role] : []));
    expect(granted.length).toBeGreaterThan(3);
    expect(granted.filter((role) => !made.includes(role))).toEqual([]);
    expect(stack.all("google_project_iam_custom_role")).toEqual([]);
  });

  test("are granted additively, nothing basic and no admin on the project", () => {
    for (const { type, role } of grants(stack)) {
      expect(type).toMatch(/_iam_member$/);
      expect(role).not.toMatch(/^roles\/(owner|editor|viewer)$/);
      if (type === "google_project_iam_member") expect(role).not.toMatch(/admin$/i);
    }
  });

  test("the orchestrator acts as processing and operator only", () => {
    const workload = (text: unknown): string | undefined => /_workloads_([a-z]+)_/.exec(String(text))?.[1];
    const actsAs = ofWorkloads("google_service_account_iam_member").map(([, { member, role, ...on }]) => [
      workload(member),
      role,
      workload(on.service_account_id),
    ]);
    expect(actsAs.sort()).toEqual([
      ["orchestrator", "roles/iam.serviceAccountTokenCreator", "operator"],
      ["orchestrator", "roles/iam.serviceAccountUser", "processing"],
    ]);
    expect(stack.all("google_service_account_iam_member")).toEqual([]);
  });

  test("processing may do this", () => {
    expect(of(stack, "processing")).toEqual([
      "bigquery_dataset: roles/bigquery.dataEditor",
      "data_catalog_policy_tag: roles/datacatalog.categoryFineGrainedReader",
      "data_catalog_policy_tag: roles/datacatalog.categoryFineGrainedReader",
      "project: jobReader",
      "project: roles/bigquery.jobUser",
      "project: roles/bigquery.readSessionUser",
      "project: roles/datalineage.producer",
      "project: roles/dataproc.worker",
      "secret_manager_secret: roles/secretmanager.secretAccessor",
      "secret_manager_secret: roles/secretmanager.secretAccessor",
      "secret_manager_secret: roles/secretmanager.secretVersionAdder",
      "storage_bucket: roles/storage.legacyBucketReader",
      "storage_bucket: roles/storage.legacyBucketReader",
      "storage_bucket: roles/storage.legacyBucketReader",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectViewer",
      "storage_managed_folder: roles/storage.objectUser",
    ]);
  });

  test("the orchestrator may do this", () => {
    expect(of(stack, "orchestrator")).toEqual([
      // The copy in another region.
      ...(warehouse.crossRegion ? ["bigquery_dataset: roles/bigquery.dataEditor"] : []),
      // The tables for the quality gate, the audit log for the watch over reads.
      "bigquery_dataset: roles/bigquery.dataViewer",
      "bigquery_dataset: roles/bigquery.dataViewer",
      // Refreshing a materialized view writes it; the forecast writes two tables.
      "bigquery_table: roles/bigquery.dataEditor",
      "bigquery_table: roles/bigquery.dataEditor",
      "bigquery_table: roles/bigquery.dataEditor",
      // Each scan, where there are any.
      ...stack.all("google_dataplex_datascan").map(() => "dataplex_datascan: scanStarter"),
      "project: jobSubmitter",
      "project: roles/bigquery.jobUser",
      "project: roles/composer.worker",
      "project: roles/datalineage.producer",
      "secret_manager_secret: roles/secretmanager.secretAccessor",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectViewer",
      "storage_bucket: roles/storage.objectViewer",
      "storage_managed_folder: roles/storage.objectUser",
    ]);
  });

  test("ingest writes arrivals, reference data and messages, and reads nothing else", () => {
    expect(of(stack, "ingest")).toEqual([
      "pubsub_topic: roles/pubsub.publisher",
      "storage_managed_folder: roles/storage.objectCreator",
      "storage_managed_folder: roles/storage.objectUser",
    ]);
  });

  test("the operator makes and removes drill instances, and no other", () => {
    expect(of(stack, "operator")).toEqual([
      "project: databaseUsers",
      ...(officeHours ? ["project: officeHours"] : []),
      "project: restoreDrill",
      "pubsub_subscription: roles/pubsub.subscriber",
      "secret_manager_secret: passwordRotator",
      "secret_manager_secret: roles/secretmanager.secretAccessor",
    ]);
    const drill = grants(stack).find(({ role }) => role.includes("restoreDrill"));
    expect(at(drill?.grant, "condition.expression")).toContain(`/instances/sales-${name}-drill-`);
    const elsewhere = Object.entries(CUSTOM_ROLES).filter(
      ([role, { permissions }]) =>
        role !== "restoreDrill" && permissions.some((one) => /instances\.(create|delete)$/.test(one)),
    );
    expect(elsewhere).toEqual([]);
  });

  test("only processing and operator read the password", () => {
    const readers = grants(stack)
      .filter(
        ({ role, grant }) =>
          role.endsWith("secretAccessor") && String(grant.secret_id).includes("secret.secrets_password_"),
      )
      .map(({ type, member }) => [type, workloadOf(member)]);
    expect(readers.sort()).toEqual([
      ["google_secret_manager_secret_iam_member", "operator"],
      ["google_secret_manager_secret_iam_member", "processing"],
    ]);
  });
});

describe.each(environments)("Cloud Storage of $name", ({ name, projectId }) => {
  const stack = plan(name);
  const WRITES = ["storage.objects.create", "storage.objects.delete", "storage.objects.update"];
  const buckets = new Map(
    [...stack.resources]
      .filter(([address]) => address.startsWith("google_storage_bucket."))
      .map(([address, bucket]) => [`\${${address}.name}`, String(bucket.name).slice(projectId.length + 1)]),
  );
  const contents = (role: string): string[] =>
    role.startsWith("projects/")
      ? [
          ...(CUSTOM_ROLES[role.replace(/^.*\/sales_[a-z]+_/, "") as CustomRole]
            .permissions as readonly string[]),
        ]
      : permissionsOf(role);

  /** Whether a workload may do this to an object, by every grant on the project, the bucket and its folders. */
  const may = (workload: string, permission: string, bucket: string, object: string): boolean =>
    grants(stack)
      .filter(({ member }) => workloadOf(member) === workload)
      .some(({ type, role, grant }) => {
        if (!contents(role).includes(permission)) return false;
        if (type === "google_project_iam_member") {
          const expression = at(grant, "condition.expression");
          const resource = {
            type: "storage.googleapis.com/Object",
            name: `projects/_/buckets/${projectId}-${bucket}/objects/${object}`,
          };
          return expression === undefined || allows(expression as string, resource);
        }
        if (buckets.get(String(grant.bucket)) !== bucket) return false;
        if (type === "google_storage_bucket_iam_member") return true;
        const [, address = ""] = /^\$\{(.*)\.name\}$/.exec(String(grant.managed_folder)) ?? [];
        return object.startsWith(String(stack.resources.get(address)?.name));
      });
  const writable = (workload: string): string[] =>
    [
      ["data", "production_data/sales_data/dt=2026-01-01/a.csv"],
      ["data", "production_data/processed/a.parquet"],
      ["data", "pyspark-jobs/sales_job.zip"],
      ["data", "composer_snapshots/a"],
      ["archive", "archives/backup/a"],
      ["staging", "a"],
      ["temp", "a"],
      ["composer", "dags/sales_etl_dag.py"],
      ["report", "report.html"],
      ["tfstate", "sales-platform/default.tfstate"],
    ]
      .filter(([bucket = "", object = ""]) => WRITES.some((one) => may(workload, one, bucket, object)))
      .map((place) => place.join("/"));

  test("the job writes the lake and its scratch: no DAG, no program, no archive, no state", () => {
    expect(writable("processing")).toEqual([
      "data/production_data/sales_data/dt=2026-01-01/a.csv",
      "data/production_data/processed/a.parquet",
      "staging/a",
      "temp/a",
    ]);
  });

  test("Airflow writes its own bucket, its snapshots, the archive and the report: no arrival, no program, no state", () => {
    expect(writable("orchestrator")).toEqual([
      "data/composer_snapshots/a",
      "archive/archives/backup/a",
      "composer/dags/sales_etl_dag.py",
      "report/report.html",
    ]);
  });

  test("nobody but the deploy account reads or writes the state", () => {
    for (const workload of Object.keys(WORKLOADS))
      for (const permission of [...WRITES, "storage.objects.get", "storage.objects.list"])
        expect([
          workload,
          permission,
          may(workload, permission, "tfstate", "sales-platform/default.tfstate"),
        ]).toEqual([workload, permission, false]);
  });

  test("the role of Composer's workers holds in full for every other service", () => {
    const worker = grants(stack).find(({ role }) => role === "roles/composer.worker");
    const expression = String(at(worker?.grant, "condition.expression"));
    // A resource that gives no name, as most do.
    expect(allows(expression, { type: "pubsub.googleapis.com/Topic" })).toBe(true);
    const bucket = {
      type: "storage.googleapis.com/Bucket",
      name: `projects/_/buckets/${projectId}-composer`,
    };
    expect(allows(expression, bucket)).toBe(true);
    expect(allows(expression, { ...bucket, name: `${bucket.name}-2` })).toBe(false);
  });
});

describe.each(environments)("secrets of $name", ({ name, secrets, protection, region, recoveryRegion }) => {
  const stack = plan(name);
  const [secret = {}] = stack
    .all("google_secret_manager_secret")
    .filter((one) => one.secret_id === "sales-sql-pass");

  test("hold no value: no version, no database user, no literal", () => {
    expect(stack.all("google_secret_manager_secret_version")).toEqual([]);
    expect(stack.all("google_sql_user")).toEqual([]);
    expect(JSON.stringify(stack.json)).not.toMatch(/"(root_)?password":|secret_data|PRIVATE KEY/);
  });

  test("are rotated: a period, a first time in the future whenever the secret is created, a topic", () => {
    expect(secret).toMatchObject({
      rotation: {
        rotation_period: `${secrets.rotationDays * 86_400}s`,
        next_rotation_time: '${timeadd(plantimestamp(), "8760h")}',
      },
      lifecycle: { ignore_changes: ["rotation[0].next_rotation_time"] },
      deletion_protection: protection === "protected",
    });
    expect(secret.topics).toEqual([
      { name: expect.stringContaining("google_pubsub_topic.secrets_rotation") as string },
    ]);
  });

  test("the orchestrator reads the notification secret and not the password", () => {
    const read = grants(stack).filter(
      ({ type, member }) =>
        type === "google_secret_manager_secret_iam_member" && workloadOf(member) === "orchestrator",
    );
    expect(read.map(({ grant }) => grant.secret_id)).toEqual([
      expect.stringContaining("google_secret_manager_secret.channels_"),
    ]);
  });

  test("the customer key is kept: empty at first, in every region, never rotated, hard to destroy", () => {
    const [key = {}] = stack
      .all("google_secret_manager_secret")
      .filter((one) => one.secret_id === "sales-customer-key");
    expect(key).toMatchObject({
      version_destroy_ttl: "2592000s",
      deletion_protection: protection === "protected",
    });
    expect([key.rotation, key.topics]).toEqual([undefined, undefined]);
    const regions = recoveryRegion === undefined ? [region] : [region, recoveryRegion];
    expect(at(key, "replication.user_managed.replicas")).toEqual(
      regions.map((location) => ({
        location,
        customer_managed_encryption: {
          kms_key_name: expect.stringContaining(
            location === region ? "keys_regional-key" : "keys_recovery-key",
          ) as string,
        },
      })),
    );
  });

  test("nobody but the job has the customer key, and the job adds only the first", () => {
    const held = grants(stack)
      .filter(({ grant }) => String(grant.secret_id).includes("secret.customer-key_"))
      .map(({ role, member }) => [workloadOf(member), role]);
    expect(held.sort()).toEqual([
      ["processing", "roles/secretmanager.secretAccessor"],
      ["processing", "roles/secretmanager.secretVersionAdder"],
    ]);
    expect(permissionsOf("roles/secretmanager.secretVersionAdder")).toContain("secretmanager.versions.add");
  });

  test("only the operator pulls requests to rotate, which survive a quarter without one", () => {
    expect(stack.named("google_pubsub_subscription", "-secret-rotation")).toMatchObject({
      expiration_policy: { ttl: "" },
      message_retention_duration: "604800s",
    });
    const pulls = stack
      .all("google_pubsub_subscription_iam_member")
      .filter(({ subscription }) => String(subscription).includes("rotation"));
    expect(pulls.map(({ member }) => String(member).split("@")[0])).toEqual([
      `serviceAccount:sales-${name}-operator`,
    ]);
  });

  test("wait until Secret Manager may publish to the topic", () => {
    const publishers = [...stack.resources].filter(
      ([address, { member }]) =>
        address.startsWith("google_pubsub_topic_iam_member.") &&
        String(member).includes("gcp-sa-secretmanager"),
    );
    expect(publishers.map(([, { role }]) => role)).toEqual(["roles/pubsub.publisher"]);
    expect(secret.depends_on).toContain(publishers[0]?.[0]);
  });
});

describe.each(environments)("state of $name", ({ name, projectId, region, recoveryRegion }) => {
  test("is in the bucket of the bootstrap stack, versioned and with a key of its own", () => {
    expect(at(plan(name).json, "terraform.backend.gcs")).toEqual({
      bucket: `${projectId}-tfstate`,
      prefix: "sales-platform",
    });
    const bucket = plan("bootstrap").named("google_storage_bucket", `${projectId}-tfstate`);
    expect(bucket).toMatchObject({ versioning: { enabled: true }, force_destroy: false });
    expect(at(bucket, "encryption.default_kms_key_name")).toContain("google_kms_crypto_key");
  });

  test("is also in the recovery region where there is one, with a key for both regions", () => {
    const bucket = plan("bootstrap").named("google_storage_bucket", `${projectId}-tfstate`);
    const ring = plan("bootstrap").named("google_kms_key_ring", `sales-${name}-state`);
    expect([bucket.location, at(bucket, "custom_placement_config.data_locations"), ring.location]).toEqual(
      recoveryRegion === undefined
        ? [region.toUpperCase(), undefined, region]
        : ["US", ["US-CENTRAL1", "US-EAST1"], "us"],
    );
  });

  test("is written without a key", () => {
    expect(plan("bootstrap").all("google_service_account_key")).toEqual([]);
  });
});
