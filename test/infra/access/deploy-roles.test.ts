import { PLAN_PERMISSIONS } from "../../../constructs/bootstrap/plan-permissions";
import { SHIPPED_PREFIXES } from "../../../constructs/lake/artifact-files";
import { environments } from "../../../environments";
import { Environment } from "../../../environments/environment";
import { allows, Attributes as Claims } from "../support/cel";
import { at, Attributes, Plan } from "../support/fixture";
import { MAKES, permissionsOf } from "../support/role-facts";
import { synthesize, testCi } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

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
  ...new Set(
    [...stack.resources.keys()]
      .map((address) => address.split(".")[0] ?? "")
      .filter((type) => type.startsWith("google_")),
  ),
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

/** Rights of the deploy account on accounts of workloads: role and workload. */
const onAccounts = (environment: string): [string, string][] =>
  bootstrap
    .all("google_service_account_iam_member")
    .filter(({ member }) => String(member).includes(`.${environment}_deployment_deploy_`))
    .map(({ role, service_account_id: on }) => [
      String(role),
      /_workloads_([a-z]+)_/.exec(String(on))?.[1] ?? String(on),
    ]);

/** Everything that the deploy account holds on the project, and on the accounts that services run as. */
const heldByDeploy = (environment: string): string[] => [
  ...grantsOf(environment, "deploy").flatMap(({ role }) => permissionsOf(String(role))),
  ...onAccounts(environment).flatMap(([role]) => permissionsOf(role)),
];

/** Missing permissions of resource types, as `type: permission`. */
const lacks = (types: string[], held: string[], which: (one: string) => boolean = () => true): string[] =>
  types.flatMap((type) =>
    (MAKES[type] ?? []).filter((one) => which(one) && !held.includes(one)).map((one) => `${type}: ${one}`),
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
      expect(lacks(types, heldByDeploy(name))).toEqual([]);
    });

    test("the deploy account starts services as three accounts and no other", () => {
      const caretaker = environments.some((one) => one.name === name && one.officeHours) ? ["caretaker"] : [];
      expect(onAccounts(name)).toEqual(
        [...caretaker, "orchestrator", "processing"].map((one) => ["roles/iam.serviceAccountUser", one]),
      );
    });

    test("the deploy account cannot give itself more", () => {
      const escalating =
        /^iam\.(roles\.(create|update|undelete)|serviceAccounts\.(setIamPolicy|actAs|getAccessToken|getOpenIdToken|implicitDelegation|sign\w+)|serviceAccountKeys\.create|denypolicies\.\w+)$|^resourcemanager\.projects\.setIamPolicy$|^compute\.(instances\.(create|setServiceAccount)|projects\.setCommonInstanceMetadata)$|^cloudbuild\.builds\.create$/;
      const found = grantsOf(name, "deploy").flatMap(({ role, condition }) =>
        permissionsOf(String(role))
          .filter((one) => escalating.test(one))
          .map((one) => `${String(role)} ${one}${condition === undefined ? "" : ", limited"}`),
      );
      expect(found).toEqual([
        "roles/resourcemanager.projectIamAdmin resourcemanager.projects.setIamPolicy, limited",
      ]);
    });

    test("the plan account may read each", () => {
      const held = grantsOf(name, "plan").flatMap(({ role }) =>
        role === "roles/storage.objectViewer" ? ["storage.objects.get"] : customPermissions(role),
      );
      expect(types.filter((type) => (MAKES[type] ?? []).filter(reads).length === 0)).toEqual([]);
      expect(lacks(types, held, reads)).toEqual([]);
    });

    test("the plan account may read every object that the stack writes", () => {
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
      const granted = stack.all("google_project_iam_member").map(({ role }) => `'${String(role)}'`);
      expect(granted.length).toBeGreaterThan(5);
      expect(granted.filter((role) => !grantable.includes(role))).toEqual([]);
      // What the deploy account may grant, it may grant to itself.
      for (const [, role = ""] of grantable.matchAll(/'(roles\/[^']+)'/g))
        expect(permissionsOf(role).filter((one) => one.startsWith("iam."))).toEqual([]);
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
});

