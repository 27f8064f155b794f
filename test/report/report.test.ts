import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readFigures } from "../../report/figures";
import { grouped, percent } from "../../report/format";
import { html } from "../../report/html";
import { report } from "../../report/main";
import { FILLED, warehouse } from "./warehouse";

/** The page without a synthesized stack: what it costs is cost.test.ts's. */
const write = async (folder: string): Promise<string> =>
  readFileSync(await report(folder, "report.html", folder, join(folder, "no-stacks")), "utf8");

describe("the figures", () => {
  test("add up exactly, to the cent", async () => {
    const { totals, days } = await readFigures(join(await warehouse(...FILLED), "warehouse.duckdb"));
    // 1000.10 + 200.20 + 34.005 = 1234.305, half a cent up; profit 400.05 + 0 - 10.
    expect(totals).toMatchObject({
      firstDay: "2026-02-01",
      lastDay: "2026-02-02",
      revenue: "1234.31",
      profit: "390.05",
      quantity: "34.25",
      returned: "65.70",
      products: "2",
      stores: "2",
    });
    expect(totals.margin).toBeCloseTo(390.05 / 1234.305, 9);
    // 1300 was sold before 65.695 of it came back.
    expect(totals.returnRate).toBeCloseTo(65.695 / 1300, 9);
    expect(days).toEqual([
      { day: "2026-02-01", revenue: "1200.30", profit: "400.05", returned: "65.70" },
      { day: "2026-02-02", revenue: "34.01", profit: "-10.00", returned: "0.00" },
    ]);
  });

  test("rank by revenue, the newest run first", async () => {
    const { products, stores, runs } = await readFigures(
      join(await warehouse(...FILLED), "warehouse.duckdb"),
    );
    expect(products.map(({ id }) => id)).toEqual(["P1", "P2"]);
    expect(stores.map(({ id }) => id)).toEqual(["S1", "S2"]);
    expect(products.map(({ quantity }) => quantity)).toEqual(["31", "3.25"]);
    // 65.695 of the 265.895 that was sold.
    for (const [, second] of [products, stores]) expect(second?.returnRate).toBeCloseTo(65.695 / 265.895, 9);
    expect(runs.map(({ runId }) => runId)).toEqual(["second", "first"]);
  });

  test("keep every digit of sums that a binary number cannot hold", async () => {
    const huge = await warehouse(
      `INSERT INTO daily_sales_summary VALUES (DATE '2026-02-01', 'S1', NULL, NULL, 90071992547409931.27, 1, 1, 1, 0, 0, 0)`,
    );
    const { totals } = await readFigures(join(huge, "warehouse.duckdb"));
    expect(totals.revenue).toBe("90071992547409931.27");
    expect(await write(huge)).toContain("90,071,992,547,409,931.27");
  });
});

test("a day on which more came back than was sold has no margin, and a return rate above one", async () => {
  const folder = await warehouse(
    `INSERT INTO daily_sales_summary VALUES (DATE '2026-02-01', 'S1', NULL, NULL, -30, -2, 1, 1, -12, 3, 40)`,
  );
  const { totals } = await readFigures(join(folder, "warehouse.duckdb"));
  expect(totals).toMatchObject({
    revenue: "-30.00",
    margin: null,
    quantity: "-2",
    returned: "40.00",
    returnRate: 4,
  });
  expect(await write(folder)).toContain("\u221230.00");
});

