// The Python packages that ship with the job to the cloud.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { at, lockHash, python, read, sha256 } from "./files.mjs";
import { install } from "./install.mjs";
import { PYTHON } from "./prerequisites.mjs";

const file = at("dist/pyspark-dependencies.zip");

/** Hash of the archive's inputs: the packages and the packing program. */
const hash = () => `${lockHash("pyspark")} ${sha256(read(at("scripts/setup/zip_reproducibly.py")))}`;

function ready() {
  const lock = `${file}.locked`;
  return existsSync(file) && existsSync(lock) && read(lock) === hash();
}

/** One archive, the same bytes on every machine: pure-Python wheels, sorted, with a fixed time. */
async function make() {
  const work = at(".setup/bundle");
  rmSync(work, { recursive: true, force: true });
  const pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile", "--no-deps"];
  const pure = ["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"];
  // pip would hold the packages to the Python that it runs on, not to the cluster's.
  const version = ["--python-version", PYTHON, "--ignore-requires-python"];
  const from = ["--require-hashes", "-r", at("requirements/pyspark.txt")];
  await install("bundle", python("uv"), [...pip, ...pure, ...version, ...from, "--target", work]);
  mkdirSync(at("dist"), { recursive: true });
  await install("bundle", python("uv"), [at("scripts/setup/zip_reproducibly.py"), work, file]);
  writeFileSync(`${file}.locked`, hash());
  rmSync(work, { recursive: true, force: true });
}

export const bundle = { needs: ["uv"], label: "Python packages that ship with the job", ready, make };
