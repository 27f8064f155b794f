import { environments } from "../../../environments";
import { Environment } from "../../../environments/environment";
import { validationErrors } from "../../../environments/validation";
import { at, Attributes, Plan } from "../support/fixture";
import { synthesize } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

const prod = environments.find(({ name }) => name === "prod") ?? missing();

function missing(): never {
  throw new Error("there is no prod");
}

const withIds = (perimeter: "dry-run" | "enforced"): Environment => ({
  ...prod,
  organization: { organizationId: "123456789012", accessPolicyId: "987654321", perimeter },
});

/** Services that the perimeter restricts, of which a wrong name would restrict nothing. */
const SERVICES = [
  "artifactregistry.googleapis.com",
  "bigquery.googleapis.com",
  "cloudkms.googleapis.com",
  "composer.googleapis.com",
  "compute.googleapis.com",
  "container.googleapis.com",
  "dataproc.googleapis.com",
  "logging.googleapis.com",
  "monitoring.googleapis.com",
  "pubsub.googleapis.com",
  "secretmanager.googleapis.com",
  "sqladmin.googleapis.com",
  "storage.googleapis.com",
];

const stack = synthesize([withIds("dry-run")]).plan("prod");
const enforced = synthesize([withIds("enforced")]).plan("prod");
const PERIMETER = "google_access_context_manager_service_perimeter";
const ACCOUNT = `@${prod.projectId}.iam.gserviceaccount.com`;

test("without ids nothing of the organization is made, and none of its APIs is enabled", () => {
  const plain = synthesizedStacks().plan("prod");
  const types = [...plain.resources.keys()].map((address) => address.split(".")[0] ?? "");
  expect(types.filter((type) => /access_context|org_policy|_scc_/.test(type))).toEqual([]);
  const services = plain.all("google_project_service").map(({ service }) => String(service));
  expect(services.filter((service) => /^(accesscontext|orgpolicy|securitycenter)/.test(service))).toEqual([]);
});

test("with ids their APIs are enabled, and their calls are charged to the project", () => {
  const services = stack.all("google_project_service").map(({ service }) => String(service));
  expect(services).toEqual(
    expect.arrayContaining([
      "accesscontextmanager.googleapis.com",
      "orgpolicy.googleapis.com",
      "securitycenter.googleapis.com",
    ]),
  );
  const providers = (stack.json.provider as { google: Attributes[] }).google;
  expect(providers.find(({ alias }) => alias === "organization")).toMatchObject({
    billing_project: prod.projectId,
    user_project_override: true,
  });
});