describe("tokens of the CI service", () => {
  /** Claims of a job of this repository, as GitHub writes them; `sub` in the form of repositories made since July 2026. */
  const ours: Claims = {
    sub: "repo:owner@42/repository@7001:ref:refs/heads/main",
    repository: "owner/repository",
    repository_id: "7001",
    repository_owner: "owner",
    repository_owner_id: "42",
    ref: "refs/heads/main",
    event_name: "push",
  };
  /** What the token of a job may do in an environment: by the conditions of both providers. */
  const may = (environment: string, claims: Claims): string[] =>
    [...bootstrap.resources]
      .filter(([address]) =>
        address.startsWith(`google_iam_workload_identity_pool_provider.${environment}_deployment_`),
      )
      .filter(([, { attribute_condition: condition }]) => allows(String(condition), claims))
      .map(([, { attribute_mapping: mapping }]) => String((mapping as Claims)["attribute.may"]));

  const pullRequest = { ...ours, event_name: "pull_request", ref: "refs/pull/9/merge" };
  const cases: [string, Claims, string[]][] = [
    ["a push to main in the environment", { ...ours, environment: "dev" }, ["'deploy'"]],
    [
      "the same with the subject of an older repository",
      { ...ours, environment: "dev", sub: "repo:owner/repository:environment:dev" },
      ["'deploy'"],
    ],
    [
      "a start by hand in the environment",
      { ...ours, environment: "dev", event_name: "workflow_dispatch" },
      ["'deploy'"],
    ],
    ["a push to main in another environment", { ...ours, environment: "prod" }, []],
    ["a push to main in no environment", ours, []],
    ["a push to another branch", { ...ours, environment: "dev", ref: "refs/heads/feature" }, []],
    ["a tag named main", { ...ours, environment: "dev", ref: "refs/tags/main" }, []],
    ["a pull request", pullRequest, ["'plan'"]],
    ["a pull request that asks for the environment", { ...pullRequest, environment: "dev" }, []],
    ["a pull request of a fork's own repository", { ...pullRequest, repository_id: "7002" }, []],
    [
      "an event of a pull request that runs main's workflow",
      { ...ours, event_name: "pull_request_target" },
      [],
    ],
    ["the night's plan of main", { ...ours, event_name: "schedule" }, ["'plan'"]],
    ["a schedule in the environment", { ...ours, event_name: "schedule", environment: "dev" }, []],
    [
      "a plan of another branch by hand",
      { ...ours, event_name: "workflow_dispatch", ref: "refs/heads/feature" },
      [],
    ],
    ["a repository that took over the name", { ...ours, environment: "dev", repository_id: "9999" }, []],
    ["the repository after a transfer", { ...ours, environment: "dev", repository_owner_id: "43" }, []],
    [
      "a token without ids",
      { sub: ours.sub ?? "", ref: "refs/heads/main", event_name: "push", environment: "dev" },
      [],
    ],
  ];
  test.each(cases)("%s", (_, claims, allowed) => {
    expect(may("dev", claims)).toEqual(allowed);
  });

  test("each purpose is one account's, in every environment, whatever the subject", () => {
    for (const { name } of environments) {
      const users = bootstrap
        .all("google_service_account_iam_member")
        .filter(({ member }) => String(member).includes(`.${name}_deployment_pool_`))
        .map(({ service_account_id: account, member }) => [
          String(account).includes("_plan_account_") ? "plan" : "deploy",
          String(member).replace(/\$\{google_iam_workload_identity_pool\.\w+\.name\}/, "POOL"),
        ]);
      expect(users.sort()).toEqual([
        ["deploy", "principalSet://iam.googleapis.com/POOL/attribute.may/deploy"],
        ["plan", "principalSet://iam.googleapis.com/POOL/attribute.may/plan"],
      ]);
      expect(may(name, { ...ours, environment: name })).toEqual(["'deploy'"]);
    }
  });
});

describe("without a repository", () => {
  const alone = synthesize([full], undefined, undefined, {
    issuer: "https://issuer.example",
    branch: "main",
  });

  test("bootstrap makes no identity pool and no account for CI, and says so once", () => {
    const types = typesOf(alone.plan("bootstrap"));
    expect(types.filter((type) => type.includes("workload_identity"))).toEqual([]);
    const accounts = alone.plan("bootstrap").all("google_service_account");
    expect(accounts.filter(({ account_id: id }) => /-(deploy|plan)$/.test(String(id)))).toEqual([]);
    expect(accounts.length).toBeGreaterThan(0);
    expect(alone.notices.filter((line) => line.includes("SALES_CI_REPOSITORY_ID"))).toHaveLength(1);
    expect(types).toContain("google_storage_bucket");
  });
});

describe("the repository of CI", () => {
  const { repository: _, ...without } = testCi;
  const read = (variables: Record<string, string>): unknown => {
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      let found: unknown;
      jest.isolateModules(() => {
        found = jest.requireActual<{ ci: unknown }>("../../../environments/ci").ci;
      });
      return found;
    } finally {
      process.env = before;
    }
  };
  const three = {
    SALES_CI_REPOSITORY: "owner/repository",
    SALES_CI_REPOSITORY_ID: "7001",
    SALES_CI_OWNER_ID: "42",
  };

  test("comes from three variables", () => {
    expect(read(three)).toEqual(testCi);
  });

  test("is nobody's where no variable is set", () => {
    expect(read({})).toEqual({ ...without, repository: undefined });
  });

  test("is refused when a variable is missing or not as GitHub writes it", () => {
    expect(() => read({ ...three, SALES_CI_OWNER_ID: "" })).toThrow("SALES_CI_OWNER_ID: is not set");
    expect(() => read({ ...three, SALES_CI_REPOSITORY_ID: '1" || true || "' })).toThrow(
      "SALES_CI_REPOSITORY_ID",
    );
    expect(() => read({ ...three, SALES_CI_REPOSITORY: "repository" })).toThrow(
      "SALES_CI_REPOSITORY: 'repository'",
    );
  });
});
