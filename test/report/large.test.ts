import { statSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, figures, follow, launch, open, rowsOf, textOf, writeReport } from "./browser";
import { manyLines, select, warehouse } from "./warehouse";

jest.setTimeout(240_000);

const DAYS = 731;
const STORES = 200;
const BYTES = 2_000_000;

/** A forecast of every store, and a stock figure of every product. */
const MORE = [
  `INSERT INTO revenue_forecast SELECT format('S{:03d}', s), DATE '2026-03-31' + CAST(d AS INTEGER), 100 + hash(s, d) % 100000 / 100,
     hash(s, d, 1) % 10000 / 100, 1200 + hash(s, d, 2) % 100000 / 100, 'model', DATE '2026-03-31'
   FROM range(${String(STORES)}) AS a(s), range(1, 29) AS b(d)`,
  `INSERT INTO forecast_accuracy SELECT format('S{:03d}', s), 28, hash(s) % 1000000 / 1000000, 0.5, 0.75, 'model',
     DATE '2026-03-31', 731, 1, NULL FROM range(${String(STORES)}) AS a(s)`,
  "UPDATE products SET stock_quantity = hash(product_id) % 5000",
];

describeInBrowser("two years of 200 stores", () => {
  let [browser, folder, file, page] = [{} as Browser, "", "", {} as Page];
  beforeAll(async () => {
    folder = await warehouse(...manyLines(DAYS, STORES, 500, 4), ...MORE);
    file = writeReport(folder);
    browser = await launch();
    ({ page } = await open(browser, file));
  });
  afterAll(() => browser.close());

  const go = (hash: string): Promise<void> => follow(page, hash);
  const revenue = async (where: string): Promise<unknown> => {
    const [row] = await select(
      folder,
      `SELECT format('{:,.2f}', CAST(SUM(amount) AS DOUBLE)) AS revenue FROM sales_lines
         LEFT JOIN stores USING (store_id) LEFT JOIN products USING (product_id) WHERE ${where}`,
    );
    return row?.revenue;
  };
  const march = "transaction_date BETWEEN DATE '2026-03-04' AND DATE '2026-03-31'";

  test("are every day of every store, in less than two megabytes", async () => {
    expect(statSync(file).size).toBeLessThan(BYTES);
    const [row] = await select(folder, "SELECT COUNT(*) AS rows FROM daily_sales_summary");
    expect(Number(row?.rows)).toBe(DAYS * STORES);
    expect(await textOf(page, "header")).toContain("Days since 2024-03-31.");
    // With all that a page may have.
    expect(await textOf(page, "#forecast")).toContain("Revenue to expect in the 28 days after 2026-03-31");
    expect(await rowsOf(page, "Segments")).not.toEqual([]);
    expect(await rowsOf(page, "Products by signal")).not.toEqual([]);
  });

  test.each([
    ["#period=last-28&compare=before", march],
    ["#period=last-28&compare=before&store=S123", `${march} AND store_id = 'S123'`],
    ["#period=2026-03-04..2026-03-31&compare=before&region=Region+2", `${march} AND region = 'Region 2'`],
    ["#period=last-28&compare=year&category=Category+3", `${march} AND category = 'Category 3'`],
  ])("give the revenue of SQL for %s", async (hash, where) => {
    await go(hash);
    expect((await figures(page)).Revenue).toBe(await revenue(where));
  });

  test("have products of named periods over all stores", async () => {
    await go("#period=last-28&compare=before");
    const [top] = await rowsOf(page, "Products with the most revenue");
    // A product without a reference row has its id first.
    const id = /P\d{3}/.exec(top?.Product ?? "")?.[0] ?? "";
    expect(top?.Revenue).toBe(await revenue(`${march} AND product_id = '${id}'`));
  });

  test.each([
    [
      "#period=last-28&category=Category+3&store=S123",
      "#overview",
      "figures by category for whole regions only",
    ],
    ["#period=last-28&store=S123", "#products", "figures by product over all stores only"],
    ["#period=2026-03-03..2026-03-07", "#products", "figures by product for the named periods only"],
    ["#period=2026-03-03..2026-03-07", "#overview", "Counted for the named periods only."],
  ])("say in a word what they have no figure for: %s %s", async (hash, section, says) => {
    await go(hash);
    expect(await textOf(page, section)).toContain(says);
  });
});
