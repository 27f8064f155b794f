import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { readEstimates } from "../../cost/read-estimates";
import { table } from "../../cost/table";
import { reportedCost } from "../../report/cost";
import type { Cost } from "../../report/page/data/document";
import { describeInBrowser, launch, open, rowsOf, textOf, writeReport } from "./browser";
import { FILLED, warehouse } from "./warehouse";

jest.setTimeout(120_000);

const labels = (environment: string, component: string) => ({ environment, component });
const bucket = (environment: string, lifecycle: object[]) => ({
  name: `p-${environment}-data`,
  labels: labels(environment, "lake"),
  storage_class: "STANDARD",
  lifecycle_rule: lifecycle,
});

/** Two stacks: what stays in Standard for three years, and what goes to Coldline after 30 days. */
const STACKS: Readonly<Record<string, object>> = {
  dev: {
    google_storage_bucket: { b: bucket("dev", []) },
    google_dns_managed_zone: { z: { labels: labels("dev", "dns") } },
  },
  prod: {
    google_storage_bucket: {
      b: bucket("prod", [
        {
          action: { type: "SetStorageClass", storage_class: "COLDLINE" },
          condition: { age: 30, with_state: "LIVE" },
        },
      ]),
    },
    google_redis_instance: { r: {} },
  },
};

function stacks(written: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "stacks-"));
  const names = Object.keys(written).map((name) => [name, { synthesizedStackPath: `${name}/cdk.tf.json` }]);
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify({ stacks: Object.fromEntries(names) as object }),
  );
  mkdirSync(join(folder, "no-more"));
  writeFileSync(join(folder, "no-more/cdk.tf.json"), JSON.stringify({ resource: STACKS.prod }));
  for (const [name, text] of Object.entries(written)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "cdk.tf.json"), text);
  }
  return folder;
}
const synthesized = (): string =>
  stacks(
    Object.fromEntries(
      Object.entries(STACKS).map(([name, resource]) => [name, JSON.stringify({ resource })]),
    ),
  );
const known = (cost: Cost): Exclude<Cost, { missing: string }> => {
  if ("missing" in cost) throw new Error(cost.missing);
  return cost;
};

test("the cost has each component of each stack, and what is saved, by hand", () => {
  const cost = known(reportedCost(synthesized()));
  // dev: 1 GiB a month in Standard, 36 of them at 0.02; prod: 100 a month, 30 of 1095 days Standard, the rest at 0.004.
  const prod = (100 * 12 * (30 * 0.02 + 1065 * 0.004)) / 365;
  expect(cost.components).toContainEqual(["lake", "0.72", prod.toFixed(2)]);
  expect(cost.components).toContainEqual(["dns", "0.20", "-"]);
  expect(cost.savings).toContainEqual(["lifecycle rules", "0.00", (3600 * 0.02 - prod).toFixed(2)]);
  expect([cost.stacks[0], cost.usd[0]]).toEqual(["dev", "0.92"]);
  expect(cost.unknown).toEqual(["prod: google_redis_instance.r: no price for google_redis_instance"]);
});

test("the cost has the amounts of npm run cost", () => {
  const folder = synthesized();
  const amounts = [...table(readEstimates(folder)).matchAll(/\d[\d,]*\.\d\d\b/g)].map(([amount]) => amount);
  const cost = known(reportedCost(folder));
  const found = [...cost.usd, ...cost.components.flat(), ...cost.savings.flat()];
  expect(amounts.length).toBeGreaterThan(12);
  expect(amounts.filter((amount) => !found.includes(amount))).toEqual([]);
});

test.each([
  ["no stack is synthesized", () => stacks({})],
  ["no stack is synthesized", () => join(tmpdir(), "no-such-folder")],
  ["JSON", () => stacks({ dev: '{ "resource": ' })],
])("without a whole stack (%s) there is a reason", (says, folder) => {
  expect(reportedCost(folder())).toEqual({ missing: expect.stringContaining(says) as string });
});

describeInBrowser("the section on costs", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test("draws the stacks and lists what they cost, save and leave out", async () => {
    const cost = known(reportedCost(synthesized()));
    const { page, errors } = await open(browser, writeReport(await warehouse(...FILLED), cost));
    const rows = await rowsOf(page, "Cost of a month by component");
    expect(rows).toContainEqual({ component: "lake", dev: "0.72", prod: "15.98" });
    expect(rows.at(-1)).toEqual({ component: "total", dev: "0.92", prod: "15.98" });
    expect(await page.$$eval("#cost .chart path", (found) => found.length)).toBeGreaterThan(2);
    expect(await textOf(page, "#cost")).toContain("no price for google_redis_instance");
    expect(errors).toEqual([]);
  });

  test("says how to get them where there are none, beside the sales", async () => {
    const { page } = await open(browser, writeReport(await warehouse(...FILLED)));
    expect(await textOf(page, "#cost")).toContain(
      "No estimate (none in this test): run npm run synth, then the report again.",
    );
    expect(await textOf(page, "#overview")).toContain("1,234.31");
  });
});
