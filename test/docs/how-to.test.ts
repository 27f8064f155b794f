import { SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { Checkout } from "./how-to-checkout";

// One copy of the checkout on which all pages are followed: each command runs once.
const checkout = new Checkout();
const changed = (page: string): string[] => checkout.follow(page);
const FILES = {
  column: changed("add-a-column.md"),
  table: changed("add-a-table.md"),
  environment: changed("add-an-environment.md"),
  construct: changed("add-a-construct.md"),
  setting: changed("add-a-setting.md"),
};

/** Two products of different categories and one that no reference row knows, in two stores; only S1 has a district. */
const LAKE = {
  "reference_data/products.csv": `product_id,product_name,category,cost_price
P1,Tea,Drinks,1.00
P2,Cake,Food,2.00
`,
  "reference_data/stores.csv": `store_id,store_name,store_location,district
S1,Quay,"Bergen, NO",Harbour
S2,Hill,"Oslo, NO",
`,
  "sales_data/dt=2026-03-01/sales.csv": `transaction_id,product_id,store_id,quantity,unit_price,transaction_date,customer_id
T1,P1,S1,3,2.50,2026-03-01,C1
T1,P2,S1,1,4.25,2026-03-01,C1
T2,P1,S2,2,2.50,2026-03-01,
T3,P9,S2,5,1.10,2026-03-01,C2
`,
};
const folder = mkdtempSync(join(tmpdir(), "how-to-lake-"));
const warehouse = join(folder, "warehouse");

/** Rows of a query as texts, in the order of the query. */
async function query(sql: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(join(warehouse, "warehouse.duckdb"), {
    access_mode: "READ_ONLY",
  });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  const rows = reader.getRows().map((row) => row.map(String));
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const done = (result: SpawnSyncReturns<string>): SpawnSyncReturns<string> => {
  if (result.status !== 0) throw new Error(result.stdout + result.stderr);
  return result;
};

beforeAll(() => {
  // BI readers are the owner's: without them there are no grants to look at.
  process.env.SALES_PROD_BI_READERS = "group:bi@retailer.test";
  done(checkout.node("scripts/synth.mjs"));
  delete process.env.SALES_PROD_BI_READERS;
  done(checkout.node("-r", "ts-node/register/transpile-only", "scripts/docs/main.ts"));
}, 240_000);

test("types of everything that the pages write are right", () => {
  done(checkout.node("node_modules/typescript/bin/tsc", "--noEmit", "-p", "."));
}, 240_000);

describe("a column and a table", () => {
  beforeAll(() => {
    for (const [file, content] of Object.entries(LAKE)) {
      mkdirSync(dirname(join(folder, "lake", file)), { recursive: true });
      writeFileSync(join(folder, "lake", file), content);
    }
    done(checkout.node("scripts/etl.mjs", "--lake", join(folder, "lake"), "--warehouse", warehouse));
  }, 600_000);

  test("take two places each", () => {
    expect([FILES.column.length, FILES.table.length]).toEqual([2, 2]);
  });

  test("the new column has the store's district", async () => {
    expect(await query("SELECT store_id, district FROM store_performance ORDER BY store_id")).toEqual([
      ["S1", "Harbour"],
      ["S2", "null"],
    ]);
  });

  test("the new table adds up each category", async () => {
    // Drinks: 3 x 2.50 + 2 x 2.50 = 12.50; Food: 1 x 4.25; P9 has no reference row: 5 x 1.10 = 5.50.
    expect(
      await query(
        `SELECT category, CAST(total_revenue AS DECIMAL(18, 2)), CAST(total_quantity_sold AS BIGINT), products
         FROM category_performance ORDER BY category`,
      ),
    ).toEqual([
      ["Drinks", "12.50", "5", "1"],
      ["Food", "4.25", "1", "1"],
      ["unknown", "5.50", "5", "1"],
    ]);
  });

  test("the stacks have both, and BI readers may read the table", () => {
    const { resource } = checkout.stack("prod");
    const tables = Object.values(resource.google_bigquery_table ?? {});
    const columns = (name: string): string[] => {
      const found = tables.find(({ table_id }) => table_id === name)?.schema as string | undefined;
      return (JSON.parse(found ?? "[]") as { name: string }[]).map((one) => one.name);
    };
    expect(columns("store_performance")).toContain("district");
    expect(columns("category_performance")).toEqual([
      "category",
      "total_revenue",
      "total_quantity_sold",
      "products",
    ]);
    const grants = Object.keys(resource.google_bigquery_table_iam_member ?? {});
    expect(grants.filter((id) => id.includes("category-performance"))).toHaveLength(1);
  });

  test("the documents have both", () => {
    expect(checkout.read("docs/data-dictionary.md")).toContain("| `district` ");
    expect(checkout.read("docs/data-dictionary.md")).toContain("### category_performance");
    expect(checkout.read("docs/platform/bi.md")).toContain(
      "- `category_performance`: one row a product category",
    );
  });
});

// test/ops/new-environment.test.ts has the rules of its stage, and the tests that enumerate environments.
describe("an environment", () => {
  test("takes one file and one line", () => {
    expect(FILES.environment).toEqual(["environments/eu.ts", "environments/index.ts"]);
  });

  test("is made as production in Europe", () => {
    const { resource } = checkout.stack("eu");
    const buckets = Object.values(resource.google_storage_bucket ?? {});
    expect(buckets.find(({ name }) => name === "placeholder-eu-data")).toMatchObject({
      location: "EU",
      force_destroy: false,
      custom_placement_config: { data_locations: ["EUROPE-WEST1", "EUROPE-WEST4"] },
    });
    const instances = Object.values(resource.google_sql_database_instance ?? {});
    expect(instances.map((one) => [one.region, one.deletion_protection]).sort()).toEqual([
      ["europe-west1", true],
      ["europe-west4", true],
    ]);
  });

  test("is estimated, and its regions without prices are named", () => {
    const { stdout } = done(checkout.node("scripts/cost.mjs"));
    expect(stdout).toMatch(/^component +bootstrap +dev +staging +.*\beu\b/m);
    expect(stdout).toMatch(/cost\/prices\.json .*eu \(europe-west1, europe-west4\)/);
    // The construct's types too.
    expect(stdout).toContain("Not estimated: nothing.");
  }, 240_000);

  test("has its column in the documents", () => {
    expect(checkout.read("docs/platform/recovery.md")).toMatch(
      /^\| setting +\| dev +\| staging +\| prod +\| eu +\|$/m,
    );
  });

  test("is in the list that the workflows read, and their linter agrees", () => {
    const projects = ["DEV", "STAGING", "PROD", "EU"].map((name) => [
      `SALES_${name}_PROJECT`,
      `acme-sales-${name.toLowerCase()}`,
    ]);
    const variables = Object.fromEntries(projects) as Record<string, string>;
    const { stdout } = done(checkout.nodeWith(variables, "scripts/environments.mjs"));
    const lists = Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    expect(lists).toMatchObject({ all: '["dev","staging","prod","eu"]', production: '["prod","eu"]' });
    const linter = spawnSync(
      join(checkout.folder, ".venv/lint/bin/zizmor"),
      ["--offline", "--pedantic", "--strict-collection", "--no-progress", ".github"],
      { cwd: checkout.folder, encoding: "utf8" },
    );
    expect([linter.status, linter.stdout]).toEqual([0, expect.stringContaining("No findings to report")]);
  }, 120_000);
});

describe("a construct", () => {
  test("passes its own test", () => {
    const { stderr } = done(
      checkout.node("node_modules/jest/bin/jest.js", "--ci", "test/infra/event-log.test.ts"),
    );
    expect(stderr).toMatch(/Tests: +2 passed/);
  }, 240_000);

  test("is in every environment, the new one too", () => {
    for (const environment of ["dev", "staging", "prod", "eu"]) {
      const buckets = checkout.stack(environment).resource.google_logging_project_bucket_config ?? {};
      expect(Object.values(buckets)).toContainEqual(
        expect.objectContaining({ bucket_id: `sales-${environment}-events`, retention_days: 400 }),
      );
    }
  });

  test("is in the picture, whose test would name it otherwise", () => {
    expect(checkout.read("scripts/docs/pictures/environment-parts.ts")).toContain('"event-log"');
  });
});

describe("a setting", () => {
  test("is a variable where an environment has it, and nowhere else", () => {
    const retries = ["dev", "staging", "prod"].map((environment) => {
      const composer = checkout.stack(environment).resource.google_composer_environment ?? {};
      return /"TASK_RETRIES":"(\d+)"/.exec(JSON.stringify(composer))?.[1];
    });
    expect(retries).toEqual([undefined, undefined, "5"]);
  });

  test("is read by the DAGs: the names are the same on both sides", () => {
    const contract = spawnSync(
      join(checkout.folder, ".venv/airflow/bin/python"),
      ["-m", "pytest", "-q", "test/dags/test_contract.py", "-k", "nothing_else or are_understood"],
      { cwd: checkout.folder, encoding: "utf8", env: { ...process.env, CHECKPOINT_DISABLE: "1" } },
    );
    expect(done(contract).stdout).toMatch(/^\.\. /);
  }, 240_000);
});
