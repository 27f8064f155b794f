import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEstimates } from "../../cost/read-estimates";
import { table } from "../../cost/table";
import { costSection } from "../../report/cost-section";
import { report } from "../../report/main";
import { FILLED, warehouse } from "./warehouse";

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
/** Cells of the row that begins with `name`. */
const cells = (page: string, name: string): string[] => {
  const [, row = ""] = new RegExp(`<td>${name}</td>(.*?)</tr>`, "s").exec(page) ?? [];
  return [...row.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell ?? "");
};

test("the section has each component of each stack, and what is saved, by hand", () => {
  const page = costSection(synthesized()).text;
  // dev: 1 GiB a month in Standard, 36 of them at 0.02; prod: 100 a month, 30 of 1095 days Standard, the rest at 0.004.
  const prod = (100 * 12 * (30 * 0.02 + 1065 * 0.004)) / 365;
  expect(cells(page, "lake")).toEqual(["0.72", prod.toFixed(2)]);
  expect(cells(page, "dns")).toEqual(["0.20", "-"]);
  expect(cells(page, "lifecycle rules")).toEqual(["0.00", (3600 * 0.02 - prod).toFixed(2)]);
  expect(page).toContain('<div class="card"><span>dev</span><strong>0.92</strong></div>');
  expect(page).toContain("<li>prod: google_redis_instance.r: no price for google_redis_instance</li>");
  expect(page.match(/<svg/g)).toHaveLength(1);
});

test("the section says what npm run cost says", () => {
  const folder = synthesized();
  const page = costSection(folder).text;
  const printed = table(readEstimates(folder));
  const amounts = [...printed.matchAll(/\d[\d,]*\.\d\d\b/g)].map(([amount]) => amount);
  expect(amounts.length).toBeGreaterThan(12);
  expect(amounts.filter((amount) => !page.includes(`>${amount}<`))).toEqual([]);
});

test.each([
  ["no stack is synthesized", () => stacks({})],
  ["no stack is synthesized", () => join(tmpdir(), "no-such-folder")],
  ["JSON", () => stacks({ dev: '{ "resource": ' })],
])(
  "without a whole stack (%s) one line says how to get it, and the sales are there",
  async (says, folder) => {
    const sales = await warehouse(...FILLED);
    const page = readFileSync(await report(sales, "a.html", sales, folder()), "utf8");
    const [, section = ""] = /What it costs<\/h2>(.*?)<\/section>/s.exec(page) ?? [];
    expect(section).toContain(says);
    expect(section).toContain("<code>npm run synth</code>");
    expect(section.match(/<p/g)).toHaveLength(1);
    expect(page).toContain("<strong>1,234.31</strong>");
  },
);

test("the page with costs needs nothing but itself", async () => {
  const sales = await warehouse(...FILLED);
  const page = readFileSync(await report(sales, "a.html", sales, synthesized()), "utf8");
  expect(page).toContain("What it costs");
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\bsrc=/i);
  expect(page.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:/);
});
