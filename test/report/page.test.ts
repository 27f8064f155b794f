import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, figures, follow, launch, open, rowsOf, textOf, writeReports } from "./browser";
import { ANOTHER, MANY_MESSAGES, MESSAGES } from "./messages";
import { FILLED, FROM_LINES, manyLines, RUN_COLUMNS, select, warehouse } from "./warehouse";

jest.setTimeout(240_000);

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What axe-core finds that keeps somebody from using the page; by one rule, or by all. */
async function serious(page: Page, rule?: string): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (only) =>
      (window as unknown as { axe: { run(options: object): Promise<AxeResult> } }).axe.run(
        only === undefined ? {} : { runOnly: [only] },
      ),
    rule,
  );
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
}

const sold = (day: string, amount: string): string =>
  `INSERT INTO sales_lines BY NAME SELECT DATE '${day}' AS transaction_date, 'T1' AS transaction_id, 'P1' AS product_id,
     'S1' AS store_id, 1 AS quantity, 0 AS unit_price, ${amount} AS amount, 0 AS profit`;
const run = (id: string, hour: number, files: string): string =>
  `INSERT INTO etl_runs (${RUN_COLUMNS}) VALUES ('${id}', 'done', TIMESTAMP '2026-02-02 0${String(hour)}:00:00',
     TIMESTAMP '2026-02-02 09:00:00', NULL, NULL, 20, 18, 1, 1, 2, 3, 9.25, ${files})`;

/** The statements that fill each warehouse. */
const WAREHOUSES = {
  filled: FILLED,
  empty: [],
  many: [...manyLines(190, 4, 12, 4), ...FILLED.slice(-2), ...MANY_MESSAGES],
  open: [...FILLED, ...MESSAGES],
  stocked: [
    ...FILLED,
    "UPDATE products SET stock_quantity = 31 WHERE product_id = 'P1'",
    "INSERT INTO products (product_id, product_name, stock_quantity) VALUES ('P9', 'Ice', 7)",
    // Ten minutes of one worker, half a GiB; of the second run nothing is known.
    `UPDATE etl_runs SET bytes_billed = 536870912, slot_seconds = 1234.5, worker_seconds = 600.25, cost_usd = 1.9125
       WHERE run_id = 'first'`,
    // Four Mondays of 1000 lines, and one of 100.
    `INSERT INTO daily_profile SELECT DATE '2026-02-02' - CAST(7 * w AS INTEGER), CASE w WHEN 0 THEN 100 ELSE 1000 END, 500, 0,
       0, '{"S1": 50}', '{"Drinks": 7}' FROM range(5) AS t(w)`,
  ],
  filesPassedOver: [run("early", 1, "NULL"), run("late", 2, "1234")],
  noFilePassedOver: [run("only", 1, "0")],
  checksPassed: [
    `INSERT INTO quality_checks VALUES ('a', 'b', 'c', 'error', true, 0, '=', 0, TIMESTAMP '2026-02-03 01:00:03')`,
  ],
  huge: [
    sold("2026-02-01", "90071992547409931.27"),
    sold("2026-02-02", "90071992547409931.270000001"),
    ...FROM_LINES,
  ],
  cameBack: [
    `INSERT INTO sales_lines BY NAME SELECT DATE '2026-02-01' AS transaction_date, 'T' AS transaction_id,
       'P' AS product_id, 'S' AS store_id, unnest([-4, 1]) AS quantity, 10 AS unit_price, unnest([-40, 10]) AS amount,
       unnest([-16, 4]) AS profit`,
    ...FROM_LINES,
  ],
  future: [
    ...FILLED,
    sold("2159-12-31", "5"),
    "DELETE FROM daily_sales_summary",
    "DELETE FROM daily_product_sales",
    ...FROM_LINES,
  ],
};

const files: Record<string, string> = {};
const folderOf = (name: keyof typeof WAREHOUSES): string => dirname(fileOf(name));

