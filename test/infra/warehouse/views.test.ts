import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queryOf, readViews } from "../../../constructs/warehouse/views";

const COLUMNS = [{ name: "day", type: "DATE", description: "Day" }];
const DECLARED = {
  description: "One row a day",
  owner: "sales-analytics",
  sample: ["SELECT day FROM a"],
  columns: COLUMNS,
};

/** The views of a root that holds these queries, by name. */
function read(queries: Readonly<Record<string, string>>, more: object = {}): ReturnType<typeof readViews> {
  const root = mkdtempSync(join(tmpdir(), "views-"));
  const folder = join(root, "pyspark-jobs/sales_job/tables/views");
  mkdirSync(folder, { recursive: true });
  for (const [name, sql] of Object.entries(queries)) {
    writeFileSync(join(folder, `${name}.sql`), `${sql}\n`);
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...DECLARED, ...more }));
  }
  writeFileSync(
    join(folder, "../measures.json"),
    '{ "margin": { "description": "Share", "sql": "SAFE_DIVIDE(profit, revenue)" } }',
  );
  return readViews(root);
}

test("a view stands behind the views that it reads", () => {
  const views = read({
    a: "SELECT day FROM `${c}`",
    b: "SELECT day FROM `${t}`",
    c: "SELECT day FROM `${b}`",
  });
  expect(views.map(({ name }) => name)).toEqual(["b", "c", "a"]);
});

test("a query names each of its sources once, and gets their paths", () => {
  const [view] = read({ a: "SELECT l.day\nFROM `${t}` l JOIN `${t}` r USING (day) JOIN `${u}` USING (day)" });
  if (!view) throw new Error("no view was read");
  expect(view.sources).toEqual(["t", "u"]);
  expect(queryOf(view, (name) => `p.d.${name}`)).toBe(
    "SELECT l.day\nFROM `p.d.t` l JOIN `p.d.t` r USING (day) JOIN `p.d.u` USING (day)",
  );
});

test("a measure is written out", () => {
  const [view] = read({ a: "SELECT ${measures.margin} AS margin FROM `${t}`" });
  expect(view).toMatchObject({
    sql: "SELECT SAFE_DIVIDE(profit, revenue) AS margin FROM `${t}`",
    sources: ["t"],
  });
});

test.each([
  [
    { a: "SELECT ${measures.share} FROM `${t}`" },
    {},
    "a.json: no measure 'share', declare it in pyspark-jobs/sales_job/tables/measures.json",
  ],
  [{ a: "SELECT 1" }, {}, "a.json: the query reads no table, write each one as ${NAME}"],
  [{ a: "SELECT day FROM `${t}`" }, { owner: "Ann" }, "a.json: owner is 'Ann', use one of data-platform"],
  [{ a: "SELECT day FROM `${t}`" }, { sample: [] }, "a.json: sample is missing, write the lines of a query"],
  [{ a: "SELECT day FROM `${t}`" }, { from: "t" }, "a.json: unknown field 'from', use one of description"],
  [
    { a: "SELECT day FROM `${b}`", b: "SELECT day FROM `${a}`" },
    {},
    "a: the view reads itself, remove one source",
  ],
])("a malformed view is named: %j", (queries, more, message) => {
  expect(() => read(queries, more)).toThrow(message);
});
