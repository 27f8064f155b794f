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
import { findArtifacts } from "../../constructs/lake/artifact-files";
import { jobArchive } from "../../constructs/lake/job-archive";
import { environments } from "../../environments";
import { at } from "./support/fixture";
import { fewFiles, synthesize } from "./support/synthesize";

const ROOT = join(__dirname, "../..");

describe("shipped files", () => {
  const files = fewFiles();
  const { outdir, plan } = synthesize(environments, files);

  test.each(environments.map(({ name }) => name))(
    "%s has a copy of each beside its plan, at a relative path",
    (name) => {
      const objects = plan(name)
        .all("google_storage_bucket_object")
        .filter((item) => item.source !== undefined);
      const ofFile: Record<string, string> = {
        "pyspark-jobs/sales_job.zip": files.jobArchive,
        "dags/sales_platform/sales_job.zip": files.jobArchive,
        "pyspark-jobs/dependencies.zip": files.dependencies,
        "dags/sales_platform/dependencies.zip": files.dependencies,
        "dags/sales_platform/report_template.html": files.reportTemplate,
      };
      for (const file of [...files.dags, ...files.jobFiles, ...files.samples, ...files.jars])
        ofFile[file] = file;
      expect(objects.map((item) => String(item.name)).sort()).toEqual(Object.keys(ofFile).sort());
      for (const { name: object, source } of objects) {
        expect(source).toMatch(/^assets\//);
        expect(readFileSync(join(outdir, "stacks", name, String(source)), "utf8")).toBe(
          `content of ${ofFile[String(object)] ?? ""}`,
        );
      }
    },
  );

  test("keep their address and path when their content changes", () => {
    writeFileSync(join(files.root, "pyspark-jobs/database_utils.py"), "other content");
    const again = synthesize(
      environments.filter(({ name }) => name === "dev"),
      files,
    );
    expect(Object.fromEntries(again.plan("dev").resources)).toEqual(
      Object.fromEntries(plan("dev").resources),
    );
    const object = again.plan("dev").named("google_storage_bucket_object", "pyspark-jobs/database_utils.py");
    expect(readFileSync(join(again.outdir, "stacks/dev", String(object.source)), "utf8")).toBe(
      "other content",
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

describe("the files to ship", () => {
  const found = findArtifacts(ROOT);

  test("are the job's entry and archive, every DAG file and sample, the driver and the packages", () => {
    expect(found.jobFiles).toEqual([
      "pyspark-jobs/database_utils.py",
      "pyspark-jobs/sales_analytics_direct.py",
    ]);
    expect(found).toMatchObject({
      jobArchive: "dist/sales_job.zip",
      dependencies: "dist/pyspark-dependencies.zip",
      reportTemplate: "dist/report_template.html",
    });
    expect(found.dags).toEqual(expect.arrayContaining(["dags/sales_etl_dag.py", "dags/.airflowignore"]));
    expect(found.samples).toEqual(
      expect.arrayContaining([
        "sample_data/reference_data/products.csv",
        "sample_data/sales_data/sales_data.csv",
      ]),
    );
    expect([...found.jobFiles, ...found.dags].filter((file) => /__pycache__|\.pyc$/.test(file))).toEqual([]);
  });

  test("include no BigQuery connector: the image has its own (spark-bigquery-connector#949)", () => {
    expect(found.jars).toEqual([expect.stringMatching(/^jars\/postgresql-42\.7\.(\d+)\.jar$/)]);
    // CVE-2025-49146 is fixed in 42.7.7.
    expect(Number(/42\.7\.(\d+)/.exec(found.jars[0] ?? "")?.[1])).toBeGreaterThanOrEqual(7);
  });

  test("name a jar that set-up has not brought", () => {
    const root = mkdtempSync(join(tmpdir(), "no-jar-"));
    mkdirSync(join(root, "jars"));
    cpSync(join(ROOT, "jars/jars.json"), join(root, "jars/jars.json"));
    expect(() => findArtifacts(root)).toThrow(/^jars\/postgresql-42\.7\.\d+\.jar is missing: run npm start$/);
  });
});

describe("the job's archive", () => {
  const python = (program: string, archive: string, env: Record<string, string> = {}): string => {
    const { status, stdout, stderr } = spawnSync("python3", ["-c", program, archive], {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.trim();
  };
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  const file = join(folder, "sales_job.zip");
  writeFileSync(file, jobArchive(ROOT));

  test("holds the package as Python imports it, catalog included, and no byte code", () => {
    const names = JSON.parse(
      python("import json,sys,zipfile; print(json.dumps(zipfile.ZipFile(sys.argv[1]).namelist()))", file),
    ) as string[];
    const inFolder = readdirSync(join(ROOT, "pyspark-jobs/sales_job"), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(py|json|sql)$/.test(name))
      .map((name) => `sales_job/${name}`);
    expect(names).toEqual(inFolder.sort());
    const read =
      "import sys; sys.path.insert(0, sys.argv[1]); from importlib import resources; import sales_job.tables; " +
      "print((resources.files('sales_job.tables') / 'published' / 'daily_sales_summary.json').read_text())";
    const table = JSON.parse(python(read, file)) as { partition_by: string };
    expect(table.partition_by).toBe("transaction_date");
  });

  test("has the same bytes in every zone and whenever its files were written", () => {
    const copy = mkdtempSync(join(tmpdir(), "archive-copy-"));
    cpSync(join(ROOT, "pyspark-jobs/sales_job"), join(copy, "pyspark-jobs/sales_job"), {
      recursive: true,
      filter: (name) => !name.includes("__pycache__"),
    });
    const program =
      "const { jobArchive } = require('./constructs/lake/job-archive');" +
      `process.stdout.write(Buffer.from(jobArchive(${JSON.stringify(copy)})).toString('base64'))`;
    for (const TZ of ["UTC", "Pacific/Kiritimati"]) {
      const { stdout } = spawnSync(
        process.execPath,
        ["-r", "ts-node/register/transpile-only", "-e", program],
        { cwd: ROOT, encoding: "utf8", env: { ...process.env, TZ } },
      );
      expect(stdout).toBe(readFileSync(file).toString("base64"));
    }
  });

  test("names the package when it is not there", () => {
    const root = mkdtempSync(join(tmpdir(), "no-package-"));
    mkdirSync(join(root, "pyspark-jobs/sales_job"), { recursive: true });
    expect(() => jobArchive(root)).toThrow(
      "pyspark-jobs/sales_job/__init__.py is missing: restore the job's package",
    );
  });
});

/** A checkout of its own, so that the output of this one stays as it is. */
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
    "cost",
  ];
  for (const name of linked) symlinkSync(join(ROOT, name), join(folder, name));
  for (const name of ["main.ts", "cdktf.json", "package.json", "tsconfig.json"])
    cpSync(join(ROOT, name), join(folder, name));
  // Folders of their own, of links: the jars are large.
  for (const name of ["jars", "dist"]) {
    mkdirSync(join(folder, name));
    for (const file of readdirSync(join(ROOT, name)))
      symlinkSync(join(ROOT, name, file), join(folder, name, file));
  }
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
  test("writes a stack for each environment, and bootstrap", () => {
    const cwd = checkout();
    expect(node(cwd, "main.ts").status).toBe(0);
    expect(readdirSync(join(cwd, "cdktf.out/stacks")).sort()).toEqual(
      ["bootstrap", ...environments.map(({ name }) => name)].sort(),
    );
  });

  test("prints one line when a shipped file is missing, and writes no stack", () => {
    const [jar] = findArtifacts(ROOT).jars;
    const cwd = checkout(String(jar));
    expect(node(cwd, "main.ts")).toMatchObject({
      status: 1,
      stderr: `${jar ?? ""} is missing: run npm start\n`,
    });
    expect(existsSync(join(cwd, "cdktf.out"))).toBe(false);
  });

  test("is the only file that synthesizes: importing any other writes nothing", () => {
    const cwd = checkout();
    const imports = ["./stacks/sales-platform-stack", "./stacks/bootstrap-stack", "./environments"];
    expect(node(cwd, "-e", imports.map((name) => `require("${name}")`).join(";")).status).toBe(0);
    expect(existsSync(join(cwd, "cdktf.out"))).toBe(false);
  });
});
