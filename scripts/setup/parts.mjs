// Set-up: installs what a command needs, once. Everything is installed inside the checkout and locked with hashes.
import { requireNode } from "./prerequisites.mjs";
import { bundle } from "./bundle.mjs";
import { java } from "./java.mjs";
import { jars } from "./jars.mjs";
import { node } from "./node.mjs";
import { environment, interpreter, uv } from "./python.mjs";
import { report } from "./report.mjs";

export { python } from "./files.mjs";

/** Each part: the parts it needs first, a label, whether it is installed, and how to install it. */
const parts = {
  node,
  uv,
  python: interpreter,
  java,
  job: environment("job", "Python packages of the job (Spark, DuckDB, PostgreSQL)"),
  forecast: environment("forecast", "Python packages of the forecast (statsmodels)"),
  airflow: environment("airflow", "Python packages of Airflow"),
  lint: environment("lint", "Linter of the workflows"),
  emulators: environment(
    "emulators",
    "Python packages of the rehearsal (emulators, Google's client libraries)",
  ),
  jars: jars("jars", "Java libraries"),
  // The Dataproc image has them; a run on this machine never loads them.
  connectors: jars(
    "connectors",
    "Java libraries that the Dataproc image has (connectors of Cloud Storage and BigQuery)",
  ),
  bundle,
  report,
};

export const partNames = Object.keys(parts);

/** The parts that this process installs or has installed. */
const started = new Map();

/**
 * Installs the parts that are missing, side by side unless one needs another. Checking an installed part takes a few
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
  if (!started.has(name)) started.set(name, makeOne(parts[name]));
  return started.get(name);
}

async function makeOne({ needs, label, ready, make }) {
  if (ready()) return;
  await ensure(...needs);
  const start = Date.now();
  console.error(`set-up: ${label} ...`);
  await make();
  console.error(`set-up: ${label}: done in ${((Date.now() - start) / 1000).toFixed(0)} s`);
}
