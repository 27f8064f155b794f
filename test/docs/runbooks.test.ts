import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { prod } from "../../environments/prod";
import { validated } from "../../environments/validation";
import { at } from "../infra/support/fixture";
import { synthesize } from "../infra/support/synthesize";
import { synthesizedStacks } from "../infra/support/synthesized-stacks";

const ROOT = join(__dirname, "../..");
const folder = join(ROOT, "docs/runbooks");
const pages = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object }).scripts,
);
/** Groups of gcloud that the pages may use; a new one is looked up in gcloud's reference first. */
const GROUPS = [
  "asset search-all-resources",
  "auth application-default",
  "beta services",
  "billing projects",
  "composer environments",
  "composer operations",
  "compute instances",
  "compute regions",
  "compute routers",
  "dataplex datascans",
  "dataproc clusters",
  "dataproc jobs",
  "logging read",
  "projects create",
  "projects get-iam-policy",
  "secrets delete",
  "pubsub subscriptions",
  "sql backups",
  "sql instances",
  "sql operations",
  "storage cat",
  "storage cp",
  "storage ls",
  "storage rm",
  "storage restore",
  "storage rsync",
];
const names = environments.map(({ name }) => name);
const { plan: before } = synthesizedStacks();
const stack = before("prod");

test.each(pages)("%s names commands and stacks that exist", (_, text) => {
  const commands = [...text.matchAll(/npm run ([a-z]+)(?: -- ([a-z]+))?/g)];
  expect(commands.map(([, script]) => script).filter((script) => !scripts.includes(script ?? ""))).toEqual(
    [],
  );
  const stacks = commands
    .filter(([, script]) => ["deploy", "diff", "destroy"].includes(script ?? ""))
    .map(([, , stack]) => stack ?? "none");
  expect(stacks.filter((stack) => ![...names, "bootstrap"].includes(stack))).toEqual([]);
});

test("state-lost-or-locked.md names prod's state as the stack keeps it", () => {
  const backend = at(stack.json, "terraform.backend.gcs");
  const page = readFileSync(join(folder, "state-lost-or-locked.md"), "utf8");
  expect(page).toContain(
    `gs://${String(at(backend, "bucket"))}/${String(at(backend, "prefix"))}/default.tfstate`,
  );
});

test("the outputs and DAGs that rotate-credentials.md names are there", () => {
  const page = readFileSync(join(folder, "rotate-credentials.md"), "utf8");
  const outputs = Object.keys(at(stack.json, "output") as object);
  const named = [...page.matchAll(/output -raw (\w+)/g)].map(([, name]) => name ?? "");
  expect(named).toEqual(["composer_environment"]);
  expect(named.filter((name) => !outputs.includes(name))).toEqual([]);
  const dags = readdirSync(join(ROOT, "dags")).filter((file) => file.endsWith("_dag.py"));
  const sources = dags.map((file) => readFileSync(join(ROOT, "dags", file), "utf8")).join("\n");
  for (const dag of ["rotate_database_password", "sales_analytics_etl"]) {
    expect(page).toContain(dag);
    expect(sources).toContain(`"${dag}"`);
  }
});

test.each(pages)("%s uses groups of gcloud that are known, and files that are there", (_, text) => {
  const groups = [...text.matchAll(/gcloud ([a-z]+ [a-z-]+)/g)].map(([, group]) => group ?? "");
  expect(groups.filter((group) => !GROUPS.includes(group))).toEqual([]);
  const links = [...text.matchAll(/\]\(([^):#]+)/g)].map(([, link]) => join(folder, link ?? ""));
  const paths = [...text.matchAll(/`((?:constructs|dags|docs|environments|pyspark-jobs|stacks)\/[\w./-]*)/g)];
  const files = [...links, ...paths.map(([, path]) => join(ROOT, path ?? ""))];
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test("every alert's page is there", () => {
  const policies = stack.all("google_monitoring_alert_policy");
  const linked = policies.map(
    (policy) =>
      /docs\/runbooks\/([\w-]+\.md)/.exec(String(at(policy, "documentation.content")))?.[1] ?? "none",
  );
  expect(linked.length).toBeGreaterThan(8);
  expect(linked.filter((page) => !pages.some(([name]) => name === page))).toEqual([]);
});

test("the names of prod's resources in the pages are those of its stack", () => {
  const json = JSON.stringify(stack.json);
  // What a procedure makes itself: the next generation's instance; and the state's bucket, which bootstrap makes.
  const others = ["sales-prod-postgres-g2", "sales-prod-postgres-g1-replica", "placeholder-prod-tfstate"];
  for (const [page, text] of pages) {
    const named = [
      ...text.matchAll(/\b(?:sales|placeholder)-prod-[a-z0-9-]*[a-z0-9]|google_\w+\.\w+_[0-9A-F]{8}/g),
    ];
    const unknown = named
      .map(([name]) => name.split(".").at(-1) ?? name)
      .filter((name) => !json.includes(name));
    expect([page, unknown.filter((name) => !others.includes(name))]).toEqual([page, []]);
  }
});

test("prod moves as region-loss.md says, and nothing in its stack or in bootstrap names the lost region", () => {
  const page = readFileSync(join(folder, "region-loss.md"), "utf8");
  const [, region, recoveryRegion] = /`region: "([\w-]+)"`,\s+`recoveryRegion: "([\w-]+)"`/.exec(page) ?? [];
  expect(region).toBe(prod.recoveryRegion);
  expect([prod.region, prod.recoveryRegion]).not.toContain(recoveryRegion);
  const moved = { ...prod, projectId: "your-new-project", region: region ?? "", recoveryRegion };
  const { plan } = synthesize(validated([moved]));
  // Locations, replicas, keys, buckets of two regions, settings of the DAGs.
  expect(JSON.stringify(before("prod").json)).toMatch(new RegExp(prod.region, "i"));
  for (const name of ["prod", "bootstrap"])
    expect(JSON.stringify(plan(name).json)).not.toMatch(new RegExp(prod.region, "i"));
  const stack = plan("prod");
  expect(stack.only("google_composer_environment").region).toBe(region);
  expect(stack.named("google_storage_bucket", "-data").name).toBe("your-new-project-data");
  const replicas = stack
    .all("google_sql_database_instance")
    .filter((one) => one.master_instance_name !== undefined);
  expect(replicas.map((one) => one.region)).toEqual([recoveryRegion]);
});

test("the index lists every page once", () => {
  const index = readFileSync(join(folder, "README.md"), "utf8");
  const listed = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page ?? "");
  expect(listed.sort()).toEqual(pages.map(([name]) => name).filter((name) => name !== "README.md"));
});

test("recovery.md has the settings that the environments have", () => {
  const page = readFileSync(join(ROOT, "docs/platform/recovery.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([\w.]+)` +\|(.*)\|$/gm)];
  expect(rows.length).toBeGreaterThan(8);
  for (const [, setting, cells] of rows) {
    const written = (cells ?? "").split("|").map((cell) => cell.trim());
    const set = environments.map((environment) => {
      const value: unknown = at(environment, setting ?? "") ?? "none";
      return (value instanceof Object ? Object.values(value) : [value]).join(" ");
    });
    expect([setting, ...written]).toEqual([setting, ...set]);
  }
});
