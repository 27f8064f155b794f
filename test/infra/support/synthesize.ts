import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readWords } from "../../../constructs/catalog/words";
import { ArtifactFiles } from "../../../constructs/lake/artifact-files";
import { readTables } from "../../../constructs/warehouse/table-catalog";
import { readViews } from "../../../constructs/warehouse/views";
import { CiService } from "../../../environments/ci";
import { Environment } from "../../../environments/environment";
import { synthesize as synthesizeStacks, withoutStackTraces } from "../../../stacks/synthesize";
import { readSynthesized, Synthesized } from "./fixture";

const ROOT = join(__dirname, "../../..");
const SHIPPED = {
  dags: ["dags/.airflowignore", "dags/sales_etl_dag.py", "dags/sales_platform/settings.py"],
  jobFiles: ["pyspark-jobs/database_utils.py", "pyspark-jobs/sales_analytics_direct.py"],
  samples: ["sample_data/sales_data/sales_data.csv"],
  jars: ["jars/postgresql-42.7.14.jar"],
};
const ARCHIVES = {
  jobArchive: "dist/sales_job.zip",
  dependencies: "dist/pyspark-dependencies.zip",
  reportTemplate: "dist/report_template.html",
};

/** CI of an imagined repository: what bootstrap creates for it is part of every test. */
export const testCi: CiService = {
  issuer: "https://token.actions.githubusercontent.com",
  branch: "main",
  repository: { name: "owner/repository", id: "7001", ownerId: "42" },
};

/** A few small files of each kind: the plans of tests do not change with the DAGs' modules. */
export function fewFiles(): ArtifactFiles {
  const root = mkdtempSync(join(tmpdir(), "artifacts-"));
  for (const file of [...Object.values(SHIPPED).flat(), ...Object.values(ARCHIVES)]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `content of ${file}`);
  }
  return { root, ...SHIPPED, ...ARCHIVES };
}

/**
 * Synthesizes environments, and bootstrap for them, into a new folder or again into another's. Loads every construct:
 * a test that reads the stacks as they are takes `synthesizedStacks()` instead.
 */
export function synthesize(
  environments: readonly Environment[],
  files = fewFiles(),
  outdir = mkdtempSync(join(tmpdir(), "synth-")),
  ci = testCi,
): Synthesized {
  const [tables, streamed] = [readTables(ROOT, "published"), readTables(ROOT, "streamed")];
  const [views, words] = [readViews(ROOT), readWords(ROOT)];
  const notices = withoutStackTraces(() =>
    synthesizeStacks({ environments, ci, files, tables, streamed, views, words, outdir }),
  );
  return readSynthesized(outdir, notices);
}
