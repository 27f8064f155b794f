import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environments } from "../../environments";
import { Environment } from "../../environments/environment";
import { COMMON_VARIABLES, ENVIRONMENT_VARIABLES, variableOf } from "../../environments/owner";
import { placeholdersOf } from "../../environments/placeholders";
import { at, Plan } from "./support/fixture";

const ROOT = join(__dirname, "../..");
const [dev] = environments as readonly [Environment];

/** Environment variables with which nothing of dev is a placeholder. */
const OWNED = {
  SALES_DEV_PROJECT: "acme-sales-dev",
  SALES_DEV_WEB_ACCESS: "81.2.69.0/24, 2.125.160.216/29",
  SALES_ALERT_EMAILS: "data@acme.eu,oncall@acme.eu",
};

/** A synth as a user starts it, with only these variables of ours. */
function synth(variables: Record<string, string>) {
  const outdir = mkdtempSync(join(tmpdir(), "placeholders-"));
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("SALES_"));
  const { status, stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", "main.ts"],
    {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...Object.fromEntries(others), CDKTF_OUTDIR: outdir, ...variables },
    },
  );
  const plan = (stack: string): Plan => Plan.read(join(outdir, "stacks", stack, "cdk.tf.json"));
  return { status, lines: stderr.trim().split("\n"), plan };
}

const none = synth({});
const owned = synth(OWNED);

test("without a variable everything that belongs to an owner is a placeholder", () => {
  expect(
    environments.map((environment) => placeholdersOf(environment).map(({ field, value }) => [field, value])),
  ).toEqual(
    environments.map(({ name }) => [
      ["projectId", `placeholder-${name}`],
      ["orchestration.webAccess[0].range", "203.0.113.0/24"],
      ["operations.alertEmails[0]", "placeholder@example.com"],
    ]),
  );
});

test.each([
  [{ projectId: "placeholder-dev" }, "projectId", "set SALES_DEV_PROJECT, or"],
  [
    { access: { ...dev.access, analysts: ["group:a@example.com"] } },
    "access.analysts[0]",
    "set SALES_DEV_ANALYSTS, or",
  ],
  [
    { access: { ...dev.access, biReaders: ["domain:example.org"] } },
    "access.biReaders[0]",
    "set SALES_DEV_BI_READERS, or",
  ],
  [
    { orchestration: { ...dev.orchestration, webAccess: [{ range: "192.0.2.0/28", description: "x" }] } },
    "orchestration.webAccess[0].range",
    "set SALES_DEV_WEB_ACCESS, or",
  ],
  [
    { orchestration: { ...dev.orchestration, webAccess: [{ range: "198.51.100.7/32", description: "x" }] } },
    "orchestration.webAccess[0].range",
    "set SALES_DEV_WEB_ACCESS, or",
  ],
  [
    { notifications: { ...dev.notifications, hosts: ["mail.example.net"] } },
    "notifications.hosts[0]",
    "set SALES_NOTIFICATION_HOSTS, or",
  ],
  [
    { operations: { ...dev.operations, alertEmails: ["a@acme.eu", "b@acme.test"] } },
    "operations.alertEmails[1]",
    "set SALES_ALERT_EMAILS, or",
  ],
] as const)("%j has a placeholder in %s", (change, field, remedy) => {
  const own: Environment = {
    ...dev,
    projectId: "acme-sales-dev",
    orchestration: { ...dev.orchestration, webAccess: [{ range: "81.2.69.0/24", description: "x" }] },
    operations: { ...dev.operations, alertEmails: ["a@acme.eu"] },
  };
  expect(placeholdersOf(own)).toEqual([]);
  expect(placeholdersOf({ ...own, ...change })).toEqual([
    { field, value: expect.any(String) as string, remedy: expect.stringContaining(remedy) as string },
  ]);
});

test("a synth works with placeholders, and prints one line a stack and one for each excepted guardrail", () => {
  expect(none.status).toBe(0);
  const [stacks, exceptions] = [false, true].map((excepted) =>
    none.lines.filter((line) => line.startsWith("guardrail ") === excepted),
  );
  expect(stacks?.map((line) => line.split(":")[0])).toEqual([
    ...environments.map(({ name }) => name),
    "bootstrap",
  ]);
  expect(stacks?.[0]).toContain(
    "dev: placeholders in projectId, orchestration.webAccess[0].range, operations.alertEmails[0]: see docs/runbooks/first-deployment.md",
  );
  expect(exceptions?.length).toBeLessThan(4);
});

test("under the cdktf command, which prints the warnings of the stacks itself, a synth prints nothing", () => {
  const { status, lines } = synth({ CDKTF_CONTEXT_JSON: "{}" });
  expect([status, lines]).toEqual([0, [""]]);
});

test("no stack grants anything to a group or a user by default", () => {
  for (const { name } of environments)
    for (const [address, { member }] of none.plan(name).resources)
      expect([address, /^(group|user|domain):/.test(String(member))]).toEqual([address, false]);
});

test("the variables reach the stack", () => {
  expect(owned.lines.filter((line) => line.startsWith("dev: placeholders"))).toEqual([]);
  const text = JSON.stringify(owned.plan("dev").json);
  for (const value of [
    "acme-sales-dev",
    "81.2.69.0/24",
    "2.125.160.216/29",
    "data@acme.eu",
    "oncall@acme.eu",
  ])
    expect(text).toContain(value);
  expect(text).not.toContain("placeholder");
  const variables = owned
    .plan("prod")
    .all("google_composer_environment")
    .map((composer) => at(composer, "config.software_config.env_variables.NOTIFICATION_EMAILS"));
  expect(variables).toEqual(["data@acme.eu,oncall@acme.eu"]);
});

test("bootstrap covers the environments whose project is given, or else all of them", () => {
  const projects = (plan: Plan): string[] =>
    (plan.json.provider as { google: { project: string }[] }).google.map(({ project }) => project);
  expect(projects(owned.plan("bootstrap"))).toEqual(["acme-sales-dev"]);
  expect(JSON.stringify(owned.plan("bootstrap").json)).not.toContain("placeholder");
  expect(projects(none.plan("bootstrap"))).toEqual(environments.map(({ name }) => `placeholder-${name}`));
});

test("the first step of the runbook lists every variable of an owner, and no other", () => {
  const ofCi = [
    ...readFileSync(join(ROOT, "environments/ci.ts"), "utf8").matchAll(/^ {2}(SALES_CI_\w+): /gm),
  ];
  const variables = [
    ...Object.keys(ENVIRONMENT_VARIABLES).map((value) => variableOf("dev", value as "projectId")),
    ...Object.values(COMMON_VARIABLES),
    ...ofCi.map(([, name = ""]) => name),
  ];
  const runbook = readFileSync(join(ROOT, "docs/runbooks/first-deployment.md"), "utf8");
  const table = runbook.slice(runbook.indexOf("\n0. "), runbook.indexOf("\n1. "));
  const listed = [...table.matchAll(/^ +\| `(SALES_\w+)`/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(variables.sort());
  expect(listed.length).toBeGreaterThan(5);
  expect(listed.length).toBeLessThan(11);
});
