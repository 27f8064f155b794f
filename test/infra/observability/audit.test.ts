import { environments } from "../../../environments";
import { Environment } from "../../../environments/environment";
import { variable } from "../../../environments/environment-variable";
import { validationErrors } from "../../../environments/validation";
import { at } from "../support/fixture";
import { synthesize } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan, notices } = synthesizedStacks();
const prod = environments.find(({ name }) => name === "prod") ?? missing();

function missing(): never {
  throw new Error("there is no prod");
}

describe.each(environments)("audit of $name", ({ name, projectId, operations, protection }) => {
  const stack = plan(name);

  test("logs reads and writes of data", () => {
    const configs = stack.all("google_project_iam_audit_config");
    expect(configs.map((one) => String(one.service)).sort()).toEqual([
      "bigquery.googleapis.com",
      "cloudsql.googleapis.com",
      "iam.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
    ]);
    for (const one of configs) {
      expect(one.audit_log_config).toEqual([
        { log_type: "ADMIN_READ" },
        { log_type: "DATA_READ" },
        { log_type: "DATA_WRITE" },
      ]);
    }
  });

  test("leaves out Airflow's calls on its own bucket, and nobody else's, wherever the log goes", () => {
    const own = {
      name: `sales-${name}-airflow-own-bucket`,
      filter: [
        'logName:"/logs/cloudaudit.googleapis.com%2Fdata_access"',
        'resource.type="gcs_bucket"',
        `resource.labels.bucket_name="${projectId}-composer"`,
        `protoPayload.authenticationInfo.principalEmail="sales-${name}-orchestrator@${projectId}.iam.gserviceaccount.com"`,
      ].join(" AND "),
    };
    expect(stack.only("google_logging_project_exclusion")).toMatchObject(own);
    for (const sink of stack.all("google_logging_project_sink")) expect(sink.exclusions).toEqual([own]);
  });

  test("keeps the log for the environment's days, unlocked", () => {
    expect(stack.only("google_logging_project_bucket_config")).toMatchObject({
      bucket_id: `sales-${name}-audit-g${operations.generation}`,
      location: "us-central1",
      retention_days: operations.auditDays,
      locked: false,
    });
  });

  test("copies it with accounts of their own, one of which writes one dataset", () => {
    const sinks = stack.all("google_logging_project_sink");
    expect(sinks.map((sink) => [sink.name, sink.unique_writer_identity])).toEqual([
      [`sales-${name}-audit-to-dataset`, true],
      [`sales-${name}-audit-to-log`, true],
    ]);
    const grants = stack
      .all("google_bigquery_dataset_iam_member")
      .filter((grant) => String(grant.member).includes("google_logging_project_sink"));
    expect(grants.map((grant) => grant.role)).toEqual(["roles/bigquery.dataEditor"]);
    const dataset = stack
      .all("google_bigquery_dataset")
      .find((one) => one.dataset_id === `sales_audit_${name}`);
    expect(dataset).toMatchObject({
      default_partition_expiration_ms: operations.auditDays * 86_400_000,
      delete_contents_on_destroy: protection === "destroyable",
    });
  });
});

