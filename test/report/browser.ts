import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type Page, chromium } from "playwright-core";

const ROOT = join(__dirname, "../..");
const CHROMIUM = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== "" && existsSync(path));

/** `describe`, skipped where the machine has no browser; the name of the skipped tests gives the reason. */
export const describeInBrowser: (name: string, body: () => void) => void = CHROMIUM
  ? describe
  : (name, body) => {
      describe.skip(`${name} (needs Chromium: install it, or set CHROMIUM to its path)`, body);
    };

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

const ready = { template: false };

function buildTemplate(): void {
  if (ready.template) return;
  const setup = spawnSync(process.execPath, [join(ROOT, "scripts/setup.mjs"), "report"], {
    encoding: "utf8",
  });
  if (setup.status !== 0) throw new Error(setup.stderr);
  ready.template = true;
}

/** Writes the report of each folder: one process for all, because loading the libraries takes longest. */
const WRITE = `
import json, sys
from pathlib import Path
from sales_job.report.page import page, write
from write_report import local_document
template, more, most, *folders = sys.argv[1:]
text = Path(template).read_text(encoding="utf-8")
for folder in folders:
    document = local_document(Path(folder, "warehouse.duckdb"), json.loads(most))
    write(Path(folder, "report.html"), page(text, {**document, **json.loads(more)}))`;

/** Writes the reports of warehouses, with `more` in their documents, and returns their paths. */
export function writeReports(
  folders: readonly string[],
  cost: object = { missing: "none in this test" },
  mostBytes: number | null = null,
  more: object = {},
): string[] {
  buildTemplate();
  const template = join(ROOT, "dist/report_template.html");
  const python = join(ROOT, ".venv/job/bin/python");
  const done = spawnSync(
    python,
    ["-c", WRITE, template, JSON.stringify({ cost, ...more }), JSON.stringify(mostBytes), ...folders],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        PYTHONPATH: [join(ROOT, "pyspark-jobs"), join(ROOT, "scripts/local")].join(":"),
      },
    },
  );
  if (done.status !== 0) throw new Error(done.stderr);
  return folders.map((folder) => join(folder, "report.html"));
}

export const writeReport = (folder: string, cost?: object): string => writeReports([folder], cost)[0] ?? "";

/** A page that was opened, with what it complained of and what it asked others for. */
export interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
  readonly requests: readonly string[];
}

export async function open(
  browser: Browser,
  file: string,
  hash = "",
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<Opened> {
  const page = await browser.newPage(options);
  const [errors, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(`file://${file}`)) requests.push(request.url());
  });
  await page.goto(`file://${file}${hash}`);
  await page.waitForSelector("#quality");
  return { page, errors, requests };
}

/** Goes to an address of the page, as a link that was sent does, and waits until the page shows it. */
export const follow = async (page: Page, hash: string): Promise<void> => {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.waitForFunction((to) => location.hash === to, hash);
  await page.waitForTimeout(100);
};

/** The key figures, by their labels. */
export const figures = (page: Page): Promise<Record<string, string>> =>
  page.$$eval("[data-figure]", (found) =>
    Object.fromEntries(
      found.map((one) => [one.getAttribute("data-figure"), one.textContent]) as [string, string][],
    ),
  );

/** Rows of the table of that name, each as its cells' texts by the column's head. */
export const rowsOf = (page: Page, name: string): Promise<Record<string, string>[]> =>
  page.$eval(`[aria-label="${name}"]`, (place) => {
    const texts = (row: Element, cells: string): string[] =>
      [...row.querySelectorAll(cells)].map((cell) => cell.textContent.trim());
    const heads = texts(place, "thead th");
    return [...place.querySelectorAll("tbody tr")].map((row) =>
      Object.fromEntries(texts(row, "td").map((text, n) => [heads[n], text]) as [string, string][]),
    );
  });

/** All of a section's text, with single blanks. */
export const textOf = async (page: Page, selector: string): Promise<string> =>
  ((await page.textContent(selector)) ?? "").replaceAll(/\s+/g, " ");
