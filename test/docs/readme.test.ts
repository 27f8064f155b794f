import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readTables } from "../../constructs/warehouse/table-catalog";
import { readViews } from "../../constructs/warehouse/views";
import { at } from "../infra/support/fixture";
import { synthesizedStacks } from "../infra/support/synthesized-stacks";

const ROOT = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);

describe.each(["README.md", "sample_data/README.md", "docs/platform/bi.md"])("%s", (file) => {
  const text = read(file);

  test("names commands that exist", () => {
    const named = [...text.matchAll(/(?:^|`)npm (?:run )?([a-z]+)/gm)].map(([, name]) => name ?? "");
    expect(named.filter((name) => name !== "ci" && !scripts.includes(name))).toEqual([]);
  });

  test("links to files that exist", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link ?? "");
    expect(
      links.filter((link) => !/^https?:/.test(link) && !existsSync(join(ROOT, dirname(file), link))),
    ).toEqual([]);
  });
});

test("the table of README.md has every folder of the checkout, and no other", () => {
  const [, table = ""] = /## What is where\n\n(.*?)\n\n/s.exec(read("README.md")) ?? [];
  const linked = [...table.matchAll(/\]\(([\w-]+)[/)]/g)].map(([, folder]) => folder ?? "");
  const ignored = read(".gitignore")
    .split("\n")
    .map((line) => line.replace("/", ""));
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !ignored.includes(entry.name))
    .map(({ name }) => name);
  expect([...new Set(linked)].sort()).toEqual(folders.sort());
});

test("README.md and the sample's own say the same figures", () => {
  const figure = (name: string): string =>
    new RegExp(`\\| ${name} +\\| ([\\d,]+) `).exec(read("sample_data/README.md"))?.[1] ?? "not there";
  expect(read("README.md").replace(/\s+/g, " ")).toContain(
    `${figure("lines read")} lines, of which ${figure("lines loaded")} count, ${figure("duplicate lines")} are duplicates and ${figure("bad lines, quarantined")} are quarantined`,
  );
});

test("README.md states the versions that are pinned", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  expect(read("README.md")).toContain(
    `cdktf ${dependencies.cdktf ?? ""} and @cdktf/provider-google ${dependencies["@cdktf/provider-google"] ?? ""}`,
  );
});

test("the secret that docs/platform/log-events.md tells to fill is the plan's, and README.md names the DAG of the other", () => {
  const dev = synthesizedStacks().plan("dev");
  const settings = at(dev.only("google_composer_environment"), "config.software_config.env_variables");
  expect(read("docs/platform/log-events.md")).toContain(
    `versions add ${String(at(settings, "NOTIFICATION_SECRET"))} `,
  );
  expect(read("README.md")).toContain("`rotate_database_password`");
  expect(read("dags/rotate_database_password_dag.py")).toContain('dag_id="rotate_database_password"');
});

test("docs/platform/bi.md names every published table and view, and no other", () => {
  const named = [...read("docs/platform/bi.md").matchAll(/^- `(\w+)`:/gm)].map(([, name]) => name ?? "");
  const business = readTables(ROOT, "published").filter(({ audience }) => audience === "business");
  const all = [...business, ...readViews(ROOT).filter(({ name }) => name !== "streamed_quarantine")];
  const published = all.map(({ name }) => name);
  const columns = all.flatMap((one) => one.columns.map(({ name }) => name));
  // A name such as previous_revenue is a column's.
  const tables = named.filter((name) => published.includes(name) || !columns.includes(name));
  expect([...new Set(tables)].sort()).toEqual(published.sort());
});

test("pictures are there, described and small enough to load with the page", () => {
  const shown = [...read("README.md").matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)];
  expect(shown.map(([, , file]) => file)).toEqual(["docs/images/platform.svg", "docs/images/report.png"]);
  for (const [, description, file] of shown) {
    expect(description?.length).toBeGreaterThan(20);
    expect(statSync(join(ROOT, file ?? "")).size).toBeLessThan(300_000);
  }
});