describe("the page", () => {
  test("shows totals, names, what has no reference row, and the balance", async () => {
    const page = await write(await warehouse(...FILLED));
    for (const text of [
      "2026-02-01 to 2026-02-02",
      "<strong>1,234.31</strong>",
      "<strong>31.6 %</strong>",
      "2026-02-02, net of returns",
      "<span>Returned</span><strong>65.70</strong>",
      "<span>Return rate</span><strong>5.1 %</strong>",
      '<td class="number">24.7 %</td>',
      "Quay <small>S1</small>",
      "P2 <small>no reference row</small>",
      "0 lines read = 0 loaded",
      "quantity is not a plain decimal",
      "\u221210.00",
    ]) {
      expect(page).toContain(text);
    }
    // One chart by day, one of products, one of stores; the last run read no line, so none of its balance.
    expect(page.match(/<svg/g)).toHaveLength(3);
  });

  test("shows every check of the newest run that made any, and what did not pass before", async () => {
    const { checks } = await readFigures(join(await warehouse(...FILLED), "warehouse.duckdb"));
    expect(checks.map(({ runId, name, latest }) => [runId, name, latest])).toEqual([
      ["second", "bad_lines", true],
      ["second", "rows_of_days", true],
      ["first", "unmatched_stores", false],
      ["zeroth", "duplicate_days", false],
    ]);
    const page = (await write(await warehouse(...FILLED))).replaceAll(/\s+/g, " ");
    for (const text of [
      "Run second, 2026-02-03 01:00:03 UTC: 1 of 2 checks passed, nothing was published.",
      '<td class="number">0.5 \u2264 0.05</td><td><strong class="failed">failed</strong></td>',
      '<td>some lines have a product &amp; a store</td><td class="number">1,200 \u2265 1</td><td>passed</td>',
      '<td class="number">0.166666666 \u2264 0.05</td><td><strong class="failed">warning</strong></td>',
      '<td>duplicate_days</td><td class="number">10 = 0</td>',
    ]) {
      expect(page).toContain(text);
    }
  });

  test("says that files of the last run were passed over, and of how many in which run", async () => {
    const run = (id: string, hour: number, files: string) =>
      `INSERT INTO etl_runs VALUES ('${id}', 'done', TIMESTAMP '2026-02-02 0${hour}:00:00',
         TIMESTAMP '2026-02-02 09:00:00', NULL, NULL, 20, 18, 1, 1, 2, 3, 9.25, ${files})`;
    const page = (await write(await warehouse(run("early", 1, "NULL"), run("late", 2, "1234")))).replaceAll(
      /\s+/g,
      " ",
    );
    expect(page).toContain("<strong>1,234 files were passed over</strong> because of their names");
    expect(page.match(/<td class="number">(0|1,234)<\/td><td class="number">9\.3<\/td>/g)).toHaveLength(2);
    expect(await write(await warehouse(run("only", 1, "0")))).not.toContain("were passed over");
  });

  test("of runs whose checks all passed has no word of failure", async () => {
    const passed = await warehouse(
      `INSERT INTO quality_checks VALUES ('a', 'b', 'c', 'error', true, 0, '=', 0, TIMESTAMP '2026-02-03 01:00:03')`,
    );
    const page = (await write(passed)).replaceAll(/\s+/g, " ");
    expect(page).toContain("1 of 1 checks passed. </p>");
    expect(page).not.toContain("did not pass");
  });

  test("needs nothing but itself: no script, no address that a browser would load", async () => {
    const page = await write(await warehouse(...FILLED));
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\bsrc=/i);
    expect(page.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:/);
  });

  test("escapes what came in the data, in tables and in charts", async () => {
    const page = await write(await warehouse(...FILLED));
    expect(page).not.toContain("<script>");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).not.toContain("Tea <strong>");
    expect(page).toContain("Tea &lt;strong&gt;");
  });

  test("of an empty warehouse says what to do", async () => {
    const page = await write(await warehouse());
    expect(page).toContain("No line is loaded yet");
    expect(page).not.toContain("<svg");
  });
});

describe("the command", () => {
  const refused = (warehouse: string, out: string, cwd: string): Promise<unknown> =>
    report(warehouse, out, cwd).then(
      () => "written",
      (error: unknown) => error,
    );
  const run = (
    cwd: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): ReturnType<typeof spawnSync> =>
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
    expect(await refused("sub", "a.html", folder)).toMatchObject({
      code: 2,
      message: /--warehouse sub: there is no warehouse.duckdb in it/,
    });
    expect(await refused(".", "sub", folder)).toMatchObject({
      code: 2,
      message: /--out sub is a folder/,
    });
  });

  test("leaves an earlier page alone when the warehouse cannot be read", async () => {
    const folder = await warehouse();
    writeFileSync(join(folder, "report.html"), "earlier");
    writeFileSync(join(folder, "warehouse.duckdb"), "no database at all");
    expect(await refused(".", "report.html", folder)).toMatchObject({
      code: 1,
      message: /cannot be read as a warehouse/,
    });
    expect(readFileSync(join(folder, "report.html"), "utf8")).toBe("earlier");
    expect(readdirSync(folder).sort()).toEqual(["report.html", "warehouse.duckdb"]);
  });

  test("takes paths from the user's folder and prints one line on failure", async () => {
    const folder = await warehouse(...FILLED);
    expect(run(folder, ["--warehouse", ".", "--out", "made/here.html"])).toMatchObject({ status: 0 });
    expect(readFileSync(join(folder, "made/here.html"), "utf8")).toContain("1,234.31");
    expect(run(folder, ["--warehouse", "nowhere", "--out", "a.html"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: --warehouse nowhere: [^\n]*\n$/) as string,
    });
  });
});

test.each([
  ["0.00", "0.00"],
  ["999", "999"],
  ["1000", "1,000"],
  ["-1234567.8900", "\u22121,234,567.8900"],
])("%s is written %s", (digits, written) => {
  expect(grouped(digits)).toBe(written);
});

test("a ratio is a percentage, and no ratio a dash", () => {
  expect([percent(0.12345), percent(-0.5), percent(null)]).toEqual(["12.3 %", "\u221250.0 %", "–"]);
});

test("templates escape texts and keep markup", () => {
  expect(html`<b title="${`"'`}">${[html`<i></i>`, "&"]}</b>`.text).toBe(
    '<b title="&quot;&#39;"><i></i>&amp;</b>',
  );
});
