import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What is shipped, as paths relative to a root: the repository, or a directory that a test made. */
export interface ArtifactFiles {
  readonly root: string;
  readonly dags: readonly string[];
  readonly modules: readonly string[];
  readonly samples: readonly string[];
  readonly jars: readonly string[];
  /** Zip of the Python packages that the image lacks. */
  readonly dependencies: string;
}

export const JOB_FILE = "pyspark-jobs/sales_analytics_direct.py";
export const DEPENDENCIES_FILE = "dist/pyspark-dependencies.zip";

interface JarList {
  readonly jars: readonly { readonly file: string; readonly ship: boolean }[];
}

/** Files under `root`/`directory`, deep, that `keep` accepts; sorted, so that every synth says the same. */
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
 * Finds what there is to ship.
 *
 * @throws one line naming the file and the remedy where set-up has not brought one yet
 */
export function findArtifacts(root: string): ArtifactFiles {
  const jarList = JSON.parse(readFileSync(join(root, "jars", "jars.json"), "utf8")) as JarList;
  const jars = jarList.jars.filter((jar) => jar.ship).map((jar) => `jars/${jar.file}`);
  for (const file of [...jars, DEPENDENCIES_FILE]) {
    if (!existsSync(join(root, file))) throw new Error(`${file} is missing: run npm start`);
  }
  const python = (name: string): boolean => name.endsWith(".py");
  return {
    root,
    dags: list(root, "dags", (name) => python(name) || name === ".airflowignore"),
    modules: list(root, "pyspark-jobs", (name) => python(name) || name.endsWith(".json")),
    samples: list(root, "sample_data", (name) => name.endsWith(".csv") || name.endsWith(".csv.gz")),
    jars: [...jars].sort(),
    dependencies: DEPENDENCIES_FILE,
  };
}
