// An archive of the classes that a run of the job loads, parsed and verified: its JVM starts in seconds less.
//
// Nothing depends on it. The JVM takes no archive of another Java or other jars, and goes on without.
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findJava } from "./prerequisites.mjs";
import { UserError } from "../lib/cli.mjs";
import { root } from "../lib/process.mjs";
import { sparkEnvironment } from "../local/spark.mjs";
import { at, lockHash, python, read, sha256 } from "./files.mjs";
import { install } from "./install.mjs";

const archive = at(".setup/classes.jsa");
const key = `${archive}.key`;

/** What it is made of: Java's build, Spark's jars and the folder that they lie in. */
const wanted = () => [findJava().build, lockHash("job"), sha256(read(at("jars/jars.json"))), root].join("\n");

const ready = () => existsSync(key) && read(key) === wanted();

/** Runs the job on one day of the sample data. What fails is not tried again before every run. */
async function make() {
  const work = at(".setup/training");
  const [part, warehouse] = [join(work, "classes.jsa"), join(work, "warehouse")];
  for (const path of [work, archive, key]) rmSync(path, { recursive: true, force: true });
  const day = ["--start", "2026-03-14", "--end", "2026-03-15"];
  const job = ["--lake", at("sample_data"), "--warehouse", warehouse, ...day];
  try {
    await install("classes", python("job"), [at("scripts/setup/train_classes.py"), part, ...job], {
      env: sparkEnvironment(),
    });
    renameSync(part, archive);
  } catch (error) {
    const failed = error instanceof UserError ? error.code === 1 : error.code === "ENOENT";
    if (!failed) throw error;
    console.error(
      "set-up: no archive was made, runs start without one; to try again, delete .setup/classes.jsa.key",
    );
  }
  writeFileSync(key, wanted());
  rmSync(work, { recursive: true, force: true });
}

export const classes = {
  needs: ["job", "jars"],
  label: "Archive of Spark's classes, for a quicker start",
  ready,
  make,
};
