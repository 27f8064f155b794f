import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTables } from "../../../constructs/warehouse/table-catalog";

const COLUMN = { name: "day", type: "DATE", mode: "REQUIRED", description: "Day" };
const SAMPLE = ["SELECT day", "FROM days"];
const OWNED = { owner: "sales-analytics", audience: "business", sources: ["sales_data"], sample: SAMPLE };
const TABLE = { ...OWNED, description: "One row a day", key: ["day"], columns: [COLUMN] };

const SHOPS = {
  description: "Shops, one row each",
  key: "shop_id",
  columns: [
    { name: "shop_id", type: "STRING", required: true, description: "Shop" },
    { name: "24_hour_shop", type: "BOOLEAN", required: true, shown: true, description: "Never closes" },
    { name: "keeper", type: "STRING", required: false, personal: "employee", description: "Who keeps it" },
  ],
};

/** The catalog of a root that holds one published table, `days`. */
function read(table: unknown): ReturnType<typeof readTables> {
  const root = mkdtempSync(join(tmpdir(), "catalog-"));
  const folder = join(root, "pyspark-jobs/sales_job/tables/published");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "days.json"), typeof table === "string" ? table : JSON.stringify(table));
  const references = join(root, "pyspark-jobs/sales_job/reference/columns");
  mkdirSync(references, { recursive: true });
  writeFileSync(join(references, "shops.json"), JSON.stringify(SHOPS));
  return readTables(root, "published");
}

test("a table without layout is neither partitioned nor clustered", () => {
  expect(read(TABLE)).toEqual([
    {
      name: "days",
      kind: "published",
      description: "One row a day",
      audience: "business",
      key: ["day"],
      partitionBy: undefined,
      filterRequired: false,
      expires: false,
      clusterBy: [],
      owner: "sales-analytics",
      sources: ["sales_data"],
      sample: "SELECT day\nFROM days",
      rules: [],
      columns: [COLUMN],
    },
  ]);
});

test("a layout is read", () => {
  const layout = { partition_by: "day", filter_required: true, expires: true, cluster_by: ["day"] };
  expect(read({ ...TABLE, ...layout })).toMatchObject([
    { partitionBy: "day", filterRequired: true, expires: true, clusterBy: ["day"] },
  ]);
});

test("a table of a reference file has all of its columns, which may be NULL but for the key", () => {
  expect(read({ ...OWNED, reference: "shops", cluster_by: ["shop_id"] })).toEqual([
    {
      name: "days",
      kind: "published",
      description: "Shops, one row each",
      audience: "business",
      key: ["shop_id"],
      partitionBy: undefined,
      filterRequired: false,
      expires: false,
      clusterBy: ["shop_id"],
      owner: "sales-analytics",
      sources: ["sales_data"],
      sample: "SELECT day\nFROM days",
      rules: [],
      columns: [
        { name: "shop_id", type: "STRING", mode: "REQUIRED", description: "Shop" },
        { name: "24_hour_shop", type: "BOOLEAN", mode: "NULLABLE", description: "Never closes" },
        {
          name: "keeper",
          type: "STRING",
          mode: "NULLABLE",
          description: "Who keeps it",
          personal: "employee",
        },
      ],
    },
  ]);
});

const FILE = "pyspark-jobs/sales_job/tables/published/days.json";
const columns = (...changes: readonly object[]) => ({
  ...TABLE,
  columns: changes.map((change) => ({ ...COLUMN, ...change })),
});

test.each([
  ["{", "not valid JSON"],
  [
    { ...TABLE, partitioned_by: "day" },
    "unknown field 'partitioned_by', use one of description, owner, audience",
  ],
  [{ ...TABLE, description: undefined }, "description is missing, write one sentence"],
  [{ ...TABLE, audience: "everybody" }, "audience is 'everybody', use one of business, operations"],
  [{ ...TABLE, owner: "Ann" }, "owner is 'Ann', use one of data-platform, sales-analytics"],
  [{ ...TABLE, owner: undefined }, "owner is 'undefined', use one of data-platform, sales-analytics"],
  [
    { ...TABLE, sample: undefined },
    "sample is missing, write the lines of a query that shows how to read it",
  ],
  [{ ...TABLE, sample: [] }, "sample is missing, write the lines of a query that shows how to read it"],
  [{ ...TABLE, columns: [] }, "columns are missing, list at least one"],
  [columns({ mode: undefined }), "column day has no mode, write NULLABLE"],
  [columns({ mode: "OPTIONAL" }), "column day has mode 'OPTIONAL', use one of NULLABLE, REQUIRED, REPEATED"],
  [columns({ type: "INT64" }), "column day has type 'INT64', use one of STRING, INTEGER"],
  [columns({ description: undefined }), "column day has no description, write one sentence"],
  [columns({ policy: "pii" }), "column day has an unknown field 'policy', use one of name, type"],
  [columns({ personal: true }), "column day has personal 'true', use one of customer, employee"],
  [columns({ name: "The day" }), "column The day has no valid name, write lower-case letters"],
  [columns({}, {}), "column day is listed twice, remove one"],
  [{ ...TABLE, key: ["date"] }, "key names 'date', which is not a column"],
  [{ ...TABLE, cluster_by: ["store"] }, "cluster_by names 'store', which is not a column"],
  [{ ...TABLE, partition_by: "date" }, "partition_by names 'date', which is not a column"],
  [{ reference: "days", audience: "business" }, "reference is 'days', use one of shops"],
  [{ ...TABLE, reference: "shops" }, "has description and reference, leave description out"],
  [{ ...TABLE, filter_required: true }, "filter_required and expires need partition_by"],
  [
    { ...columns({ type: "STRING" }), partition_by: "day" },
    "partition_by names 'day', which is not a DATE or TIMESTAMP column",
  ],
])("%j is refused", (table, message) => {
  expect(() => read(table)).toThrow(`${FILE}: ${message}`);
});
