// Set-up: installs what a command needs and nothing twice. Everything lands inside the checkout and comes from lock files.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { requireJava, requireNode, requirePython } from "./prerequisites.mjs";
import { UserError, root, run } from "./process.mjs";

const at = (...parts) => join(root, ...parts);
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const read = (path) => readFileSync(path, "utf8");

/** The interpreter of one of the project's Python environments: "job", "airflow" or "uv". */
export const python = (environment) => at(".venv", environment, "bin/python");

/** Each part: whether it is there, how it is made, and which parts it needs first. */
const parts = {
  node: { needs: [], label: "Node packages", ready: nodeReady, make: makeNode },
  uv: { needs: [], label: "uv, the Python installer", ready: () => stamped("uv"), make: makeUv },
  job: {
    needs: ["uv"],
    label: "Python packages of the job (Spark, DuckDB, PostgreSQL)",
    ready: () => stamped("job"),
    make: () => makePython("job"),
  },
  airflow: {
    needs: ["uv"],
    label: "Python packages of Airflow",
    ready: () => stamped("airflow"),
    make: () => makePython("airflow"),
  },
  lint: {
    needs: ["uv"],
    label: "Linter of the workflows",
    ready: () => stamped("lint"),
    make: () => makePython("lint"),
  },
  emulators: {
    needs: ["uv"],
    label: "Python packages of the rehearsal (emulators, Google's client libraries)",
    ready: () => stamped("emulators"),
    make: () => makePython("emulators"),
  },
  jars: {
    needs: ["job"],
    label: "Java libraries",
    ready: () => jarsReady(localJars()),
    make: () => makeJars(localJars()),
  },
  connectors: {
    needs: ["job"],
    label: "Java libraries that the Dataproc image has (connectors of Cloud Storage and BigQuery)",
    ready: () => jarsReady(connectors()),
    make: () => makeJars(connectors()),
  },
  bundle: {
    needs: ["uv"],
    label: "Python packages that ship with the job",
    ready: bundleReady,
    make: makeBundle,
  },
};

/**
 * Makes sure that parts are installed; what is there already costs a few milliseconds.
 * @param {(keyof typeof parts)[]} names
 */
export async function ensure(...names) {
  requireNode();
  for (const name of names) {
    const part = parts[name];
    if (part.ready()) continue;
    await ensure(...part.needs);
    const start = Date.now();
    console.error(`set-up: ${part.label} ...`);
    await part.make();
    console.error(`set-up: ${part.label}: done in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  }
}

/** Runs a quiet installer; its output is shown only when it fails. */
async function install(command, args, options = {}) {
  const log = at(".setup", "install.log");
  mkdirSync(at(".setup"), { recursive: true });
  const file = openSync(log, "w");
  const started = Date.now();
  // A line every 15 seconds: a slow network looks different from a hang.
  const ticker = setInterval(() => {
    console.error(`set-up: ... still installing, ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }, 15_000);
  const code = await run(command, args, { stdio: ["ignore", file, file], ...options })
    .catch((error) => error.message)
    .finally(() => (clearInterval(ticker), closeSync(file)));
  if (code !== 0) {
    console.error(read(log).trimEnd().split("\n").slice(-20).join("\n"));
    throw new UserError(
      `'${command} ${args.slice(0, 3).join(" ")} ...' failed (${code}): see above; check the network and run the command again`,
    );
  }
}

// --- Node -----------------------------------------------------------------------------------------------------------

/** npm leaves a copy of the lock beside what it installed: equal versions mean nothing to do. */
function nodeReady() {
  const installed = at("node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const have = JSON.parse(read(installed)).packages;
  const want = JSON.parse(read(at("package-lock.json"))).packages;
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === "" || optional || have[path]?.version === version,
  );
}

