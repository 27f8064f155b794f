import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { findArtifacts } from "../../constructs/lake/artifact-files";
import { Assets } from "../../constructs/lake/assets";
import { environments } from "../../environments";
import { at, fewFiles, synthesize } from "./fixture";

const ROOT = join(__dirname, "../..");

describe("shipped files", () => {
  const files = fewFiles();
  const { outdir, plan } = synthesize(environments, files);

  test.each(environments.map(({ name }) => name))(
    "%s carries each beside its plan, by a relative path",
    (name) => {
      const objects = plan(name)
        .all("google_storage_bucket_object")
        .filter((item) => item.source !== undefined);
      const expected = [...files.dags, ...files.modules, ...files.samples, ...files.jars];
      // Besides: the Python packages, once for the cluster and once for Composer.
      expect(objects).toHaveLength(expected.length + 2);
      for (const file of expected) {
        const object = objects.find((item) => item.name === file);
        const source = String(object?.source);
        expect(source).toMatch(/^assets\//);
        expect(readFileSync(join(outdir, "stacks", name, source), "utf8")).toBe(`content of ${file}`);
      }
    },
  );

  test("keep their address and path when their content changes", () => {
    writeFileSync(join(files.root, "pyspark-jobs/database_utils.py"), "other content");
    const again = synthesize(environments, files);
    expect(Object.fromEntries(again.plan("dev").resources)).toEqual(
      Object.fromEntries(plan("dev").resources),
    );
    const object = again.plan("dev").named("google_storage_bucket_object", "pyspark-jobs/database_utils.py");
    expect(readFileSync(join(again.outdir, "stacks/dev", String(object.source)), "utf8")).toBe(
      "other content",
    );
  });

  test("that are shipped no more are removed", () => {
    const stale = join(outdir, "stacks/dev/assets/stale.py");
    writeFileSync(stale, "");
    synthesize(environments, files, outdir);
    expect(existsSync(stale)).toBe(false);
  });

  test("two that would overwrite each other are refused", () => {
    const assets = new Assets(new TerraformStack(new App({ outdir }), "one"), files.root);
    expect(assets.add("dags/a.py")).toBe("assets/dags-a.py");
    expect(() => assets.add("dags-a.py")).toThrow(
      "dags-a.py and dags/a.py cannot both be shipped: both become dags-a.py",
    );
  });

  test("go to the buckets that their readers use", () => {
    const bucketOf = (name: string): unknown =>
      at(plan("dev").named("google_storage_bucket_object", name), "bucket");
    expect(bucketOf("dags/sales_etl_dag.py")).toMatch(/lake_composer_bucket/);
    expect(bucketOf("pyspark-jobs/sales_analytics_direct.py")).toMatch(/lake_data_bucket/);
    expect(bucketOf("jars/postgresql-42.7.14.jar")).toMatch(/lake_data_bucket/);
  });
});

describe("what is found to ship", () => {
  const found = findArtifacts(ROOT);

  test("is every module, schema, DAG file and sample, the driver and the packages", () => {
    expect(found.modules).toEqual(
      expect.arrayContaining([
        "pyspark-jobs/sales_analytics_direct.py",
        "pyspark-jobs/database_utils.py",
        "pyspark-jobs/sales_job/tables/schemas/daily_sales_summary.json",
        "pyspark-jobs/sales_job/tables/schemas/state/line_versions.json",
      ]),
    );
    expect(found.dags).toEqual(expect.arrayContaining(["dags/sales_etl_dag.py", "dags/.airflowignore"]));
    expect(found.samples).toEqual(
      expect.arrayContaining([
        "sample_data/reference_data/products.csv",
        "sample_data/sales_data/sales_data.csv",
      ]),
    );
    expect([...found.modules, ...found.dags].filter((file) => /__pycache__|\.pyc$/.test(file))).toEqual([]);
  });

  test("is no BigQuery connector: the image has its own (spark-bigquery-connector#949)", () => {
    expect(found.jars).toEqual([expect.stringMatching(/^jars\/postgresql-42\.7\.(\d+)\.jar$/)]);
    // CVE-2025-49146 is fixed in 42.7.7.
    expect(Number(/42\.7\.(\d+)/.exec(found.jars[0] ?? "")?.[1])).toBeGreaterThanOrEqual(7);
  });

  test("names a jar that set-up has not brought", () => {
    const root = mkdtempSync(join(tmpdir(), "no-jar-"));
    mkdirSync(join(root, "jars"));
    cpSync(join(ROOT, "jars/jars.json"), join(root, "jars/jars.json"));
    expect(() => findArtifacts(root)).toThrow(/^jars\/postgresql-42\.7\.\d+\.jar is missing: run npm start$/);
  });
});

/** A checkout of its own, so that no output of this one is touched. */
function checkout(...without: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  const linked = [
    "node_modules",
    "constructs",
    "environments",
    "stacks",
    "pyspark-jobs",
    "dags",
    "sample_data",
  ];
  for (const name of linked) symlinkSync(join(ROOT, name), join(folder, name));
  const copied = ["main.ts", "cdktf.json", "package.json", "tsconfig.json", "jars", "dist"];
  for (const name of copied) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of without) rmSync(join(folder, name));
  return folder;
}

function node(
  cwd: string,
  ...args: readonly string[]
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(
    process.execPath,
    ["--preserve-symlinks", "-r", "ts-node/register/transpile-only", ...args],
    { cwd, encoding: "utf8", env: { ...process.env, CHECKPOINT_DISABLE: "1" } },
  );
}

describe("main.ts", () => {
  test("writes four stacks", () => {
    const cwd = checkout();
    expect(node(cwd, "main.ts").status).toBe(0);
    expect(readdirSync(join(cwd, "cdktf.out/stacks")).sort()).toEqual([
      "bootstrap",
      "dev",
      "prod",
      "staging",
    ]);
  });

  test("prints one line when a shipped file is missing, and writes no stack", () => {
    const [jar] = findArtifacts(ROOT).jars;
    const cwd = checkout(String(jar));
    expect(node(cwd, "main.ts")).toMatchObject({
      status: 1,
      stderr: `${jar ?? ""} is missing: run npm start\n`,
    });
    expect(readdirSync(join(cwd, "cdktf.out/stacks"))).toEqual([]);
  });

  test("is the only file that synthesizes: importing any other writes nothing", () => {
    const cwd = checkout();
    const imports = ["./stacks/sales-platform-stack", "./stacks/bootstrap-stack", "./environments"];
    expect(node(cwd, "-e", imports.map((name) => `require("${name}")`).join(";")).status).toBe(0);
    expect(existsSync(join(cwd, "cdktf.out"))).toBe(false);
  });
});
