import type { Browser, Page } from "playwright-core";
import { describeInBrowser, figures, follow, launch, open, rowsOf, textOf, writeReport } from "./browser";
import { manyLines, select, warehouse } from "./warehouse";

jest.setTimeout(120_000);

/** What a reader may choose, and the same in SQL. */
interface Asked {
  readonly hash: string;
  readonly days: readonly [string, string];
  readonly before: readonly [string, string] | null;
  readonly where?: string;
  /** Whether somebody counted the customers of the choice. */
  readonly counted: boolean;
}

const ASKED = {
  "four weeks": {
    hash: "#period=last-28&compare=before",
    days: ["2026-03-04", "2026-03-31"],
    before: ["2026-02-04", "2026-03-03"],
    counted: true,
  },
  "a week of a region": {
    hash: "#period=last-7&compare=before&region=Region+1",
    days: ["2026-03-25", "2026-03-31"],
    before: ["2026-03-18", "2026-03-24"],
    where: "region = 'Region 1'",
    counted: true,
  },
  "a month of a store": {
    hash: "#period=2026-02&compare=before&store=S002",
    days: ["2026-02-01", "2026-02-28"],
    before: ["2026-01-01", "2026-01-31"],
    where: "store_id = 'S002'",
    counted: true,
  },
  "a category in a region, from day to day": {
    hash: "#period=2026-03-03..2026-03-09&compare=before&region=Region+0&category=Category+3",
    days: ["2026-03-03", "2026-03-09"],
    before: ["2026-02-24", "2026-03-02"],
    where: "region = 'Region 0' AND category = 'Category 3'",
    counted: false,
  },
  "the products without a reference row in one store": {
    hash: "#period=all&compare=before&store=S001&category=",
    days: ["2025-01-31", "2026-03-31"],
    before: null,
    where: "store_id = 'S001' AND category IS NULL",
    counted: false,
  },
  "a month beside the one a year before": {
    hash: "#period=2026-03&compare=year",
    days: ["2026-03-01", "2026-03-31"],
    before: ["2025-03-01", "2025-03-31"],
    counted: true,
  },
  "days beside those 52 weeks before": {
    hash: "#period=2026-03-30..2026-03-31&compare=year",
    days: ["2026-03-30", "2026-03-31"],
    before: ["2025-03-31", "2025-04-01"],
    counted: false,
  },
} satisfies Record<string, Asked>;

const LINES = `(SELECT line.*, region, category FROM sales_lines AS line LEFT JOIN stores USING (store_id)
  LEFT JOIN products USING (product_id))`;
const money = (sql: string): string => `format('{:,.2f}', CAST(ROUND(${sql}, 2) AS DOUBLE))`;
const percent = (sql: string): string =>
  `format('{:,.1f} %', CAST(ROUND(100 * CAST(${sql} AS DECIMAL(18, 9)), 1) AS DOUBLE))`;
const within = ([first, last]: readonly [string, string], where = "true"): string =>
  `transaction_date BETWEEN DATE '${first}' AND DATE '${last}' AND (${where})`;
const RETURNED = "COALESCE(-SUM(amount) FILTER (quantity < 0), 0)";
const TRANSACTIONS = "COUNT(DISTINCT (transaction_date, store_id, transaction_id)) FILTER (quantity > 0)";

/** The figures of the lines themselves, not of a table that was made of them. */
async function fromLines(folder: string, { days, where, counted }: Asked): Promise<Record<string, unknown>> {
  const customers = "COUNT(DISTINCT customer_key) FILTER (quantity > 0)";
  const [row] = await select(
    folder,
    `SELECT ${money("SUM(amount)")} AS "Revenue", ${money("SUM(profit)")} AS "Gross profit",
       ${percent("SUM(profit) / SUM(amount)")} AS "Margin", format('{:,}', ${TRANSACTIONS}) AS "Transactions",
       ${money(`SUM(amount) / ${TRANSACTIONS}`)} AS "Basket value",
       ${counted ? `format('{:,}', ${customers})` : "'–'"} AS "Customers",
       ${counted ? money(`SUM(amount) / ${customers}`) : "'–'"} AS "Revenue a customer",
       ${percent(`${RETURNED} / (SUM(amount) + ${RETURNED})`)} AS "Return rate"
     FROM ${LINES} WHERE ${within(days, where)}`,
  );
  return row ?? {};
}

