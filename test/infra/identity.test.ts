import { CUSTOM_ROLES } from "../../constructs/identity/custom-roles";
import { environments } from "../../environments";
import { Attributes, at, Plan } from "./fixture";
import { synthesizedStacks } from "./synthesized-stacks";

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

const of = (stack: Plan, workload: string): string[] =>
  grants(stack)
    .filter(({ member }) => member.includes(`identities_${workload}_`))
    .map(
      ({ type, role }) =>
        `${type.replace(/^google_|_iam_member$/g, "")}: ${role.replace(/\$\{.*?access_role-(\w+?)_.*/, "$1")}`,
    )
    .sort();

describe.each(environments)("identities of $name", ({ name, officeHours }) => {
  const stack = plan(name);

  test("are one account for each workload", () => {
    const accounts = stack.all("google_service_account").map((account) => account.account_id);
    const wanted = [
      "orchestrator",
      "processing",
      "ingest",
      "operator",
      ...(officeHours ? ["caretaker"] : []),
    ];
    expect(accounts.sort()).toEqual(wanted.map((workload) => `sales-${name}-${workload}`).sort());
  });

  test("are granted additively, nothing basic and no admin on the project", () => {
    for (const { type, role } of grants(stack)) {
      expect(type).toMatch(/_iam_member$/);
      expect(role).not.toMatch(/^roles\/(owner|editor|viewer)$/);
      if (type === "google_project_iam_member") expect(role).not.toMatch(/admin$/i);
    }
    for (const role of stack.all("google_project_iam_custom_role")) {
      expect(String(role.role_id)).not.toMatch(/admin$/i);
    }
  });

  test("the orchestrator acts as processing and operator only", () => {
    const actsAs = grants(stack).filter(({ type }) => type === "google_service_account_iam_member");
    expect(
      actsAs.map(({ role, member, grant }) => [
        /identities_(\w+?)_/.exec(member)?.[1],
        role,
        /identities_(\w+?)_/.exec(String(grant.service_account_id))?.[1],
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["orchestrator", "roles/iam.serviceAccountUser", "processing"],
        ["orchestrator", "roles/iam.serviceAccountTokenCreator", "operator"],
      ]),
    );
    expect(actsAs).toHaveLength(2);
  });

  test("processing may do this", () => {
    expect(of(stack, "processing")).toEqual([
      "bigquery_dataset: roles/bigquery.dataEditor",
      "project: roles/bigquery.jobUser",
      "project: roles/bigquery.readSessionUser",
      "project: roles/datalineage.producer",
      "project: roles/dataproc.worker",
      "secret_manager_secret: roles/secretmanager.secretAccessor",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectViewer",
      "storage_managed_folder: roles/storage.objectUser",
    ]);
  });

  test("the orchestrator may do this", () => {
    expect(of(stack, "orchestrator")).toEqual([
      "bigquery_dataset: roles/bigquery.dataViewer",
      // Refreshing a materialized view writes it.
      "bigquery_table: roles/bigquery.dataEditor",
      "project: jobSubmitter",
      "project: roles/bigquery.jobUser",
      "project: roles/composer.worker",
      "project: roles/datalineage.producer",
      "secret_manager_secret: roles/secretmanager.secretAccessor",
      "service_account: roles/iam.serviceAccountTokenCreator",
      "service_account: roles/iam.serviceAccountUser",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectUser",
      "storage_bucket: roles/storage.objectViewer",
      "storage_bucket: roles/storage.objectViewer",
      "storage_managed_folder: roles/storage.objectUser",
    ]);
  });

  test("ingest writes arrivals and reference data, and reads nothing else", () => {
    expect(of(stack, "ingest")).toEqual([
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
          role.endsWith("secretAccessor") && !String(grant.secret_id).includes("secret.channels_"),
      )
      .map(({ type, member }) => [type, /identities_(\w+?)_/.exec(member)?.[1]]);
    expect(readers.sort()).toEqual([
      ["google_secret_manager_secret_iam_member", "operator"],
      ["google_secret_manager_secret_iam_member", "processing"],
    ]);
  });
});

describe.each(environments)("secrets of $name", ({ name, secrets, protection }) => {
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
        type === "google_secret_manager_secret_iam_member" && member.includes("identities_orchestrator_"),
    );
    expect(read.map(({ grant }) => grant.secret_id)).toEqual([
      expect.stringContaining("google_secret_manager_secret.channels_"),
    ]);
  });

  test("only the operator pulls requests to rotate, which survive a quarter without one", () => {
    expect(stack.only("google_pubsub_subscription")).toMatchObject({
      expiration_policy: { ttl: "" },
      message_retention_duration: "604800s",
    });
    expect(stack.only("google_pubsub_subscription_iam_member").member).toContain("identities_operator_");
  });

  test("wait until Secret Manager may publish to the topic", () => {
    const publisher = stack.only("google_pubsub_topic_iam_member");
    expect(publisher).toMatchObject({ role: "roles/pubsub.publisher" });
    expect(publisher.member).toContain("gcp-sa-secretmanager");
    expect(secret.depends_on).toContain(
      [...stack.resources.keys()].find((address) => address.startsWith("google_pubsub_topic_iam_member.")),
    );
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