async function makeNode() {
  await install("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

// --- Python ---------------------------------------------------------------------------------------------------------

/** An environment is ready when it was completed from the lock file as it stands. */
function stamped(environment) {
  const stamp = at(".venv", environment, ".locked");
  return existsSync(stamp) && existsSync(python(environment)) && read(stamp) === lockHash(environment);
}

const lockHash = (environment) => sha256(read(at("python", `${environment}.txt`)));
const stamp = (environment) => writeFileSync(at(".venv", environment, ".locked"), lockHash(environment));

async function makeUv() {
  const interpreter = requirePython();
  rmSync(at(".venv/uv"), { recursive: true, force: true });
  await install(interpreter, ["-m", "venv", at(".venv/uv")]);
  await install(python("uv"), [
    "-m",
    "pip",
    "install",
    "-q",
    "--disable-pip-version-check",
    "--require-hashes",
    "-r",
    at("python/uv.txt"),
  ]);
  stamp("uv");
}

async function makePython(environment) {
  const uv = at(".venv/uv/bin/uv");
  const target = at(".venv", environment);
  await install(uv, ["venv", "--quiet", "--clear", "--no-config", "--python", requirePython(), target]);
  await install(uv, [
    "pip",
    "sync",
    "--quiet",
    "--no-config",
    // A company's own certificates are in the system's store, not in uv's.
    "--system-certs",
    "--require-hashes",
    "--python",
    target,
    at("python", `${environment}.txt`),
  ]);
  stamp(environment);
}

// --- jars -----------------------------------------------------------------------------------------------------------

const listed = (list) => JSON.parse(read(at("jars", list))).jars;
const localJars = () => listed("jars.json");
/** What the image of a cluster has; a run on this machine never loads them. */
const connectors = () => listed("connectors.json");

function jarsReady(jars) {
  // The hash is checked when a jar is fetched and again before a deployment; here its presence is enough.
  return jars.every(({ file }) => existsSync(at("jars", file)));
}

/** Fetches the jars by coordinate with the Ivy that Spark itself ships, and checks each against its SHA-256. */
async function makeJars(jars) {
  const java = join(requireJava(), "bin/java");
  const spark = at(".venv/job/lib/python3.11/site-packages/pyspark/jars");
  const work = at(".setup/ivy");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const dependencies = jars.map(({ coordinate }) => {
    const [organisation, name, version, classifier] = coordinate.split(":");
    const extra = classifier ? ` m:classifier="${classifier}"` : "";
    return `<dependency org="${organisation}" name="${name}" rev="${version}" transitive="false"><artifact name="${name}" type="jar" ext="jar"${extra}/></dependency>`;
  });
  writeFileSync(
    join(work, "settings.xml"),
    `<ivysettings><settings defaultResolver="central"/><resolvers><ibiblio name="central" m2compatible="true"/></resolvers></ivysettings>`,
  );
  writeFileSync(
    join(work, "ivy.xml"),
    `<ivy-module version="2.0" xmlns:m="http://ant.apache.org/ivy/maven"><info organisation="local" module="jars"/><dependencies>${dependencies.join("")}</dependencies></ivy-module>`,
  );
  const ivy = readdirSync(spark).find((name) => /^ivy-.*\.jar$/.test(name));
  await install(java, [
    `-Divy.default.ivy.user.dir=${work}`,
    "-jar",
    join(spark, ivy),
    "-settings",
    join(work, "settings.xml"),
    "-ivy",
    join(work, "ivy.xml"),
    "-retrieve",
    join(work, "[artifact]-[revision](-[classifier]).[ext]"),
  ]);
  for (const { file, sha256: want, coordinate } of jars) {
    const path = join(work, file);
    const got = existsSync(path) ? sha256(readFileSync(path)) : "nothing";
    if (got !== want)
      throw new UserError(
        `${coordinate}: SHA-256 is ${got}, its list in jars/ says ${want}: do not use this file; check the mirror or the pin`,
      );
    renameSync(path, at("jars", file));
  }
  rmSync(work, { recursive: true, force: true });
}

// --- the job's packages for the cloud -------------------------------------------------------------------------------

const bundle = at("dist/pyspark-dependencies.zip");

/** What the archive is made from: the packages, and how they are packed. */
const bundleHash = () => `${lockHash("pyspark")} ${sha256(read(at("scripts/lib/zip_reproducibly.py")))}`;

function bundleReady() {
  const lock = `${bundle}.locked`;
  return existsSync(bundle) && existsSync(lock) && read(lock) === bundleHash();
}

/** One archive, the same bytes on every machine: pure-Python wheels, sorted, with a fixed time. */
async function makeBundle() {
  const work = at(".setup/bundle");
  rmSync(work, { recursive: true, force: true });
  await install(python("uv"), [
    "-m",
    "pip",
    "install",
    "-q",
    "--disable-pip-version-check",
    "--no-compile",
    "--no-deps",
    "--require-hashes",
    "--only-binary",
    ":all:",
    "--platform",
    "any",
    "--implementation",
    "py",
    "--abi",
    "none",
    "--python-version",
    "3.11",
    "--target",
    work,
    "-r",
    at("python/pyspark.txt"),
  ]);
  mkdirSync(at("dist"), { recursive: true });
  await install(python("uv"), [at("scripts/lib/zip_reproducibly.py"), work, bundle]);
  writeFileSync(`${bundle}.locked`, bundleHash());
  rmSync(work, { recursive: true, force: true });
}