/** Of all stores but S005, whose history is short; of an earlier day too, which nobody should see. */
const FORECAST = [
  `INSERT INTO revenue_forecast SELECT format('S{:03d}', s), through + CAST(ahead AS INTEGER), 1000 + 10 * s + ahead + 0.25,
     -5, 3000 + s, 'model', through FROM range(5) AS a(s), range(1, 29) AS b(ahead),
     (SELECT unnest([DATE '2026-03-31', DATE '2026-03-29']) AS through)`,
  `INSERT INTO forecast_accuracy VALUES
     ('*', 28, 0.4321, 0.5, 0.75, 'model', DATE '2026-03-31', 425, 1, NULL),
     ('S001', 28, 0.6, 0.5, 0.75, 'model', DATE '2026-03-31', 425, 1, NULL),
     ('S005', 0, NULL, NULL, NULL, 'model', DATE '2026-03-31', 20, 1, 'fewer than 56 days of history')`,
];

describeInBrowser("the filter", () => {
  let [browser, folder, file, page] = [{} as Browser, "", "", {} as Page];
  beforeAll(async () => {
    folder = await warehouse(...manyLines(425, 6, 30, 10), ...FORECAST);
    file = writeReport(folder);
    browser = await launch();
    ({ page } = await open(browser, file));
  });
  afterAll(() => browser.close());

  const go = (hash: string): Promise<void> => follow(page, hash);

  test.each<[string, Asked]>(Object.entries(ASKED))("gives the figures of SQL: %s", async (_, asked) => {
    await go(asked.hash);
    expect(await figures(page)).toEqual(await fromLines(folder, asked));
  });

  test.each<[string, Asked]>(Object.entries(ASKED))(
    "compares with the figures of SQL: %s",
    async (_, asked) => {
      await go(asked.hash);
      const shown = await textOf(page, "#overview");
      if (asked.before === null) {
        expect(shown).toContain("Nothing to compare with: figures begin on 2025-01-31.");
        expect(shown).not.toContain("from");
        return;
      }
      const before = await fromLines(folder, { ...asked, days: asked.before });
      const [grown] = await select(
        folder,
        `SELECT ${percent("now / before - 1")} AS growth FROM
         (SELECT SUM(amount) AS now FROM ${LINES} WHERE ${within(asked.days, asked.where)}),
         (SELECT SUM(amount) AS before FROM ${LINES} WHERE ${within(asked.before, asked.where)})`,
      );
      const growth = String(grown?.growth)
        .replace(/^-/, "\u2212")
        .replace(/^(?=\d)/, "+");
      expect(shown).toContain(`${asked.days.join(" to ")} against ${asked.before.join(" to ")}`);
      expect(shown).toContain(`${growth} from ${String(before.Revenue)}`);
      for (const label of ["Gross profit", "Transactions", "Return rate", "Basket value"])
        expect(shown).toContain(`from ${String(before[label])}`.replace(/\.00$/, ""));
    },
  );

  test("gives each store, region, category and product the figures of SQL", async () => {
    const asked = ASKED["a month of a store"];
    await go("#period=2026-02&compare=before");
    for (const [table, head, column] of [
      [
        "Stores with the most revenue",
        "Store",
        "concat('Store ', CAST(store_id[2:] AS INTEGER), ' ', store_id)",
      ],
      ["Regions", "Region", "COALESCE(region, 'no region')"],
      ["Categories", "Category", "COALESCE(category, 'no category')"],
      [
        "Products with the most revenue",
        "Product",
        `CASE WHEN category IS NULL THEN product_id || ' no reference row'
          ELSE concat('Product ', CAST(product_id[2:] AS INTEGER), ' ', product_id) END`,
      ],
    ] as const) {
      const expected = await select(
        folder,
        `SELECT ${column} AS "${head}", ${money("SUM(amount)")} AS "Revenue", ${money("SUM(profit)")} AS "Gross profit",
           ${percent("SUM(profit) / SUM(amount)")} AS "Margin",
           ${percent(`${RETURNED} / (SUM(amount) + ${RETURNED})`)} AS "Return rate"
         FROM ${LINES} WHERE ${within(asked.days)} GROUP BY 1 ORDER BY SUM(amount) DESC LIMIT 10`,
      );
      const shown = (await rowsOf(page, table)).map((row) =>
        Object.fromEntries(
          [head, "Revenue", "Gross profit", "Margin", "Return rate"].map((name) => [name, row[name]]),
        ),
      );
      expect(expected.length).toBeGreaterThan(3);
      expect(shown).toEqual(expected);
    }
    const [store] = await rowsOf(page, "Stores with the most revenue");
    const [counted] = await select(
      folder,
      `SELECT format('{:,}', COUNT(DISTINCT customer_key)) AS customers FROM sales_lines
       WHERE ${within(asked.days)} AND quantity > 0 AND store_id = '${(store?.Store ?? "").split(" ").at(-1) ?? ""}'`,
    );
    expect(store?.Customers).toBe(counted?.customers);
  });

  test("ranks the products that rise and fall as SQL does", async () => {
    await go("#period=last-28&compare=before&store=S003");
    const changes = (direction: string): Promise<Record<string, unknown>[]> =>
      select(
        folder,
        `SELECT product_id FROM (
           SELECT product_id, COALESCE(SUM(amount) FILTER (${within(["2026-03-04", "2026-03-31"])}), 0)
             - COALESCE(SUM(amount) FILTER (${within(["2026-02-04", "2026-03-03"])}), 0) AS change
           FROM sales_lines WHERE store_id = 'S003' GROUP BY product_id)
         WHERE change ${direction === "DESC" ? ">" : "<"} 0 ORDER BY change ${direction} LIMIT 10`,
      );
    for (const [table, direction] of [
      ["Rising", "DESC"],
      ["Falling", "ASC"],
    ] as const) {
      const expected = (await changes(direction)).map(({ product_id }) => product_id);
      expect(expected.length).toBeGreaterThan(3);
      const shown = (await rowsOf(page, table)).map(({ Product: name = "" }) => /P\d{3}/.exec(name)?.[0]);
      expect(shown).toEqual(expected);
    }
  });

  test("shows the forecast of the chosen stores, and whether it is of use", async () => {
    const shown = async (hash: string): Promise<string> => {
      await go(hash);
      return textOf(page, "#forecast");
    };
    // 28 days of 1000.25 + 10 s, and 1 + ... + 28 = 406: S000 to S004 make 5 x 28 x 1000.25 + 28 x 100 + 5 x 406.
    const all = await shown("#period=last-7&compare=none");
    expect(all).toContain("in the 28 days after 2026-03-31: 144,865.00, of 5 of 6 stores.");
    expect(all).toContain("wrong by 43.2 % of the revenue, which is better than the naive forecast");
    expect(all).toContain("Bounds of 80 % are those of a single store");
    expect((await rowsOf(page, "Forecast by day"))[0]).toEqual({
      Day: "2026-04-01",
      Revenue: "5,106.25",
      Lower: "–",
      Upper: "–",
    });
    expect(await rowsOf(page, "How good the forecast is by store")).toContainEqual(
      expect.objectContaining({ Store: "Store 5 S005", "Why none": "fewer than 56 days of history" }),
    );
    const one = await shown("#period=2026-02&compare=none&store=S001");
    // 28 x 1010.25 + 406
    expect(one).toContain("in the 28 days after 2026-03-31: 28,693.00.");
    expect(one).toContain("wrong by 60.0 % of the revenue, which is no better than the naive forecast");
    expect((await rowsOf(page, "Forecast by day")).at(-1)).toEqual({
      Day: "2026-04-28",
      Revenue: "1,038.25",
      Lower: "\u22125.00",
      Upper: "3,001.00",
    });
    expect(await shown("#period=last-7&store=S005")).toContain("No forecast: fewer than 56 days of history.");
    expect(await shown("#period=last-7&category=Category+1")).toContain("by store, not by category");
  });

  test("shows the segments of the view and, by month of the first sale, the share that came back", async () => {
    await go("#period=last-7&compare=none&store=S001");
    const segments = await select(
      folder,
      `SELECT segment AS "Segment", format('{:,}', COUNT(*)) AS "Customers", ${money("SUM(revenue)")} AS "Revenue",
         ${money("SUM(revenue) / SUM(transactions)")} AS "Basket value"
       FROM customer_segments GROUP BY segment ORDER BY SUM(revenue) DESC`,
    );
    const shown = await rowsOf(page, "Segments");
    expect(segments.length).toBeGreaterThan(3);
    expect(
      shown.map(({ Segment, Customers, Revenue, "Basket value": basket }) => ({
        Segment,
        Customers,
        Revenue,
        "Basket value": basket,
      })),
    ).toEqual(segments);
    const cohorts = await select(
      folder,
      `WITH sales AS (SELECT customer_key, date_trunc('month', transaction_date) AS month FROM sales_lines
         WHERE quantity > 0 AND customer_key IS NOT NULL),
       firsts AS (SELECT customer_key, MIN(month) AS first FROM sales GROUP BY 1)
       SELECT strftime(first, '%Y-%m') AS "First bought", CAST(COUNT(DISTINCT customer_key) AS VARCHAR) AS "Customers",
         ${percent(`CAST(COUNT(DISTINCT customer_key) FILTER (month = first + INTERVAL 1 MONTH) AS DECIMAL(18, 9))
           / COUNT(DISTINCT customer_key)`)} AS "+1"
       FROM sales JOIN firsts USING (customer_key) WHERE first < DATE '2026-03-01' GROUP BY first ORDER BY first DESC`,
    );
    // In the last month, nobody can have come back in a later one.
    const rows = (await rowsOf(page, "Cohorts")).filter((row) => row["First bought"] !== "2026-03");
    expect(cohorts.length).toBeGreaterThan(1);
    expect(rows.map((row) => [row["First bought"], row.Customers, row["+1"]])).toEqual(
      cohorts.map((row) => [row["First bought"], row.Customers, row["+1"]]),
    );
  });

  test("follows the controls, and writes the choice into the address", async () => {
    await go("");
    await page.selectOption("[name=period]", "last-7");
    await page.selectOption("[name=region]", "Region 1");
    await page.waitForFunction(() => location.hash.includes("Region+1"));
    const asked = ASKED["a week of a region"];
    expect(new URL(page.url()).hash).toBe(asked.hash);
    expect(await figures(page)).toEqual(await fromLines(folder, asked));
    // Stores of the region alone can be chosen: the second of four regions has S001 and S005.
    expect(
      await page.$$eval("[name=store] option", (found) => found.map((one) => one.getAttribute("value"))),
    ).toEqual(["", "S001", "S005"]);
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes("region"));
    expect(await page.inputValue("[name=region]")).toBe("");
    await page.click("text=Reset");
    await page.waitForFunction(() => location.hash.includes("last-28"));
  });

  test("takes days from a keyboard", async () => {
    await go("#period=last-7&compare=before");
    await page.selectOption("[name=period]", "custom");
    await page.waitForSelector("[name=from]");
    await page.fill("[name=from]", "2026-03-30");
    await page.waitForFunction(() => location.hash.includes("2026-03-30..2026-03-31"));
    expect(await figures(page)).toEqual(
      await fromLines(folder, { ...ASKED["days beside those 52 weeks before"] }),
    );
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("from");
  });

  test.each([
    "#period=nonsense&compare=never&store=S999&region=Nowhere&category=None",
    "#period=2026-03-31..2026-03-01",
    "#period=2019-01-01..2026-03-01",
    "#%",
  ])("shows the usual choice for an address that means none: %s", async (hash) => {
    const { page, errors } = await open(browser, file, hash);
    expect(await figures(page)).toEqual(await fromLines(folder, ASKED["four weeks"]));
    expect(errors).toEqual([]);
    await page.close();
  });
});
