import { PLAN_PERMISSIONS } from "../../constructs/bootstrap/plan-permissions";
import { SHIPPED_PREFIXES } from "../../constructs/lake/artifact-files";
import { environments } from "../../environments";
import { Environment } from "../../environments/environment";
import { at, Attributes, Plan } from "./fixture";
import { MAKES, ROLES } from "./role-facts";
import { synthesize } from "./synthesize";
import { synthesizedStacks } from "./synthesized-stacks";

/** An environment with every optional part. */
const [first] = environments;
if (!first) throw new Error("no environment");
const full: Environment = {
  ...first,
  customerKeys: { generation: 1 },
  officeHours: { open: "05:00", close: "20:00", days: "daily", timeZone: "Etc/UTC" },
  warehouse: { ...first.warehouse, biEngineGib: 1, slots: { baseline: 0, max: 100 } },
  operations: { ...first.operations, monitoring: "full", billingAccount: "012345-6789AB-CDEF01" },
};
const { plan } = synthesizedStacks();
const whole = synthesize([full]).plan(full.name);

const typesOf = (stack: Plan): string[] => [
  ...new Set([...stack.resources.keys()].map((address) => address.split(".")[0] ?? "")),
];

/** On the billing account, where only its administrator grants: docs/platform/monitoring.md. */
const ON_BILLING_ACCOUNT = ["google_billing_budget"];

const bootstrap = plan("bootstrap");

/** Grants of the deploy or the plan account on an environment's project. */
const grantsOf = (environment: string, account: "deploy" | "plan"): Attributes[] =>
  bootstrap
    .all("google_project_iam_member")
    .filter(({ member }) =>
      String(member).includes(
        `.${environment}_deployment_${account === "plan" ? "plan_account" : "deploy"}_`,
      ),
    );

const customPermissions = (role: unknown): string[] => {
  const [, address = ""] = /^\$\{(google_project_iam_custom_role\.[\w-]+)\.name\}$/.exec(String(role)) ?? [];
  return (bootstrap.resources.get(address)?.permissions ?? []) as string[];
};

/** Missing permissions of resource types, as `type: permission`; `held` has permissions, or prefixes that end in a period. */
const lacks = (types: string[], held: string[], which: (one: string) => boolean = () => true): string[] =>
  types.flatMap((type) =>
    (MAKES[type] ?? [])
      .filter(
        (one) =>
          which(one) &&
          !held.some((start) => one === start || (start.endsWith(".") && one.startsWith(start))),
      )
      .map((one) => `${type}: ${one}`),
  );

const reads = (one: string): boolean =>
  /\.(get|list|getIamPolicy)$/.test(one) && !/operations\.|^dns\.changes\.|cryptoKeyVersions\./i.test(one);

