import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FILLED, warehouse } from "./warehouse";

jest.setTimeout(60_000);

const run = (
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, [join(__dirname, "../../scripts/report.mjs"), ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, INIT_CWD: undefined, ...env },
  });

test.each([
  [["--out", "a.html"], {}, "--warehouse is missing"],
  [["--warehouse", "a"], {}, "--out is missing"],
  [["--wharehouse", "a"], {}, "Unknown option '--wharehouse'"],
  // As `npm run report --warehouse a --out a.html` leaves it.
  [
    ["a.html"],
    { npm_config_warehouse: "a", npm_lifecycle_event: "report" },
    "npm kept --warehouse for itself: write `npm run report -- --warehouse ...`",
  ],
])("names a missing or unknown option, with exit code 2: %j %j", (args, env, message) => {
  const { status, stderr } = run("/", args, env);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: [^\n]*\n$/);
  expect(stderr).toContain(message);
});

test("refuses a folder without a warehouse, and a folder as the file to write", async () => {
  const folder = await warehouse();
  mkdirSync(join(folder, "sub"));
  for (const [args, message] of [
    [["--warehouse", "sub", "--out", "a.html"], "--warehouse sub: there is no warehouse.duckdb in it"],
    [["--warehouse", ".", "--out", "sub"], "--out sub is a folder: name a file"],
  ] as const) {
    const { status, stderr } = run(folder, args);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: [^\n]*\n$/)]);
    expect(stderr).toContain(message);
  }
});

test("leaves an earlier page alone when the warehouse cannot be read", async () => {
  const folder = await warehouse();
  writeFileSync(join(folder, "report.html"), "earlier");
  writeFileSync(join(folder, "warehouse.duckdb"), "no database at all");
  const { status, stderr } = run(folder, ["--warehouse", ".", "--out", "report.html"]);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: [^\n]*cannot be read as a warehouse[^\n]*\n$/),
  ]);
  expect(readFileSync(join(folder, "report.html"), "utf8")).toBe("earlier");
  expect(readdirSync(folder).sort()).toEqual(["report.html", "warehouse.duckdb"]);
});

test("takes paths from the user's folder", async () => {
  const folder = await warehouse(...FILLED);
  expect(run(folder, ["--warehouse", ".", "--out", "made/here.html"])).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect(readFileSync(join(folder, "made/here.html"), "utf8")).toMatch(/^<!doctype html>/);
});