describe("the perimeter", () => {
  const perimeter = stack.only(PERIMETER);

  test("first logs what it would refuse", () => {
    expect(perimeter).toMatchObject({
      parent: "accessPolicies/987654321",
      name: "accessPolicies/987654321/servicePerimeters/sales_prod",
      use_explicit_dry_run_spec: true,
      provider: "google.organization",
    });
    expect(perimeter.status).toBeUndefined();
    expect(at(perimeter, "spec.restricted_services")).toEqual(SERVICES);
  });

  test("refuses the same when it is enforced, with no dry run beside it", () => {
    const real = enforced.only(PERIMETER);
    expect(real.status).toEqual(perimeter.spec);
    expect([real.spec, real.use_explicit_dry_run_spec]).toEqual([undefined, undefined]);
  });

  test("has this project alone inside, and lets people in from the named networks", () => {
    expect(at(perimeter, "spec.resources")).toEqual([
      expect.stringMatching(/^projects\/\$\{element\(regexall/),
    ]);
    const level = stack.only("google_access_context_manager_access_level");
    expect(at(level, "basic.conditions.ip_subnetworks")).toEqual(["203.0.113.0/24"]);
    expect(at(perimeter, "spec.access_levels")).toEqual([
      expect.stringMatching(
        /^\$\{google_access_context_manager_access_level\.perimeter_networks_\w+\.name\}$/,
      ),
    ]);
  });

  test("lets in from anywhere the accounts that deploy and plan, and the one that delivers files, to the files alone", () => {
    const policies = at(perimeter, "spec.ingress_policies") as Attributes[];
    const seen = policies.map((one) => [
      at(one, "ingress_from.identities"),
      at(one, "ingress_to.operations.service_name"),
    ]);
    expect(seen).toEqual([
      [[`serviceAccount:sales-prod-deploy${ACCOUNT}`, `serviceAccount:sales-prod-plan${ACCOUNT}`], "*"],
      [`serviceAccount:sales-prod-ingest${ACCOUNT}`, "storage.googleapis.com"].map((one, index) =>
        index === 0 ? [one] : one,
      ),
    ]);
    expect(at(perimeter, "spec.egress_policies")).toBeUndefined();
  });

  test("comes after Composer, whose creation it could disturb", () => {
    expect(perimeter.depends_on).toContainEqual(expect.stringMatching(/^google_composer_environment\./));
  });

  test("has restricted services that the network reaches through the restricted addresses alone", () => {
    const records = stack.all("google_dns_record_set");
    const restricted = records.find(({ name }) => name === "restricted.googleapis.com.");
    expect(restricted?.rrdatas).toEqual(["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"]);
  });
});

test("policies of the project forbid what the stacks never make", () => {
  const policies = Object.fromEntries(
    stack.all("google_org_policy_policy").map((one) => [String(one.name), at(one, "spec.rules")]),
  );
  const on = (constraint: string): string => `projects/${prod.projectId}/policies/${constraint}`;
  const yes = [{ enforce: "TRUE" }];
  expect(policies).toEqual({
    [on("compute.requireOsLogin")]: yes,
    [on("compute.vmExternalIpAccess")]: [{ deny_all: "TRUE" }],
    [on("gcp.resourceLocations")]: [
      { values: { allowed_values: ["in:us-central1-locations", "in:us-east1-locations", "us"] } },
    ],
    [on("iam.disableServiceAccountKeyCreation")]: yes,
    [on("iam.disableServiceAccountKeyUpload")]: yes,
    [on("sql.restrictPublicIp")]: yes,
    [on("storage.publicAccessPrevention")]: yes,
    [on("storage.uniformBucketLevelAccess")]: yes,
  });
});

test("every location of the stack is one that the policy allows", () => {
  const allowed = (text: string): boolean => /^(us-central1|us-east1|us)(-[a-f])?$/.test(text.toLowerCase());
  const found = [...stack.resources.entries()].flatMap(([address, resource]) =>
    ["location", "region"].flatMap((field) =>
      typeof resource[field] === "string" ? [[address, resource[field]] as const] : [],
    ),
  );
  expect(found.length).toBeGreaterThan(10);
  // The constraint does not restrict global resources.
  const others = found.filter(([, place]) => !allowed(place) && place !== "global" && !place.includes("${"));
  expect(others).toEqual([]);
});

test("findings are kept for a month in one region and raise an alert", () => {
  const config = stack.only("google_scc_v2_project_notification_config");
  expect(config).toMatchObject({ location: "global", config_id: "sales-prod-security-findings" });
  expect(at(config, "streaming_config.filter")).toBe('state = "ACTIVE"');
  const kept = stack.named("google_pubsub_subscription", "sales-prod-security-findings");
  // 31 days of 86,400 seconds.
  expect(kept).toMatchObject({ message_retention_duration: "2678400s", expiration_policy: { ttl: "" } });
  const publisher = stack
    .all("google_pubsub_topic_iam_member")
    .find(({ member }) => String(member).includes("google_scc_v2_project_notification_config"));
  expect(publisher?.role).toBe("roles/pubsub.publisher");
  const alert = alertNamed(stack, "Security Command Center found something");
  expect(at(alert, "conditions.condition_threshold.filter")).toBe(
    'metric.type="pubsub.googleapis.com/topic/send_message_operation_count" AND resource.type="pubsub_topic" AND ' +
      'resource.label.topic_id="sales-prod-security-findings"',
  );
});

test("a call across the perimeter raises an alert, which says whether it was refused", () => {
  const alert = alertNamed(stack, "the perimeter would refuse a call");
  expect(at(alert, "conditions.condition_matched_log.filter")).toBe(
    'log_id("cloudaudit.googleapis.com/policy") AND ' +
      'protoPayload.metadata.@type="type.googleapis.com/google.cloud.audit.VpcServiceControlAuditMetadata"',
  );
  expect(alertNamed(enforced, "the perimeter refused a call")).toBeDefined();
});

function alertNamed(plan: Plan, title: string): Attributes {
  return (
    plan
      .all("google_monitoring_alert_policy")
      .find(({ display_name: name }) => name === `sales prod: ${title}`) ?? missing()
  );
}

test.each([
  [
    { organization: { perimeter: "enforced" as const } },
    "prod: organization.perimeter: 'enforced' is not possible without a perimeter, set organization.accessPolicyId",
  ],
  [
    { organization: { accessPolicyId: "policy", perimeter: "dry-run" as const } },
    "prod: organization.accessPolicyId: 'policy' is not a number, write its digits",
  ],
  [
    {
      ...withIds("dry-run"),
      orchestration: { ...prod.orchestration, webAccess: [{ range: "10.1.0.0/16", description: "office" }] },
    },
    "prod: orchestration.webAccess: has a private network, which an access level of a perimeter does not take, " +
      "name the public one",
  ],
])("settings that contradict each other are refused: %#", (change, message) => {
  expect(validationErrors({ ...prod, ...change })).toEqual([message]);
});