describe("budget", () => {
  const paid = { ...prod, operations: { ...prod.operations, billingAccount: "012345-6789AB-CDEF01" } };
  const made = synthesize([paid]);
  const stack = made.plan("prod");

  test("notifies at 50, 80 and 100 % spent, and at a forecast of 100 %", () => {
    const budget = stack.only("google_billing_budget");
    expect(budget).toMatchObject({
      billing_account: "012345-6789AB-CDEF01",
      amount: { specified_amount: { units: "5000" } },
      threshold_rules: [
        { spend_basis: "CURRENT_SPEND", threshold_percent: 0.5 },
        { spend_basis: "CURRENT_SPEND", threshold_percent: 0.8 },
        { spend_basis: "CURRENT_SPEND", threshold_percent: 1 },
        { spend_basis: "FORECASTED_SPEND", threshold_percent: 1 },
      ],
    });
    expect(at(budget, "all_updates_rule.monitoring_notification_channels")).toHaveLength(1);
    expect(at(budget, "budget_filter.projects")).toEqual([
      expect.stringMatching(
        /^projects\/\$\{element\(regexall\("\[0-9\]\+", data\.google_storage_project_service_account\.agents_storage_\w+\.email_address\), 0\)\}$/,
      ),
    ]);
  });

  test("uses a provider that charges the project (otherwise user credentials get a 403)", () => {
    const providers = (stack.json.provider as { google: Record<string, unknown>[] }).google;
    expect(providers.find(({ alias }) => alias === "billing")).toMatchObject({
      billing_project: paid.projectId,
      user_project_override: true,
    });
    expect(stack.only("google_billing_budget").provider).toBe("google.billing");
  });

  test("enables its API, which nothing else needs", () => {
    const apis = (of: typeof stack): unknown[] =>
      of.all("google_project_service").map(({ service }) => service);
    expect(apis(stack)).toContain("billingbudgets.googleapis.com");
    expect(apis(plan("prod"))).not.toContain("billingbudgets.googleapis.com");
  });

  test("is missing, with a notice, where no billing account is set", () => {
    expect(plan("prod").all("google_billing_budget")).toEqual([]);
    expect(notices.join("\n")).toContain(
      "no budget: set SALES_PROD_BILLING_ACCOUNT to the billing account that pays",
    );
    expect(made.notices.filter((notice) => notice.includes("no budget"))).toEqual([]);
  });
});

test("a variable that a CI service passes empty is one that is not set", () => {
  process.env.SALES_TEST_VARIABLE = "";
  expect(variable("SALES_TEST_VARIABLE")).toBeUndefined();
  process.env.SALES_TEST_VARIABLE = "012345-6789AB-CDEF01";
  expect(variable("SALES_TEST_VARIABLE")).toBe("012345-6789AB-CDEF01");
  delete process.env.SALES_TEST_VARIABLE;
  expect(variable("SALES_TEST_VARIABLE")).toBeUndefined();
  process.env.SALES_VARIABLES = '{"SALES_TEST_VARIABLE": "passed on", "OTHER": ""}';
  expect(["SALES_TEST_VARIABLE", "OTHER", "NOT_THERE"].map(variable)).toEqual([
    "passed on",
    undefined,
    undefined,
  ]);
  process.env.SALES_VARIABLES = "SALES_TEST_VARIABLE=1";
  expect(() => variable("SALES_TEST_VARIABLE")).toThrow("SALES_VARIABLES is not JSON");
  delete process.env.SALES_VARIABLES;
});

const MISTAKES: readonly (readonly [Partial<Environment["operations"]>, string])[] = [
  [{ alertEmails: [] }, "prod: operations.alertEmails: lists no recipient: nobody would receive an alert"],
  [{ alertEmails: ["nobody"] }, "prod: operations.alertEmails[0]: 'nobody' is not an e-mail address"],
  [
    { alertEmails: Array.from({ length: 6 }, () => "a@b.example") },
    "prod: operations.alertEmails: lists more than 5 recipients",
  ],
  [{ maximumQuarantineShare: 0.05 }, "prod: operations.maximumQuarantineShare: 0.05 is not above 0"],
  [{ auditDays: 0 }, "prod: operations.auditDays: 0 is less than 1"],
  [{ monthlyBudget: 0.5 }, "prod: operations.monthlyBudget: 0.5 is not a whole number"],
  [{ billingAccount: "mine" }, "prod: operations.billingAccount: 'mine' is not written 012345-6789AB-CDEF01"],
];

test.each(MISTAKES)("%j is refused", (change, line) => {
  expect(validationErrors({ ...prod, operations: { ...prod.operations, ...change } })).toEqual([
    expect.stringContaining(line),
  ]);
});
