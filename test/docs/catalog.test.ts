import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readTables } from "../../constructs/warehouse/table-catalog";
import { readWords } from "../../constructs/catalog/words";
import { readViews } from "../../constructs/warehouse/views";
import { readEntries } from "../../scripts/docs/catalog/source";

const ROOT = join(__dirname, "../..");
const page = readFileSync(join(ROOT, "docs/catalog.html"), "utf8");
const declared = [
  ...readTables(ROOT, "published"),
  ...readViews(ROOT),
  ...readTables(ROOT, "state"),
  ...readTables(ROOT, "streamed"),
];
const part = (id: string): string =>
  page.split(`<section class="entry" id="${id}"`)[1]?.split("</section>")[0] ?? "";

test.each(declared.map((one) => [one.name, one] as const))("%s is there whole", (name, one) => {
  const text = part(`table-${name}`);
  for (const column of one.columns) expect(text).toContain(`<code>${column.name}</code>`);
  expect(text).toContain(`<dt>Owner</dt><dd>${one.owner ?? "?"}</dd>`);
  expect(text.includes("<pre")).toBe(one.sample !== undefined);
  const classes = one.columns.flatMap((column) => ("personal" in column ? [column.personal ?? ""] : []));
  const shown = /<dt>Personal data<\/dt><dd>([^<]*)</.exec(text)?.[1];
  expect(shown).toBe([...new Set(classes)].join(", ") || "none");
});

test.each([
  [
    "daily_sales_summary",
    "daily_revenue",
    "<code>sales_data.<wbr>quantity</code>, <code>sales_data.<wbr>unit_price</code>",
  ],
  [
    "weekly_sales",
    "revenue",
    '<a href="#table-daily_sales_summary"><code>daily_sales_summary.<wbr>daily_revenue</code></a>',
  ],
  ["daily_sales_summary", "store_name", '<a href="#table-stores"><code>stores.<wbr>store_name</code></a>'],
])("%s.%s links to what it is made of", (name, column, madeOf) => {
  const [, row] =
    new RegExp(`<th scope="row"><code>${column}</code></th>(.*?)</tr>`).exec(part(`table-${name}`)) ?? [];
  expect(row?.split("<td>").at(-1)).toBe(`${madeOf}</td>`);
});

test("measures have their formulas", () => {
  for (const [name, { sql }] of Object.entries(readWords(ROOT).measures))
    expect(part(`measure-${name}`)).toContain(sql.replaceAll(">", "&gt;"));
});

test("every link leads to a place of the page, and nothing is loaded from elsewhere", () => {
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...page.matchAll(/ href="([^"]+)"/g)].map(([, target = ""]) => target);
  expect(targets.length).toBeGreaterThan(60);
  expect(targets.filter((target) => !target.startsWith("#") || !ids.has(target.slice(1)))).toEqual([]);
  expect(page).not.toMatch(/ src=|@import|url\(|https?:/);
});

test("words are those of the glossary", () => {
  const rows = [
    ...readFileSync(join(ROOT, "docs/glossary.md"), "utf8").matchAll(/^\| (.+?) +\| (.+?) +\|$/gm),
  ];
  const glossary = new Map(rows.map(([, word = "", text = ""]) => [word, text]));
  const plain = (text = ""): string => text.replaceAll("`", "").replaceAll(/(?<!\w)_|_(?!\w)/g, "");
  const terms = Object.entries(readWords(ROOT).terms);
  expect(terms.length).toBeGreaterThan(10);
  for (const [word, text] of terms) expect([word, text]).toEqual([word, plain(glossary.get(word))]);
});

test("checks are about tables that exist, and every published table has one", () => {
  const names = declared.map(({ name }) => name);
  const { publication, quality_gate: gate } = readWords(ROOT).checks;
  for (const [check, { tables }] of Object.entries({ ...publication, ...gate })) {
    expect([check, tables.length > 0]).toEqual([check, true]);
    expect(tables.filter((name) => !names.includes(name))).toEqual([]);
  }
  const entries = readEntries(ROOT).filter(({ kind }) => kind === "published");
  expect(entries.filter(({ checks }) => checks.length === 0).map(({ name }) => name)).toEqual([]);
});

test("sources are tables, views or files that exist, and none reads itself", () => {
  const known = [...declared.map(({ name }) => name), "sales_data", "messages", "products.csv", "stores.csv"];
  for (const { name, sources } of declared)
    expect([name, sources.filter((source) => source === name || !known.includes(source))]).toEqual([
      name,
      [],
    ]);
});
