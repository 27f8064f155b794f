import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { FILLED, warehouse } from "./warehouse";

jest.setTimeout(60_000);

const ROOT = join(__dirname, "../..");

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

test("npm run stream writes the open day into the page", async () => {
  const folder = await warehouse(...FILLED);
  const message = {
    transaction_id: "T9",
    product_id: "P1",
    store_id: "S1",
    quantity: "2",
    unit_price: "3.50",
  };
  writeFileSync(
    join(folder, "till.jsonl"),
    JSON.stringify({ ...message, transaction_date: "2026-02-03", customer_id: "C-1" }),
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, "scripts/stream.mjs"),
      "--warehouse",
      ".",
      "--messages",
      "till.jsonl",
      "--out",
      "made/day.html",
    ],
    { cwd: folder, encoding: "utf8", env: { ...process.env, INIT_CWD: undefined } },
  );
  // Set-up may have built the template first, and said so.
  expect([status, stderr.replaceAll(/^set-up: .*\n/gm, "")]).toEqual([0, ""]);
  const [open, report, summary] = stdout.trim().split("\n");
  expect(open).toContain("2026-02-03 is open: 7.00 revenue, 1 transactions in 1 stores");
  expect(report).toBe(`report: ${join(realpathSync(folder), "made/day.html")}`);
  expect(JSON.parse(summary ?? "")).toMatchObject({ messages: 1, open_days: ["2026-02-03"] });
  const page = readFileSync(join(folder, "made/day.html"), "utf8");
  const packed = /id="document">([^<]*)</.exec(page)?.[1] ?? "";
  const written = inflateSync(Buffer.from(packed, "base64")).toString("latin1");
  expect(written).toContain('"today":{"day":[2]');
  // Nobody writes it again; and the platform's cost is in it.
  expect(written).not.toContain("reload_seconds");
  expect(written).toMatch(/"cost":\{"(missing|basis)"/);
});

test("takes paths from the user's folder", async () => {
  const folder = await warehouse(...FILLED);
  expect(run(folder, ["--warehouse", ".", "--out", "made/here.html"])).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect(readFileSync(join(folder, "made/here.html"), "utf8")).toMatch(/^<!doctype html>/);
});
