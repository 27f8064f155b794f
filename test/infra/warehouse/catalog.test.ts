import { join } from "node:path";
import { readTables } from "../../../constructs/warehouse/table-catalog";
import { readMeasures, readViews } from "../../../constructs/warehouse/views";
import { environments } from "../../../environments";
import { Attributes, Plan } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";

const ROOT = join(__dirname, "../../..");
const { plan } = synthesizedStacks();
const prod = plan("prod");
const views = readViews(ROOT);
// The view of messages alone is beside them, where no reader has rights.
const declared = [
  ...readTables(ROOT, "published"),
  ...views.filter(({ name }) => name !== "streamed_quarantine"),
];
const prodProject = environments.find(({ name }) => name === "prod")?.projectId ?? "";

const entries = (stack: Plan): Attributes[] => stack.all("google_dataplex_entry");
interface Aspect {
  readonly aspect_key: string;
  readonly aspect: { readonly data: string };
}
const aspectOf = (name: string): Record<string, unknown> => {
  const entry = entries(prod).find(({ entry_id }) => entry_id === name);
  const [{ aspect }] = entry?.aspects as [Aspect];
  return JSON.parse(aspect.data) as Record<string, unknown>;
};

test("staging and prod have the catalog, dev has not", () => {
  expect(entries(plan("dev"))).toEqual([]);
  const apis = (environment: string): unknown[] =>
    plan(environment)
      .all("google_project_service")
      .map(({ service }) => service);
  expect(apis("dev")).not.toContain("dataplex.googleapis.com");
  expect(apis("staging")).toContain("dataplex.googleapis.com");
  for (const environment of ["staging", "prod"])
    expect(
      entries(plan(environment))
        .map(({ entry_id }) => entry_id)
        .sort(),
    ).toEqual(declared.map(({ name }) => name).sort());
});

test("an entry names its table in BigQuery, and takes the project's number where an id is refused", () => {
  for (const entry of entries(prod)) {
    expect(entry.entry_source).toMatchObject({
      system: "BigQuery",
      resource: `//bigquery.googleapis.com/projects/${prodProject}/datasets/sales_analytics_prod/tables/${String(entry.entry_id)}`,
    });
    const number = '${element(regexall("[0-9]+", data.google_storage_project_service_account.agents_storage_';
    expect(String(entry.project)).toContain(number);
    expect(String(entry.entry_type)).toMatch(/^projects\/\$\{element\(regexall\(.*\/entryTypes\/\$\{/);
    const [{ aspect_key }] = entry.aspects as [Aspect];
    expect(aspect_key).toContain(number);
    expect(aspect_key).toMatch(/\.us-central1\.\$\{google_dataplex_aspect_type\.[\w-]+\.aspect_type_id\}$/);
  }
});

// By hand, from the files of the catalog.
test("an aspect says what the catalog says", () => {
  expect(aspectOf("daily_sales_summary")).toEqual({
    owner: "sales-analytics",
    audience: "business",
    key: ["transaction_date", "store_id"],
    partitionedBy: "transaction_date",
    clusteredBy: ["store_id"],
    madeFrom: ["sales_data", "products.csv", "stores.csv"],
    checks: expect.arrayContaining([
      "negative_days",
      "totals_agree",
      "duplicate_daily_sales_summary",
    ]) as string[],
    sample: expect.stringMatching(/^SELECT store_name, .*\nFROM daily_sales_summary\n/) as string,
  });
  expect(aspectOf("stores")).toMatchObject({ personalData: ["employee"], madeFrom: ["stores.csv"] });
  expect(aspectOf("quarantined_sales")).toMatchObject({ owner: "data-platform", personalData: ["customer"] });
  expect(aspectOf("customer_segments")).toMatchObject({ audience: "business", madeFrom: ["customers"] });
});

test("every aspect fits the template of its type", () => {
  const template = JSON.parse(String(prod.only("google_dataplex_aspect_type").metadata_template)) as {
    readonly recordFields: readonly {
      readonly name: string;
      readonly type: string;
      readonly index: number;
      readonly constraints?: { readonly required: boolean };
      readonly enumValues?: readonly { readonly name: string; readonly index: number }[];
    }[];
  };
  const fields = new Map(template.recordFields.map((field) => [field.name, field]));
  expect(new Set(template.recordFields.map(({ index }) => index)).size).toBe(fields.size);
  const kind = (value: unknown): string[] =>
    Array.isArray(value) && value.every((item) => typeof item === "string") ? ["array"] : ["string", "enum"];
  for (const { name } of declared) {
    const aspect = aspectOf(name);
    for (const [field, value] of Object.entries(aspect)) {
      const { type = "", enumValues } = fields.get(field) ?? {};
      expect([name, field, kind(value)]).toEqual([name, field, expect.arrayContaining([type])]);
      if (enumValues) expect(enumValues.map((one) => one.name)).toContain(value);
    }
    const required = template.recordFields.filter(({ constraints }) => constraints?.required === true);
    expect(required.length).toBe(2);
    expect(required.map((field) => field.name).filter((field) => !(field in aspect))).toEqual([]);
  }
});

test("the glossary has every measure with its formula, and the words", () => {
  const terms = prod.all("google_dataplex_glossary_term");
  for (const [name, { description, sql }] of Object.entries(readMeasures(ROOT)))
    expect(terms.find((term) => term.display_name === name)?.description).toBe(
      `${description}. Formula: ${sql}`,
    );
  expect(terms.find((term) => term.term_id === "word-like-for-like")?.display_name).toBe("like for like");
  expect(new Set(terms.map((term) => term.term_id)).size).toBe(terms.length);
  // Ids: lower-case letters, digits and hyphens.
  expect(terms.filter((term) => !/^[a-z][a-z0-9-]*[a-z0-9]$/.test(String(term.term_id)))).toEqual([]);
});

test("each table of BigQuery names its owner", () => {
  const all = [...declared, ...views, ...readTables(ROOT, "streamed")];
  const owners = new Map(all.map(({ name, owner }) => [name, owner]));
  for (const environment of ["dev", "prod"])
    for (const table of plan(environment).all("google_bigquery_table"))
      expect([table.table_id, (table.labels as Record<string, string>).owner]).toEqual([
        table.table_id,
        owners.get(String(table.table_id)),
      ]);
});
