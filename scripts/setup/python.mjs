// Python environments, each complete from a lock file with hashes; the first holds the installer of the others.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { requirePython } from "./prerequisites.mjs";
import { at, lockHash, python, read } from "./files.mjs";
import { install } from "./install.mjs";

const stamp = (environment) => at(".venv", environment, ".locked");

/** An environment is ready when it was completed from the lock file as it stands. */
function ready(environment) {
  const file = stamp(environment);
  return existsSync(file) && existsSync(python(environment)) && read(file) === lockHash(environment);
}

async function makeUv() {
  rmSync(at(".venv/uv"), { recursive: true, force: true });
  await install("uv", requirePython(), ["-m", "venv", at(".venv/uv")]);
  const pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"];
  await install("uv", python("uv"), [...pip, "-r", at("requirements/uv.txt")]);
  writeFileSync(stamp("uv"), lockHash("uv"));
}

async function makeEnvironment(name) {
  const uv = at(".venv/uv/bin/uv");
  const target = at(".venv", name);
  const interpreter = requirePython();
  await install(name, uv, ["venv", "--quiet", "--clear", "--no-config", "--python", interpreter, target]);
  await install(name, uv, [
    "pip",
    "sync",
    "--quiet",
    "--no-config",
    // A company's own certificates are in the system's store, not in uv's.
    "--system-certs",
    "--require-hashes",
    "--python",
    target,
    at("requirements", `${name}.txt`),
  ]);
  writeFileSync(stamp(name), lockHash(name));
}

export const uv = { needs: [], label: "uv, the Python installer", ready: () => ready("uv"), make: makeUv };

/** The part that installs requirements/`name`.txt. */
export const environment = (name, label) => ({
  needs: ["uv"],
  label,
  ready: () => ready(name),
  make: () => makeEnvironment(name),
});
