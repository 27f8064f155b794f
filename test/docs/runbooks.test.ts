import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { at, synthesize } from "../infra/fixture";

const ROOT = join(__dirname, "../..");
const folder = join(ROOT, "docs/runbooks");
const pages = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object }).scripts,
);
const names = environments.map(({ name }) => name);

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
  const backend = at(synthesize(environments).plan("prod").json, "terraform.backend.gcs");
  const page = readFileSync(join(folder, "state-lost-or-locked.md"), "utf8");
  expect(page).toContain(
    `gs://${String(at(backend, "bucket"))}/${String(at(backend, "prefix"))}/default.tfstate`,
  );
});

test("the outputs and DAGs that rotate-credentials.md names are there", () => {
  const page = readFileSync(join(folder, "rotate-credentials.md"), "utf8");
  const outputs = Object.keys(at(synthesize(environments).plan("prod").json, "output") as object);
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
