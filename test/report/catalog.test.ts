import { join } from "node:path";
import { type Browser, type Page } from "playwright-core";
import { describeInBrowser, launch } from "./browser";

const FILE = join(__dirname, "../../docs/catalog.html");

describeInBrowser("the page of the catalog", () => {
  const chromium: { browser?: Browser } = {};
  beforeAll(async () => {
    chromium.browser = await launch();
  });
  afterAll(async () => {
    await chromium.browser?.close();
  });
  const open = async (
    options: Parameters<Browser["newPage"]>[0] = {},
  ): Promise<{ readonly opened: Page; readonly others: readonly string[] }> => {
    if (!chromium.browser) throw new Error("no browser");
    const opened = await chromium.browser.newPage(options);
    const others: string[] = [];
    opened.on("request", (request) => {
      if (!request.url().startsWith(`file://${FILE}`)) others.push(request.url());
    });
    await opened.goto(`file://${FILE}`);
    return { opened, others };
  };

  test("the search shows the entries with all words, and all again", async () => {
    const { opened, others } = await open();
    const visible = (): Promise<string[]> =>
      opened.$$eval(".entry:not([hidden]) h3", (found) => found.map((one) => one.textContent));
    const all = await visible();
    await opened.fill("#words", "MANAGER_email stores.csv");
    expect(await visible()).toEqual(["stores"]);
    expect(await opened.textContent("#found")).toBe(`1 of ${all.length} shown`);
    expect(await opened.isVisible('nav a[href="#table-stores"]')).toBe(true);
    expect(await opened.isVisible('nav a[href="#table-customers"]')).toBe(false);
    await opened.fill("#words", "");
    expect(await visible()).toEqual(all);
    expect(others).toEqual([]);
  });

  test("without a script everything is there but the search", async () => {
    const { opened } = await open({ javaScriptEnabled: false });
    expect(await opened.isVisible("#words")).toBe(false);
    expect(await opened.isVisible("#table-weekly_sales")).toBe(true);
  });

  test("a phone does not scroll sideways, and the dark page is dark", async () => {
    const { opened } = await open({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    const found = await opened.evaluate(() => [
      document.documentElement.scrollWidth,
      getComputedStyle(document.body).backgroundColor,
    ]);
    expect(found).toEqual([360, "rgb(15, 20, 25)"]);
  });
});
