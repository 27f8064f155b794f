import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync, Zippable } from "fflate";

const PACKAGE = "pyspark-jobs/sales_job";
/** Where the archive is written, from the repository's root. */
export const JOB_ARCHIVE_FILE = "dist/sales_job.zip";

/** Zip stores local time without a zone; a local date gives the same bytes in every zone. */
const MTIME = new Date(1980, 0, 1);

/**
 * The job's package as one zip: modules, catalog files and queries, sorted, with a fixed time, so that equal sources give
 * equal bytes on every machine.
 *
 * @param root - folder that holds `pyspark-jobs/sales_job`
 */
export function jobArchive(root: string): Uint8Array {
  const folder = join(root, PACKAGE);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /\.(py|json|sql)$/.test(name) && !name.includes("__pycache__/"))
    .sort();
  if (!files.includes("__init__.py"))
    throw new Error(`${PACKAGE}/__init__.py is missing: restore the job's package`);
  const entries: Zippable = {};
  for (const name of files) entries[`sales_job/${name}`] = new Uint8Array(readFileSync(join(folder, name)));
  // Stored, not compressed: the bytes do not depend on a compressor's version, and a synth is faster.
  return zipSync(entries, { mtime: MTIME, level: 0 });
}

/**
 * Writes {@link jobArchive} below `root`. Renamed into place, because another synth may read it at the same time.
 *
 * @returns its path, relative to `root`
 */
export function writeJobArchive(root: string): string {
  const content = jobArchive(root);
  const file = join(root, JOB_ARCHIVE_FILE);
  mkdirSync(join(root, "dist"), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
  return JOB_ARCHIVE_FILE;
}
