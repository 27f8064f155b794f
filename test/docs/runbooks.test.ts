import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VOLUMES } from "../../cost/assumptions";
import { environments, moved } from "../../environments";
import { prod } from "../../environments/prod";
import { at } from "../infra/support/fixture";
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

// What the moved stacks name: test/infra/regions.test.ts.
test("region-loss.md moves prod to its recovery region, and to a third one for recovery", () => {
  const page = readFileSync(join(folder, "region-loss.md"), "utf8");
  const [, move] = /export MOVE=(\S+)/.exec(page) ?? [];
  const [, region, recoveryRegion] = /`region: "([\w-]+)"`,\s+`recoveryRegion: "([\w-]+)"`/.exec(page) ?? [];
  expect({ ...prod, region, recoveryRegion }).toEqual(moved(prod, move));
  expect([prod.region, prod.recoveryRegion]).not.toContain(recoveryRegion);
  const locations = [...page.matchAll(/--location=(\S+)/g)].map(([, location]) => location);
  expect([...new Set(locations)].sort()).toEqual([prod.region, prod.recoveryRegion].sort());
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

test("the goals of recovery.md are those of settings, alerts, drills and measurements", () => {
  const page = readFileSync(join(ROOT, "docs/platform/recovery.md"), "utf8");
  const performance = readFileSync(join(ROOT, "docs/job/performance.md"), "utf8");
  const drill = readFileSync(join(ROOT, "dags/sales_platform/restore/drill.py"), "utf8");
  expect(page).toContain(`nothing for ${prod.warehouse.timeTravelHours / 24} days (e)`);
  expect(drill).toMatch(/timedelta\(hours=2\)[^]*timedelta\(hours=24\)/);
  expect(page).toContain("takes more than 2 h or the backup is older than 24 h");
  const lag = stack
    .all("google_monitoring_alert_policy")
    .find(({ display_name }) => String(display_name).endsWith("the database replica lags"));
  const limit = Number(at(lag, "conditions.condition_threshold.threshold_value"));
  expect(page).toContain(`more than ${limit / 60} minutes behind`);
  // 100 million lines: seconds of CPU, and GiB of files.
  const [, gib = "", seconds = ""] =
    /100 million lines \(([\d.]+) GiB of CSV[^]*?CPU, all processes[ |]+([\d,]+) s/.exec(performance) ?? [];
  const [, more = ""] = /tables of lines have added\s+(\d+) %/.exec(page) ?? [];
  expect(performance).toContain(`26 to ${more} %`);
  const each = (Number(seconds.replace(",", "")) * (1 + Number(more) / 100)) / Number(gib);
  expect(page).toContain(`${Math.round(each)} s a GiB`);
  const { workerType, primaryWorkers, spotWorkers } = prod.processing;
  const cpus = Number(workerType.split("-").at(-1)) * (primaryWorkers + spotWorkers);
  const hours = (VOLUMES.production.lakeGibPerMonth * 12 * each) / cpus / 3600;
  expect(page.replaceAll(/\s+/g, " ")).toContain(
    `a year takes the ${cpus} vCPUs of prod's workers ${hours.toFixed(1)} h, three years ${Math.round(3 * hours)} h`,
  );
});
