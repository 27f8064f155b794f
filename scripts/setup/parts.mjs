// Set-up: installs what a command needs and nothing twice. Everything lands inside the checkout and comes from lock files.
import { requireNode } from "./prerequisites.mjs";
import { bundle } from "./bundle.mjs";
import { java } from "./java.mjs";
import { jars } from "./jars.mjs";
import { node } from "./node.mjs";
import { environment, interpreter, uv } from "./python.mjs";

export { python } from "./files.mjs";

/** Each part: which parts it needs first, what it is, whether it is there, and how it is made. */
const parts = {
  node,
  uv,
  python: interpreter,
  java,
  job: environment("job", "Python packages of the job (Spark, DuckDB, PostgreSQL)"),
  airflow: environment("airflow", "Python packages of Airflow"),
  lint: environment("lint", "Linter of the workflows"),
  emulators: environment(
    "emulators",
    "Python packages of the rehearsal (emulators, Google's client libraries)",
  ),
  jars: jars("jars", "Java libraries"),
  // What the image of a cluster has; a run on this machine never loads them.
  connectors: jars(
    "connectors",
    "Java libraries that the Dataproc image has (connectors of Cloud Storage and BigQuery)",
  ),
  bundle,
};

export const partNames = Object.keys(parts);

/** What this process makes or has made. */
const made = new Map();

/**
 * Makes sure that parts are installed, side by side as far as none needs another; what is there already costs a few
 * milliseconds.
 * @param {(keyof typeof parts)[]} names
 */
export async function ensure(...names) {
  requireNode();
  const ends = await Promise.allSettled(names.map(ensureOne));
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

function ensureOne(name) {
  if (!made.has(name)) made.set(name, makeOne(parts[name]));
  return made.get(name);
}

async function makeOne({ needs, label, ready, make }) {
  if (ready()) return;
  await ensure(...needs);
  const start = Date.now();
  console.error(`set-up: ${label} ...`);
  await make();
  console.error(`set-up: ${label}: done in ${((Date.now() - start) / 1000).toFixed(0)} s`);
}
