import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeJobArchive } from "./job-archive";

/** Files that the stack ships, as paths relative to `root`: the repository, or a folder that a test made. */
export interface ArtifactFiles {
  readonly root: string;
  /** Python files of `dags/`, and `.airflowignore`. */
  readonly dags: readonly string[];
  /** Entry of the job, and the modules beside it. */
  readonly jobFiles: readonly string[];
  /** Zip of the job's package, see {@link writeJobArchive}. */
  readonly jobArchive: string;
  /** Sample data. */
  readonly samples: readonly string[];
  /** Jars that the cluster's image lacks. */
  readonly jars: readonly string[];
  /** Zip of the Python packages that the cluster's image lacks. */
  readonly dependencies: string;
  /** The report without its figures. */
  readonly reportTemplate: string;
}

/** Beginnings of the names of all objects that the stack writes, by the role of their bucket. */
export const SHIPPED_PREFIXES: Readonly<Record<"data" | "composer" | "staging", readonly string[]>> = {
  data: ["pyspark-jobs/", "jars/", "sample_data/"],
  composer: ["dags/"],
  staging: ["job_logs/spark-events/.keep"],
};

const JOB_FOLDER = "pyspark-jobs";
const DEPENDENCIES_FILE = "dist/pyspark-dependencies.zip";
const REPORT_TEMPLATE_FILE = "dist/report_template.html";

interface JarList {
  readonly jars: readonly { readonly file: string; readonly ship: boolean }[];
}

/** Files below `root`/`directory` that `keep` accepts; sorted, so that every synth lists them in one order. */
function list(root: string, directory: string, keep: (name: string) => boolean): string[] {
  const from = join(root, directory);
  if (!existsSync(from)) return [];
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && keep(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter(
      (path) => !path.split("/").some((part) => part === "__pycache__" || /^\.(?!airflowignore$)/.test(part)),
    )
    .sort();
}

/**
 * Finds the files to ship and packs the job's package into its archive.
 *
 * @throws one line that names file and remedy where set-up has not yet brought a file
 */
export function findArtifacts(root: string): ArtifactFiles {
  const jarList = JSON.parse(readFileSync(join(root, "jars", "jars.json"), "utf8")) as JarList;
  const jars = jarList.jars.filter((jar) => jar.ship).map((jar) => `jars/${jar.file}`);
  for (const file of [...jars, DEPENDENCIES_FILE, REPORT_TEMPLATE_FILE]) {
    if (!existsSync(join(root, file))) throw new Error(`${file} is missing: run npm start`);
  }
  const python = (name: string): boolean => name.endsWith(".py");
  return {
    root,
    dags: list(root, "dags", (name) => python(name) || name === ".airflowignore"),
    jobFiles: list(root, JOB_FOLDER, python).filter((path) => path.split("/").length === 2),
    jobArchive: writeJobArchive(root),
    samples: list(root, "sample_data", (name) => name.endsWith(".csv") || name.endsWith(".csv.gz")),
    jars: [...jars].sort(),
    dependencies: DEPENDENCIES_FILE,
    reportTemplate: REPORT_TEMPLATE_FILE,
  };
}