describe.each([...environments.map(({ name }) => [name, plan(name)] as const), ["dev", whole] as const])(
  "accounts of %s",
  (name, stack) => {
    const types = typesOf(stack).filter((type) => !ON_BILLING_ACCOUNT.includes(type));

    test("role-facts.ts lists the permissions of every resource type", () => {
      expect(types.filter((type) => MAKES[type] === undefined)).toEqual([]);
      expect(types.length).toBeGreaterThan(40);
    });

    test("the deploy account may create each", () => {
      const held = grantsOf(name, "deploy").flatMap(
        ({ role }) => ROLES[String(role)] ?? customPermissions(role),
      );
      expect(lacks(types, held)).toEqual([]);
    });

    test("the plan account may read each", () => {
      const held = grantsOf(name, "plan").flatMap(({ role }) =>
        role === "roles/storage.objectViewer" ? ["storage.objects.get"] : customPermissions(role),
      );
      expect(types.filter((type) => (MAKES[type] ?? []).filter(reads).length === 0)).toEqual([]);
      expect(lacks(types, held, reads)).toEqual([]);
    });

    test("the plan account may read every file that the stack ships", () => {
      const condition = String(
        at(
          grantsOf(name, "plan").find(({ role }) => role === "roles/storage.objectViewer"),
          "condition.expression",
        ),
      );
      const buckets = new Map(
        [...stack.resources]
          .filter(([address]) => address.startsWith("google_storage_bucket."))
          .map(([address, bucket]) => [`\${${address}.name}`, String(bucket.name)]),
      );
      const folders = [...condition.matchAll(/startsWith\("([^"]+)"\)/g)].map(([, start = ""]) => start);
      const objects = stack
        .all("google_storage_bucket_object")
        .filter(({ source }) => source !== undefined)
        .map(
          (object) =>
            `projects/_/buckets/${buckets.get(String(object.bucket)) ?? "?"}/objects/${String(object.name)}`,
        );
      expect(objects.length).toBeGreaterThan(5);
      expect(objects.filter((name) => !folders.some((start) => name.startsWith(start)))).toEqual([]);
      expect(folders).toHaveLength(Object.values(SHIPPED_PREFIXES).flat().length);
    });

    test("the deploy account may grant every role that the stack grants on the project", () => {
      const grantable = String(
        at(
          grantsOf(name, "deploy").find(({ condition }) => condition !== undefined),
          "condition.expression",
        ),
      );
      const ids = new Map(
        [...stack.resources]
          .filter(([address]) => address.startsWith("google_project_iam_custom_role."))
          .map(([address, role]) => [`\${${address}.name}`, `/roles/${String(role.role_id)}`]),
      );
      const granted = stack
        .all("google_project_iam_member")
        .map(({ role }) => ids.get(String(role)) ?? `'${String(role)}`);
      expect(granted.length).toBeGreaterThan(5);
      expect(granted.filter((role) => !grantable.includes(`${role}'`))).toEqual([]);
      // The API takes no more in one list.
      expect((grantable.match(/'(roles|projects)\//g) ?? []).length).toBeLessThanOrEqual(10);
    });
  },
);

describe("the plan account", () => {
  test("changes nothing and reads no data", () => {
    const changing = PLAN_PERMISSIONS.filter((name) => !/\.(get|list|getIamPolicy)$/.test(name));
    expect(changing).toEqual([]);
    for (const read of [
      "bigquery.tables.getData",
      "secretmanager.versions.access",
      "logging.logEntries.list",
    ]) {
      expect(PLAN_PERMISSIONS).not.toContain(read);
    }
    for (const { name } of environments) {
      expect(
        grantsOf(name, "plan").map(({ role }) => String(role).replace(/_[0-9A-F]{8}\.name\}/, "}")),
      ).toEqual([
        "roles/storage.objectViewer",
        `\${google_project_iam_custom_role.${name}_deployment_plan_role}`,
      ]);
    }
    const onState = bootstrap
      .all("google_storage_bucket_iam_member")
      .filter(({ member }) => String(member).includes("_plan_account_"));
    expect(onState.map(({ role }) => role)).toEqual(environments.map(() => "roles/storage.objectViewer"));
  });

  test("is for the jobs of pull requests, and the deploy account for those of main in an environment", () => {
    const repository = "repo:example-org/sales-analytics-platform";
    for (const { name } of environments) {
      const of = (id: string): string =>
        String(
          [...bootstrap.resources].find(([address]) =>
            address.startsWith(`google_iam_workload_identity_pool_provider.${name}_deployment_${id}_`),
          )?.[1].attribute_condition,
        );
      expect(of("plan_provider")).toBe(
        `assertion.sub == "${repository}:pull_request" && assertion.event_name == "pull_request"`,
      );
      expect(of("provider")).toBe(
        [
          `assertion.sub == "${repository}:environment:${name}"`,
          'assertion.ref == "refs/heads/main"',
          'assertion.event_name in ["push", "schedule", "workflow_dispatch"]',
        ].join(" && "),
      );
      const users = bootstrap
        .all("google_service_account_iam_member")
        .filter(({ member }) => String(member).includes(`.${name}_deployment_pool_`))
        .map(({ service_account_id: account, member }) => [
          String(account).includes("_plan_account_") ? "plan" : "deploy",
          String(member).split("/subject/")[1],
        ]);
      expect(users.sort()).toEqual([
        ["deploy", `${repository}:environment:${name}`],
        ["plan", `${repository}:pull_request`],
      ]);
    }
  });
});