beforeAll(async () => {
  const folders: string[] = [];
  for (const statements of Object.values(WAREHOUSES)) folders.push(await warehouse(...statements));
  writeReports(folders).forEach((file, n) => (files[Object.keys(WAREHOUSES)[n] ?? ""] = file));
  // As BigQuery's with a limit that nothing fits into.
  const [limited = ""] = writeReports([await warehouse(...FILLED)], undefined, 0);
  files.limited = limited;
  const written = [await warehouse(...WAREHOUSES.open), await warehouse(...WAREHOUSES.open, ANOTHER)];
  const [early = "", later = ""] = writeReports(written, undefined, null, { reload_seconds: 1 });
  Object.assign(files, { early, later });
});
type Name = keyof typeof WAREHOUSES | "limited" | "early" | "later";
const fileOf = (name: Name): string => files[name] ?? "";

describeInBrowser("the page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  const opened = async (name: Parameters<typeof fileOf>[0]): Promise<Page> =>
    (await open(browser, fileOf(name))).page;

  test("shows the day that is not over beside the whole of the same weekday, as of the last message", async () => {
    const page = await opened("open");
    expect(await textOf(page, "#today p")).toContain(
      "2026-02-08, not over, as of its last message: 2026-02-08 10:00:30 UTC.",
    );
    // 2 x 100 - 50 + 25.125, half a cent up, of 1200.30; 2 x 60 - 10 of profit; T10 and T12; 50 of 225.125 came back.
    expect(await figures(page)).toMatchObject({
      "Revenue so far": "175.13",
      "Gross profit so far": "110.00",
      "Transactions so far": "2",
      "Return rate so far": "22.2 %",
    });
    const today = await textOf(page, "#today");
    for (const text of [
      "14.6 % of 1,200.30 on all of Sunday 2026-02-01",
      "27.5 % of 400.05 on all",
      "100.0 % of 2 on all",
      "5.2 % on all",
    ])
      expect(today).toContain(text);
    const store = (name: string, now: string, before: string, ...more: readonly string[]) => {
      const [share, profit, transactions, customers, message] = more;
      return {
        Store: name,
        Revenue: now,
        "On 2026-02-01": before,
        "Of that": share,
        "Gross profit": profit,
        Transactions: transactions,
        Customers: customers,
        "Last message, UTC": message,
      };
    };
    expect(await rowsOf(page, "Today by store")).toEqual([
      store("Quay S1", "150.00", "1,000.10", "15.0 %", "110.00", "1", "1", "2026-02-08 09:10:00"),
      store("S3 no reference row", "25.13", "0.00", "–", "0.00", "1", "0", "2026-02-08 10:00:30"),
      store("S2 no reference row", "0.00", "200.20", "0.0 %", "0.00", "0", "0", "none"),
    ]);
    expect(await rowsOf(page, "Earlier days that no run has closed")).toEqual([
      {
        Day: "2026-02-05",
        Revenue: "10.00",
        "Of the weekday before": "–",
        "Gross profit": "\u221230.00",
        Transactions: "1",
        "Last message, UTC": "2026-02-08 08:00:00",
      },
    ]);
    await follow(page, "#period=all&store=S2");
    expect(await textOf(page, "#today")).toContain("No message of 2026-02-08 is from the chosen stores.");
    expect(await rowsOf(page, "Today by store")).toHaveLength(1);
    await follow(page, "#period=all&category=Drinks");
    expect(await textOf(page, "#today")).toContain("The open day is known by store, not by category.");
    // Without a message there is no such day.
    expect(await (await opened("filled")).$("#today")).toBeNull();
  });

  test("gives the open day the figures of SQL over the messages, of all stores, a region and a store", async () => {
    const page = await opened("many");
    for (const [choice, where] of [
      ["", "true"],
      ["region=Region+1", "region = 'Region 1'"],
      ["store=S002", "store_id = 'S002'"],
    ] as const) {
      await follow(page, `#period=last-28&compare=before&${choice}`);
      const [row] = await select(
        folderOf("many"),
        `WITH lines AS (SELECT DISTINCT region, store_id, transaction_id, product_id, customer_id,
             CAST(quantity AS DECIMAL(18, 3)) AS quantity, CAST(unit_price AS DECIMAL(18, 2)) AS unit_price
           FROM streamed_sales LEFT JOIN stores USING (store_id) WHERE ${where})
         SELECT format('{:,.2f}', CAST(SUM(quantity * unit_price) AS DOUBLE)) AS "Revenue so far",
           CAST(COUNT(DISTINCT (store_id, transaction_id)) FILTER (quantity > 0) AS VARCHAR) AS "Transactions so far"
         FROM lines`,
      );
      expect(await figures(page)).toMatchObject(row ?? { none: "" });
      const [before] = await select(
        folderOf("many"),
        `SELECT format('{:,.2f}', CAST(SUM(amount) AS DOUBLE)) AS revenue FROM sales_lines
           LEFT JOIN stores USING (store_id) WHERE transaction_date = DATE '2026-03-25' AND ${where}`,
      );
      expect(await textOf(page, "#today")).toContain(
        `of ${String(before?.revenue)} on all of Wednesday 2026-03-25`,
      );
    }
  });

  test("loads itself again at the same place while it is written again, until somebody stops it", async () => {
    const file = join(dirname(fileOf("open")), "written-again.html");
    copyFileSync(fileOf("early"), file);
    const { page, errors } = await open(browser, file, "#period=last-7&store=S1");
    expect(await textOf(page, "header")).toContain("Loads itself again every 1 seconds.");
    await page.evaluate(() => {
      scrollTo(0, 300);
    });
    copyFileSync(fileOf("later"), file);
    // 9 more than 150.
    await page.waitForFunction(() =>
      document.querySelector('[data-figure="Revenue so far"]')?.textContent.includes("159.00"),
    );
    expect(new URL(page.url()).hash).toContain("store=S1");
    await page.waitForFunction(() => scrollY === 300);
    await page.click("header button");
    await page.evaluate(() => Object.assign(window, { same: true }));
    await page.waitForTimeout(1500);
    expect(await page.evaluate(() => "same" in window)).toBe(true);
    expect(await textOf(page, "header")).toContain("Does not load itself again.");
    // Nobody writes it again: it stays as it is.
    copyFileSync(fileOf("open"), file);
    await page.reload();
    await page.waitForSelector("#quality");
    expect(await textOf(page, "header")).not.toContain("oad itself");
    expect(errors).toEqual([]);
  });

  test("names the stock that runs out, the stock that lies dead, and the days that are unusual", async () => {
    const page = await opened("stocked");
    expect(await rowsOf(page, "Products by signal")).toMatchObject([
      { Signal: "rising", Products: "2", "With a stock figure": "1" },
      { Signal: "dead", Products: "1", "With a stock figure": "1" },
    ]);
    // 31 pieces in the two days since its first sale, 31 in stock.
    expect(await rowsOf(page, "Stock lasts less than 14 days")).toEqual([
      {
        Product: "Tea <strong> P1",
        "Pieces a day": "15.5",
        Before: "–",
        "Days since a sale": "0",
        "In stock": "31.0",
        "Lasts days": "2.0",
      },
    ]);
    expect(await rowsOf(page, "In stock, without a sale in 28 days")).toMatchObject([
      {
        Product: "Ice P9",
        "Pieces a day": "–",
        "Days since a sale": "–",
        "In stock": "7.0",
        "Lasts days": "–",
      },
    ]);
    const [unusual, ...others] = await rowsOf(page, "Unusual days since 2025-11-04");
    expect(unusual).toEqual({
      Day: "2026-02-02",
      Found: "100 lines",
      "Usual on this weekday": "1,000 lines",
    });
    expect(others).toEqual([]);
    // 20 lines in 9.25 seconds.
    expect((await rowsOf(page, "What the last runs took")).at(-1)).toMatchObject({
      Run: "first",
      "Lines read": "20",
      Seconds: "9.3",
      "Lines a second": "2",
      "Worker seconds": "600",
      // 1234.5, rounded half up as JavaScript does.
      "Slot seconds": "1,235",
      "GiB billed": "0.50",
      "US dollars": "1.9125",
    });
    expect((await rowsOf(page, "What the last runs took"))[0]).toMatchObject({
      Run: "second",
      "Worker seconds": "–",
      "GiB billed": "–",
      "US dollars": "–",
    });
    const quiet = await opened("filled");
    expect(await textOf(quiet, "#quality")).toContain("no day is unlike the same weekdays before it");
    expect(await textOf(quiet, "#inventory")).toContain("No stock figure is known");
    // Nobody bills a run on one machine: the page says so, and has no empty columns.
    expect(await textOf(quiet, "#cost")).toContain("nobody bills a run on one machine");
    expect(await textOf(quiet, "#cost")).not.toContain("GiB billed");
  });

  test("says what it left out because it would read too many lines, and keeps the rest", async () => {
    const page = await opened("limited");
    const allowed =
      "left out: the queries of this page may read 0.0 GiB of sales lines, and these would be more.";
    expect(await figures(page)).toMatchObject({ Revenue: "1,234.31", Transactions: "3", Customers: "–" });
    expect(await textOf(page, "#overview")).toContain(`The customers of this period are ${allowed}`);
    expect(await textOf(page, "#customers")).toContain(`The segments of the customers are ${allowed}`);
    await follow(page, "#period=all&category=Drinks");
    // 1000.10 and 34.005 of tea, in two transactions that nobody counted.
    expect(await figures(page)).toMatchObject({
      Revenue: "1,034.11",
      Transactions: "–",
      "Basket value": "–",
    });
    expect(await textOf(page, "#overview")).toContain(`The transactions of a category are ${allowed}`);
  });

  test("shows the figures of two days to the cent, names, and what has no reference row", async () => {
    const page = await opened("filled");
    // 1000.10 + 200.20 + 34.005 = 1234.305, half a cent up; profit 400.05 + 0 - 10; three sales, of two customers;
    // 1300 was sold before 65.695 of it came back.
    expect(await figures(page)).toEqual({
      Revenue: "1,234.31",
      "Gross profit": "390.05",
      Margin: "31.6 %",
      Transactions: "3",
      "Basket value": "411.44",
      Customers: "2",
      "Revenue a customer": "617.15",
      "Return rate": "5.1 %",
    });
    expect(await textOf(page, "header")).toContain(
      "Data as of 2026-02-02. Last run done: 2026-02-02 01:00:09 UTC. Days since 2026-02-01.",
    );
    expect(await rowsOf(page, "Stores with the most revenue")).toMatchObject([
      { Store: "Quay S1", Region: "West", Revenue: "1,034.11", "Return rate": "0.0 %" },
      // 65.695 of the 265.895 that was sold.
      { Store: "S2 no reference row", Region: "–", Revenue: "200.20", "Return rate": "24.7 %" },
    ]);
    expect(await rowsOf(page, "Products with the most revenue")).toMatchObject([
      { Product: "Tea <strong> P1", Category: "Drinks", Quantity: "31" },
      { Product: "P2 no reference row", Category: "–", Quantity: "3.25" },
    ]);
    await page.click("#trend-table summary");
    expect(await rowsOf(page, "Figures by day")).toMatchObject([
      {
        Day: "2026-02-01",
        Revenue: "1,200.30",
        "Gross profit": "400.05",
        Returned: "65.70",
        Transactions: "2",
      },
      {
        Day: "2026-02-02",
        Revenue: "34.01",
        "Gross profit": "\u221210.00",
        Returned: "0.00",
        Transactions: "1",
      },
    ]);
  });

  test("shows the runs, every check of the newest one that made any, and what did not pass before", async () => {
    const page = await opened("filled");
    const quality = await textOf(page, "#quality");
    for (const text of [
      "Last run, refused: 0 lines read = 0 loaded + 0 duplicate + 0 quarantined.",
      "Run second, 2026-02-03 01:00:03 UTC: 1 of 2 checks passed, nothing was published.",
    ])
      expect(quality).toContain(text);
    expect(await rowsOf(page, "Checks of the newest run")).toEqual([
      {
        Check: "bad_lines",
        "What must hold": "few lines are bad",
        Found: "0.5 \u2264 0.05",
        Result: "failed",
      },
      {
        Check: "rows_of_days",
        "What must hold": "some lines have a product & a store",
        Found: "1,200 \u2265 1",
        Result: "passed",
      },
    ]);
    expect(await rowsOf(page, "Checks that did not pass in earlier runs")).toMatchObject([
      { Run: "first", Check: "unmatched_stores", Found: "0.166666666 \u2264 0.05", Result: "warning" },
      { Run: "zeroth", Check: "duplicate_days", Found: "10 = 0", Result: "failed" },
    ]);
    expect((await rowsOf(page, "Last runs")).map(({ Run }) => Run)).toEqual(["second", "first"]);
    expect(await rowsOf(page, "Reasons of the lines in quarantine")).toEqual([
      { Reason: "quantity is not a plain decimal", Lines: "1" },
    ]);
    expect(await page.isVisible("#checks table")).toBe(true);
  });

  test("has no customer_id, not even of a line in quarantine or of a message", () => {
    const file = fileOf("open");
    const packed =
      /<script type="text\/plain" id="document">([^<]*)</.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    const written = inflateSync(Buffer.from(packed, "base64")).toString("latin1");
    expect(written).toContain("sales_data/sales.csv");
    expect(written).toContain("2026-02-08 10:00:30");
    expect(written).not.toMatch(/CUSTOMER-[78]/);
  });

  test("names the files that the last run passed over", async () => {
    const page = await opened("filesPassedOver");
    expect(await textOf(page, "#quality")).toContain("1,234 files were passed over because of their names");
    expect((await rowsOf(page, "Last runs")).map((row) => row["Files passed over"])).toEqual(["1,234", "0"]);
    expect(await textOf(await opened("noFilePassedOver"), "#quality")).not.toContain("were passed over");
  });

  test("of runs whose checks all passed has no word of failure", async () => {
    const page = await opened("checksPassed");
    const quality = await textOf(page, "#quality");
    expect(quality).toContain("1 of 1 checks passed.");
    expect(quality).not.toContain("did not pass");
    expect(await page.isVisible("#checks table")).toBe(false);
  });

  test("keeps every digit of sums that a binary number cannot hold", async () => {
    const page = await opened("huge");
    expect((await figures(page)).Revenue).toBe("180,143,985,094,819,862.54");
  });

  test("of a day on which more came back than was sold has no margin, and a return rate above one", async () => {
    const page = await opened("cameBack");
    expect(await figures(page)).toMatchObject({
      Revenue: "\u221230.00",
      Margin: "–",
      "Return rate": "400.0 %",
      Customers: "0",
      "Revenue a customer": "–",
    });
  });

  test("of an empty warehouse says what to do", async () => {
    const page = await opened("empty");
    expect(await textOf(page, "#sections")).toContain("No line is loaded yet: run npm run etl on a lake.");
    expect(await page.isVisible("#filter")).toBe(false);
    expect(await page.$$(".chart")).toHaveLength(0);
  });

  test("leaves out days after the last run, and says so", async () => {
    const page = await opened("future");
    expect(await textOf(page, "header")).toContain("Data as of 2026-02-02.");
    expect(await textOf(page, "header")).toContain("Days after the last run, to 2159-12-31, are left out.");
    expect((await figures(page)).Revenue).toBe("1,234.31");
  });

  describe.each(["light", "dark"] as const)("with everything in it, %s", (colorScheme) => {
    test.each([1200, 390])("draws every chart without a complaint, %i pixels wide", async (width) => {
      const viewport = { width, height: 900 };
      const { page, errors, requests } = await open(browser, fileOf("many"), "", { colorScheme, viewport });
      for (const hash of [
        "#period=last-28",
        "#period=all&compare=none",
        "#period=last-91&category=Category+2",
      ]) {
        await page.evaluate((to) => {
          location.hash = to;
        }, hash);
        await page.waitForTimeout(100);
        const drawn = await page.$$eval(".chart", (found) =>
          found.map((one) => one.querySelectorAll("svg path").length),
        );
        expect(drawn.length).toBeGreaterThanOrEqual(5);
        expect(Math.min(...drawn)).toBeGreaterThan(2);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        ).toBeLessThanOrEqual(0);
      }
      expect(errors).toEqual([]);
      expect(requests).toEqual([]);
      await page.close();
    });

    test("has no serious finding of axe-core", async () => {
      // Nothing but colours depends on the theme.
      const rule = colorScheme === "dark" ? "color-contrast" : undefined;
      const { page } = await open(browser, fileOf("many"), "", { colorScheme });
      expect(await serious(page, rule)).toEqual([]);
      await page.close();
      // Tables that are open, of a warehouse with few rows: axe-core looks at each cell.
      const { page: small } = await open(browser, fileOf("filled"), "", { colorScheme });
      for (const summary of await small.$$("summary")) await summary.click();
      expect(await serious(small, rule)).toEqual([]);
      await small.close();
    });
  });

  test("is used by keyboard alone: each control and each table is reached, and a table opens", async () => {
    const page = await opened("many");
    const reached = new Set<string>();
    for (let key = 0; key < 60; key += 1) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate(
        () =>
          document.activeElement?.getAttribute("name") ??
          document.activeElement?.getAttribute("aria-label") ??
          document.activeElement?.parentElement?.id ??
          "",
      );
      // The last key may have come around: a second one would close the table again.
      if (name === "trend-table" && !reached.has(name)) await page.keyboard.press("Enter");
      reached.add(name);
    }
    for (const name of [
      "period",
      "compare",
      "region",
      "store",
      "category",
      "trend-table",
      "Figures by day",
      "Rising",
    ])
      expect(reached).toContain(name);
    expect(await page.isVisible("#trend-table table")).toBe(true);
  });

  test("prints dark text on white, without the filter, whatever the theme", async () => {
    const { page } = await open(browser, fileOf("filled"), "", {
      colorScheme: "dark",
    });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.isVisible("#filter")).toBe(false);
    const [text, surface] = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      return [style.color, style.getPropertyValue("--surface").trim()];
    });
    expect([text, surface]).toEqual(["rgb(15, 23, 42)", "#ffffff"]);
    expect(await page.$$eval(".chart text", ([first]) => first?.getAttribute("fill"))).toBe("#475569");
  });

  test("lets no other script run and asks nobody for anything", async () => {
    const { page, errors } = await open(browser, fileOf("filled"));
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'run'";
      document.body.append(script);
      document.body.append(Object.assign(new Image(), { src: "https://example.com/a.png" }));
    });
    await page.waitForTimeout(200);
    expect(await page.title()).toBe("Sales, 2026-02-01 to 2026-02-02");
    expect(errors.filter((error) => error.includes("Content Security Policy"))).toHaveLength(2);
  });
});

test("the page is one file: its policy allows its own script and style by their hashes", () => {
  const page = readFileSync(fileOf("filled"), "utf8");
  const part = (pattern: RegExp): string => pattern.exec(page)?.[1] ?? "";
  const hash = (text: string | Buffer): string =>
    `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const program = inflateSync(Buffer.from(part(/id="program">([^<]*)</), "base64"));
  expect(part(/Content-Security-Policy" content="([^"]*)"/)).toBe(
    `default-src 'none'; script-src ${hash(part(/<script>([\s\S]*?)<\/script>/))} ${hash(program)}; ` +
      `style-src ${hash(part(/<style>([^<]*)<\/style>/))}; base-uri 'none'; form-action 'none'`,
  );
  expect(page).not.toMatch(/<link|<img|<iframe|@import|url\(|\bsrc=|https?:/i);
  // What came in the data is in the packed document alone.
  // Base64 has no blank.
  expect(page).not.toContain("Tea ");
});
